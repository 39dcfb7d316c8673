"""The rules of clusters that the stack makes: what OpenStack and AWS would refuse, or do other than the file says."""

import ipaddress
from collections.abc import Iterator, Sequence

from infra.aws.spec import SYSTEM, AwsClusterSpec
from infra.aws.subnets import LONGEST_PREFIX
from infra.openstack.spec import OpenstackClusterSpec
from stacks.cost import pools_of, unpriced
from stacks.site import Site
from stacks.site_errors import Keys, Problem, did_you_mean

_EVERYWHERE = 0
"""Length of the prefix of a network that is all of the internet."""


def cloud_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with a cluster that the stack makes."""
    cluster = site.cluster
    if cluster.kind == "openstack":
        yield from _openstack_problems(site, cluster)
    elif cluster.kind == "aws":
        yield from _aws_problems(cluster)
        if cluster.zone is not None:
            yield from _host_in_zone(site, ("cluster", "zone"), cluster.zone)
    if cluster.made:
        yield from _collections_problems(site)


def price_problems(site: Site) -> Iterator[Problem]:
    """Yield machines without a price, and prices of machines that the site does not have."""
    if site.prices is None:
        return
    missing = unpriced(site)
    if missing:
        rule = f"has no price for {', '.join(missing)}: the estimate would leave them out"
        yield Problem(("prices", "machines"), rule)
    known = {nodes.machine for nodes in pools_of(site).values()}
    for machine in site.prices.machines:
        if machine not in known:
            near = did_you_mean(machine, known)
            rule = f"is no machine of the site, which has: {', '.join(sorted(known)) or 'none that it makes'}{near}"
            yield Problem(("prices", "machines", machine), rule, "key")


def _openstack_problems(site: Site, cluster: OpenstackClusterSpec) -> Iterator[Problem]:
    for name, pool in cluster.node_pools.items():
        if pool.maximum is not None and pool.maximum < pool.nodes:
            path = ("cluster", "nodePools", name, "maximum")
            yield Problem(path, f"must not be less than nodes, {pool.nodes}")
    wanted = site.storage.sizes
    for purpose, share in cluster.shares.items():
        path = ("cluster", "shares", purpose)
        if purpose not in wanted:
            yield Problem(path, f"makes no share: storage has no {purpose}; there are: {', '.join(wanted)}")
        if share.protocol == "CEPHFS" and share.ceph_cluster is None:
            rule = "is needed with CEPHFS: the clusterID by which the cluster's ceph-csi driver knows the monitors"
            yield Problem((*path, "cephCluster"), rule)
        if share.protocol == "NFS" and share.ceph_cluster is not None:
            yield Problem((*path, "cephCluster"), "has no effect with NFS")
    yield from _open_api(cluster.kubernetes.api_from)
    if cluster.dns is not None:
        yield from _host_in_zone(site, ("cluster", "dns", "zone"), cluster.dns.zone.removesuffix("."))


def _aws_problems(cluster: AwsClusterSpec) -> Iterator[Problem]:
    network = ipaddress.ip_network(cluster.network.cidr)
    path: Keys = ("cluster", "network", "cidr")
    if network.version != 4:  # noqa: PLR2004 - IPv4
        yield Problem(path, "must be an IPv4 network")
    elif network.prefixlen > LONGEST_PREFIX:
        yield Problem(path, f"is too small for nodes and pods: a /{LONGEST_PREFIX} at least")
    for position, zone in enumerate(cluster.network.zones):
        path = ("cluster", "network", "zones", position)
        if not zone.startswith(cluster.region):
            yield Problem(path, f"is not a zone of {cluster.region}")
        if zone in cluster.network.zones[:position]:
            yield Problem(path, "is there already")
    for name, pool in cluster.node_pools.items():
        path = ("cluster", "nodePools", name)
        if name == SYSTEM:
            yield Problem(path, "is the platform's own pool: cluster.kubernetes says what it has")
        if pool.maximum < pool.minimum:
            yield Problem((*path, "maximum"), f"must not be less than minimum, {pool.minimum}")
    yield from _open_api(cluster.kubernetes.api_from)


def _open_api(networks: Sequence[str]) -> Iterator[Problem]:
    for position, cidr in enumerate(networks):
        if ipaddress.ip_network(cidr).prefixlen == _EVERYWHERE:
            rule = "is everyone: name the networks of those who run the site"
            yield Problem(("cluster", "kubernetes", "apiFrom", position), rule)


def _host_in_zone(site: Site, path: Keys, zone: str) -> Iterator[Problem]:
    host = site.edge.host
    if host != zone and not host.endswith(f".{zone}"):
        yield Problem(path, f"does not hold edge.host, {host}")


def _collections_problems(site: Site) -> Iterator[Problem]:
    for name, collection in site.storage.collections.items():
        if collection.own:
            rule = "has to be there already: clouds make no share for it. Name its nfs or csi volume"
            yield Problem(("storage", "data", "collections", name), rule)
