"""Room made before it is asked for: images on every node, and empty pods that give way to users' servers."""

from collections.abc import Sequence

from components.hub.settings import node_placement, priority_class
from components.hub.spec import ProfileSpec
from components.objects import Container, Manifest, Pod, Resources, content_hash, daemon_set, deployment
from infra.spec import NodePoolSpec

PRE_PULL = "image-pre-pull"
PLACEHOLDER = "user-placeholder"
NOT_AWAITED = {"pulumi.com/skipAwait": "true"}
"""Annotation of what is ready when it can be: an image takes its time, a placeholder waits for room by design."""

_TINY = Resources(cpu="1m", memory="16Mi", cpu_limit="50m", memory_limit="32Mi")


def pre_pull(site: str, images: Sequence[str], idle_image: str) -> Manifest:
    """Return the DaemonSet that makes every node fetch the images, then waits."""
    fetches = [
        Container(name=f"fetch-{content_hash(image)}", image=image, command=["true"], resources=_TINY)
        for image in sorted(set(images))
    ]
    wait = Container(name="wait", image=idle_image, command=["sleep", "infinity"], resources=_TINY)
    pod = Pod(
        containers=[wait],
        init_containers=fetches,
        grace_seconds=0,
        # Nodes that are kept for some profiles need their images as well.
        tolerations=[{"operator": "Exists", "effect": "NoSchedule"}],
        priority_class=priority_class(site, "placeholder"),
    )
    return _not_awaited(daemon_set(site, PRE_PULL, pod))


def placeholders(
    site: str, count: int, profile: ProfileSpec, pool: NodePoolSpec | None, idle_image: str
) -> Manifest:
    """Return the Deployment of empty pods, each the size of the profile's guarantee."""
    cpu = f"{round(profile.cpu.guarantee * 1000)}m"
    resources = Resources(cpu=cpu, memory=profile.memory.guarantee, cpu_limit=cpu)
    placement = node_placement(pool)
    pod = Pod(
        containers=[
            Container(
                name="placeholder", image=idle_image, command=["sleep", "infinity"], resources=resources
            )
        ],
        priority_class=priority_class(site, "placeholder"),
        grace_seconds=0,
        node_selector=placement["nodeSelector"],
        tolerations=placement["tolerations"],
    )
    return _not_awaited(deployment(site, PLACEHOLDER, pod, replicas=count))


def _not_awaited(manifest: Manifest) -> Manifest:
    return manifest | {"metadata": manifest["metadata"] | {"annotations": NOT_AWAITED}}
