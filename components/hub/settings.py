"""What the hub's configuration reads: the site's values in the hub's own units, as one JSON document.

The reader is ``files/jupyterhub_config.py``. Cores are floats, memory is bytes, times are seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.hub.spec import HubSpec, ProfileSpec
from components.objects import labels
from components.policies import USER_SERVER
from components.storage.volumes import Volumes
from infra.fields import bytes_of, seconds_of
from infra.spec import NodePoolSpec


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the hub is told of the other layers.

    Parameters
    ----------
    site, title, namespace, url
        The site's name, its title, its namespace and the URL that people open.
    identity
        Settings of the identity layer.
    volumes
        The site's claims, and who may enter what.
    node_pools
        Node pools that profiles may name.
    services
        Services with a token of their own: name to scopes.
    doors
        Those of the services that users' tokens open.
    environment
        What other layers want in the environment of people's servers.
    image
        Returns the full reference of one of the project's images.
    """

    site: str
    title: str
    namespace: str
    url: str
    identity: Mapping[str, Any]
    volumes: Volumes
    node_pools: Mapping[str, NodePoolSpec]
    services: Mapping[str, tuple[str, ...]]
    doors: Sequence[str]
    environment: Mapping[str, str]
    image: Callable[[str], str]


def profile_image(profile: ProfileSpec, image: Callable[[str], str]) -> str:
    """Return the full reference of a profile's image."""
    return profile.image if "/" in profile.image else image(profile.image)


def node_placement(pool: NodePoolSpec | None) -> dict[str, Any]:
    """Return how a pod is put on a pool's nodes: ``nodeSelector`` and ``tolerations``."""
    if pool is None:
        return {"nodeSelector": {}, "tolerations": []}
    tolerations = [{"key": key, "operator": "Equal", "value": value} for key, value in pool.taints.items()]
    return {"nodeSelector": dict(pool.labels), "tolerations": tolerations}


def profile_settings(profile: ProfileSpec, around: Surroundings) -> dict[str, Any]:
    """Return one profile as the hub's configuration reads it."""
    pool = around.node_pools[profile.node_pool] if profile.node_pool else None
    return {
        "title": profile.title,
        "description": profile.description,
        "cpu": {"guarantee": profile.cpu.guarantee, "limit": profile.cpu.limit},
        "memory": {
            "guarantee": bytes_of(profile.memory.guarantee),
            "limit": bytes_of(profile.memory.limit),
        },
        "image": profile_image(profile, around.image),
        "gpus": profile.gpus,
        "gpuResource": pool.gpu_resource if pool else "nvidia.com/gpu",
        **node_placement(pool),
        "groups": list(profile.groups),
        "default": profile.default,
    }


def priority_class(site: str, kind: str) -> str:
    """Return the name of one of a site's priority classes: ``core``, ``user`` or ``placeholder``."""
    return f"science-{site}-{kind}"


def volume_settings(volumes: Volumes) -> dict[str, Any]:
    """Return what servers mount, and who may enter what; None for what the site has not."""
    spaces = {name: space.model_dump(mode="json", by_alias=True) for name, space in volumes.spaces.items()}
    software = volumes.software
    return {
        "homes": {"claim": volumes.homes},
        "projects": {"claim": volumes.projects, "spaces": spaces} if volumes.projects else None,
        "scratch": {"claim": volumes.scratch} if volumes.scratch else None,
        "software": {"claim": software.claim, "readWrite": list(software.read_write)} if software else None,
        "collections": {
            name: {
                "claim": each.claim,
                "title": each.title,
                "groups": list(each.groups),
                "readWrite": list(each.read_write),
            }
            for name, each in volumes.collections.items()
        },
    }


def hub_settings(spec: HubSpec, around: Surroundings) -> dict[str, Any]:
    """Return the whole document."""
    return {
        "site": around.site,
        "title": around.title,
        "namespace": around.namespace,
        "url": around.url,
        "identity": dict(around.identity),
        "profiles": {name: profile_settings(profile, around) for name, profile in spec.profiles.items()},
        "limits": {
            "servers": spec.limits.servers,
            "cpu": spec.limits.cpu,
            "memory": bytes_of(spec.limits.memory) if spec.limits.memory else None,
        },
        "culling": {
            "idle": seconds_of(spec.culling.idle),
            "maximumAge": seconds_of(spec.culling.maximum_age) if spec.culling.maximum_age else None,
            "every": seconds_of(spec.culling.every),
        },
        **volume_settings(around.volumes),
        "priorityClass": priority_class(around.site, "user"),
        "userNamespaces": spec.user_namespaces,
        "startTimeout": seconds_of(spec.start_timeout),
        "folderImage": around.image("base"),
        "services": {name: {"scopes": list(scopes)} for name, scopes in around.services.items()},
        "doors": list(around.doors),
        "environment": dict(around.environment),
        "state": {"kind": spec.state.kind},
        "labels": labels(around.site, USER_SERVER),
    }
