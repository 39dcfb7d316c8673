"""The rules between the values of a site: what each value allows, and the site as a whole does not.

Each rule is there because a site that breaks it would be refused by Kubernetes, would not work, or would be less
safe than its file says.
"""

import ipaddress
from collections.abc import Iterator, Mapping

from components.hub.spec import ProfileSpec
from infra.fields import bytes_of, seconds_of
from infra.spec import NodePoolSpec
from stacks.gates.references import floating
from stacks.site import Site
from stacks.site_access_rules import (
    bucket_problems,
    edge_problems,
    gateway_problems,
    identity_problems,
    image_problems,
)
from stacks.site_backup_rules import backup_problems
from stacks.site_cloud_rules import cloud_problems, price_problems
from stacks.site_errors import Keys, Problem, did_you_mean
from stacks.site_quota_rules import quota_problems
from stacks.site_storage_rules import storage_problems
from stacks.site_tap_rules import tap_problems

_SERVER_IMAGES = ("lab",)
"""The project's own images in which a user's server runs."""

_HUB_REQUEST = "300Mi"
"""Memory that the hub's pod asks for; Kubernetes refuses a limit below it."""

_METADATA_NETWORKS = (
    ipaddress.ip_network("169.254.0.0/16"),
    ipaddress.ip_network("fd00:ec2::/32"),
    ipaddress.ip_network("fe80::/10"),
)
"""Where clouds offer machines their credentials."""


def problems(site: Site) -> list[Problem]:
    """Return every broken rule that takes more than one value to see."""
    return [
        *edge_problems(site),
        *gateway_problems(site),
        *bucket_problems(site),
        *identity_problems(site),
        *image_problems(site),
        *_cluster_problems(site),
        *cloud_problems(site),
        *price_problems(site),
        *storage_problems(site),
        *quota_problems(site),
        *_profiles_problems(site),
        *_limit_problems(site),
        *_hub_problems(site),
        *tap_problems(site),
        *backup_problems(site),
    ]


def _cluster_problems(site: Site) -> Iterator[Problem]:
    cluster = site.cluster
    if cluster.kind == "local":
        return
    if not site.disposable and not cluster.network_policy:
        rule = (
            "must be true: where nothing enforces NetworkPolicies, user pods reach each other and the cloud's "
            "metadata service; only disposable sites may do without"
        )
        yield Problem(("cluster", "networkPolicy"), rule)


def _profiles_problems(site: Site) -> Iterator[Problem]:
    defaults = [name for name, profile in site.hub.profiles.items() if profile.default]
    if len(defaults) != 1:
        found = "none has" if not defaults else f"{' and '.join(defaults)} have"
        yield Problem(("hub", "profiles"), f"exactly one profile must have default: true; {found}")
    pools = site.cluster.pools
    titles: dict[str, str] = {}
    for name, profile in site.hub.profiles.items():
        path = ("hub", "profiles", name)
        yield from _resource_problems(path, profile)
        yield from _pool_problems(path, profile, pools)
        yield from _server_image_problems(path, profile)
        if profile.default and profile.groups:
            yield Problem((*path, "groups"), "the default profile must be open to everyone")
        first = titles.setdefault(profile.title.casefold(), name)
        if first != name:
            yield Problem(
                (*path, "title"), f"is the title of profile {first} too: users could not tell them apart"
            )


def _resource_problems(path: Keys, profile: ProfileSpec) -> Iterator[Problem]:
    if profile.cpu.guarantee > profile.cpu.limit:
        yield Problem((*path, "cpu", "guarantee"), f"must not exceed the limit, {profile.cpu.limit:g}")
    if bytes_of(profile.memory.guarantee) > bytes_of(profile.memory.limit):
        yield Problem((*path, "memory", "guarantee"), f"must not exceed the limit, {profile.memory.limit}")


def _pool_problems(path: Keys, profile: ProfileSpec, pools: Mapping[str, NodePoolSpec]) -> Iterator[Problem]:
    name = profile.node_pool
    if name is None:
        if profile.gpus:
            rule = "GPUs need a node pool: set nodePool to one of cluster.nodePools"
            yield Problem((*path, "gpus"), rule)
        return
    if name not in pools:
        known = ", ".join(pools) or "none"
        yield Problem(
            (*path, "nodePool"), f"is not in cluster.nodePools, which has: {known}{did_you_mean(name, pools)}"
        )
        return
    pool = pools[name]
    if profile.cpu.guarantee > pool.cpu:
        yield Problem(
            (*path, "cpu", "guarantee"), f"no node of {name} could hold it: they have {pool.cpu:g} cores"
        )
    if bytes_of(profile.memory.limit) > bytes_of(pool.memory):
        yield Problem((*path, "memory", "limit"), f"no node of {name} could hold it: they have {pool.memory}")
    if profile.gpus > pool.gpus:
        yield Problem((*path, "gpus"), f"no node of {name} could hold it: they have {pool.gpus}")


def _server_image_problems(path: Keys, profile: ProfileSpec) -> Iterator[Problem]:
    if "/" not in profile.image and profile.image not in _SERVER_IMAGES:
        near = did_you_mean(profile.image, _SERVER_IMAGES)
        rule = f"must be {' or '.join(_SERVER_IMAGES)}, or a full reference with registry and tag{near}"
        yield Problem((*path, "image"), rule)
    moves = floating(profile.image) if "/" in profile.image else None
    if moves:
        yield Problem((*path, "image"), f"{moves}: give a version, or a digest")


def _limit_problems(site: Site) -> Iterator[Problem]:
    limits = site.hub.limits
    for name, profile in site.hub.profiles.items():
        if limits.cpu is not None and profile.cpu.limit > limits.cpu:
            rule = f"profile {name} could never start: it has {profile.cpu.limit:g} cores"
            yield Problem(("hub", "limits", "cpu"), rule)
        if limits.memory is not None and bytes_of(profile.memory.limit) > bytes_of(limits.memory):
            rule = f"profile {name} could never start: it has {profile.memory.limit}"
            yield Problem(("hub", "limits", "memory"), rule)


def _hub_problems(site: Site) -> Iterator[Problem]:
    hub = site.hub
    placeholders = hub.placeholders
    if placeholders is not None and placeholders.profile not in hub.profiles:
        known = ", ".join(hub.profiles)
        near = did_you_mean(placeholders.profile, hub.profiles)
        yield Problem(("hub", "placeholders", "profile"), f"is not in hub.profiles, which has: {known}{near}")
    culling = hub.culling
    if seconds_of(culling.every) > seconds_of(culling.idle):
        rule = f"must not exceed culling.idle, {culling.idle}: servers would live longer than it says"
        yield Problem(("hub", "culling", "every"), rule)
    if culling.maximum_age and seconds_of(culling.maximum_age) <= seconds_of(culling.idle):
        rule = f"must exceed culling.idle, {culling.idle}, which would have no effect"
        yield Problem(("hub", "culling", "maximumAge"), rule)
    for name, destination in hub.network.allow.items():
        network = ipaddress.ip_network(destination.cidr)
        if any(_overlap(network, metadata) for metadata in _METADATA_NETWORKS):
            rule = "holds the cloud's metadata service, which gives out credentials: name smaller networks"
            yield Problem(("hub", "network", "allow", name, "cidr"), rule)
    if bytes_of(hub.memory) < bytes_of(_HUB_REQUEST):
        yield Problem(
            ("hub", "memory"), f"must be at least {_HUB_REQUEST}, what the hub needs with no server"
        )


def _overlap(
    one: ipaddress.IPv4Network | ipaddress.IPv6Network, other: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> bool:
    return one.version == other.version and one.overlaps(other)  # pyright: ignore[reportArgumentType] - same version
