"""What every gateway of files is as Kubernetes objects: one pod that the hub's tokens open."""

from collections.abc import Mapping, Sequence

from components.edge.manifests import COMPONENT as EDGE
from components.edge.manifests import MONITORING
from components.gateways.rooms import ROOMS_FOLDER, rooms_volumes
from components.hub.manifests import HUB, HUB_PORT, token_secret
from components.objects import (
    Container,
    Manifest,
    Pod,
    Resources,
    deployment,
    disruption_budget,
    env,
    http_probe,
    service,
)
from components.policies import DNS, egress, ingress, pods, policy
from components.storage.volumes import Volumes
from infra.fields import bytes_of

PORT = 8080
METRICS_PORT = 9090
TOKEN_FOLDER = "/run/secrets/hub"  # noqa: S105 - a path

LINGER_SECONDS = 5
"""How long a pod that is to end takes new requests on, while the cluster stops sending it any."""

DRAIN_SECONDS = 600
"""How long it then waits for requests under way: large uploads."""

GO_SHARE = 0.8
"""Part of the memory limit that the program keeps to, so that the kernel need not end it."""


def gateway_deployment(
    site: str,
    name: str,
    *,
    image: str,
    command: Sequence[str],
    memory: str,
    rooms: str,
    volumes: Volumes,
    secrets: Mapping[str, tuple[str, str]] | None = None,
) -> Manifest:
    """Return the Deployment of a gateway.

    Parameters
    ----------
    name
        Name of the service at the hub, of the component and of its image.
    rooms
        Name of the ConfigMap of the rooms.
    secrets
        Further Secrets: folder to the volume's name and the Secret's.
    """
    further = secrets or {}
    room_volumes, room_mounts = rooms_volumes(volumes)
    container = Container(
        name=name,
        image=image,
        command=command,
        resources=Resources(cpu="50m", memory="64Mi", cpu_limit="2", memory_limit=memory),
        ports={"http": PORT, "metrics": METRICS_PORT},
        env=env({"GOMEMLIMIT": str(int(bytes_of(memory) * GO_SHARE))}),
        mounts={
            ROOMS_FOLDER: {"name": "rooms", "readOnly": True},
            TOKEN_FOLDER: {"name": "token", "readOnly": True},
            **{folder: {"name": volume, "readOnly": True} for folder, (volume, _) in further.items()},
            **room_mounts,
        },
        readiness=http_probe(METRICS_PORT, "/readyz", periodSeconds=2),
        # A pod that drains is not ready, but must not be killed.
        liveness=http_probe(METRICS_PORT, "/healthz", periodSeconds=10, failureThreshold=6),
    )
    pod = Pod(
        containers=[container],
        volumes=[
            {"name": "rooms", "configMap": {"name": rooms}},
            {"name": "token", "secret": {"secretName": token_secret(name)}},
            *({"name": volume, "secret": {"secretName": secret}} for volume, secret in further.values()),
            *room_volumes,
        ],
        grace_seconds=LINGER_SECONDS + DRAIN_SECONDS + 10,
    )
    return deployment(site, name, pod)


def gateway_policy(site: str, name: str, *callers: str) -> Manifest:
    """Return who may reach a gateway, and what it may reach: the edge and callers come in, the hub is asked."""
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}}}
    return policy(
        site,
        name,
        ingress=[ingress(pods(site, EDGE, *callers), PORT), ingress([monitoring], METRICS_PORT)],
        egress=[DNS, egress(pods(site, HUB), HUB_PORT)],
    )


def gateway_objects(site: str, name: str, network_policy: Manifest) -> dict[str, Manifest]:
    """Return the objects of a gateway that no pod waits for, by kind."""
    return {
        f"{name}-service": service(site, name, {"http": PORT}),
        f"{name}-budget": disruption_budget(site, name),
        f"{name}-policy": network_policy,
    }
