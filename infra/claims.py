"""What a site file claims of an existing cluster, held against the cluster.

`examine` is pure: claims and facts in, findings out. `observe` gathers the facts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra.spec import AccessMode, ExistingClusterSpec, Purpose, VolumeSourceSpec

OLDEST_MINOR = 34
"""Oldest minor version of Kubernetes 1 that the platform is tested with."""

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"

ENFORCERS = {
    "calico-node": "Calico",
    "cilium": "Cilium",
    "antrea-agent": "Antrea",
    "kube-router": "kube-router",
    "canal": "Canal",
    "weave-net": "Weave Net",
    "ovnkube-node": "OVN-Kubernetes",
    "aws-node": "Amazon VPC CNI (network policies switched on)",
}
"""DaemonSets of network plugins that enforce NetworkPolicies, and their names."""

NODE_LOCAL = (
    "rancher.io/local-path",
    "kubernetes.io/no-provisioner",
    "k8s.io/minikube-hostpath",
    "docker.io/hostpath",
)
BLOCK = (
    "ebs.csi.aws.com",
    "cinder.csi.openstack.org",
    "pd.csi.storage.gke.io",
    "disk.csi.azure.com",
    "rbd.csi.ceph.com",
)
"""Provisioners whose volumes one node mounts at a time."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a cluster says of itself.

    Parameters
    ----------
    version
        ``gitVersion`` of its API, such as ``v1.37.2``.
    storage_classes, ingress_classes, daemon_sets, nodes
        Objects as the API lists them.
    volumes, csi_drivers, issuers
        Names of PersistentVolumes, of CSI drivers and of cert-manager ClusterIssuers; ``issuers`` is None without
        cert-manager.
    """

    version: str
    storage_classes: Sequence[Mapping[str, Any]]
    ingress_classes: Sequence[Mapping[str, Any]]
    daemon_sets: Sequence[Mapping[str, Any]]
    nodes: Sequence[Mapping[str, Any]]
    volumes: Sequence[str]
    csi_drivers: Sequence[str]
    issuers: Sequence[str] | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One claim, whether it holds, what to do where it does not, and whether nothing works until that is done."""

    claim: str
    holds: bool
    advice: str = ""
    blocking: bool = True


class Reader(Protocol):
    """What is needed of a Kubernetes client to gather facts."""

    def version(self) -> str:
        """Return the API's ``gitVersion``."""
        ...

    def list(self, api_version: str, kind: str) -> Sequence[Mapping[str, Any]]:
        """Return all objects of a kind."""
        ...

    def knows(self, api_version: str, kind: str) -> bool:
        """Return whether the API knows a kind."""
        ...


def observe(kube: Reader) -> Facts:
    """Gather what `examine` needs; only reads."""
    issuers = None
    if kube.knows("cert-manager.io/v1", "ClusterIssuer"):
        issuers = _names(kube.list("cert-manager.io/v1", "ClusterIssuer"))
    return Facts(
        version=kube.version(),
        storage_classes=kube.list("storage.k8s.io/v1", "StorageClass"),
        ingress_classes=kube.list("networking.k8s.io/v1", "IngressClass"),
        daemon_sets=kube.list("apps/v1", "DaemonSet"),
        nodes=kube.list("v1", "Node"),
        volumes=_names(kube.list("v1", "PersistentVolume")),
        csi_drivers=_names(kube.list("storage.k8s.io/v1", "CSIDriver")),
        issuers=issuers,
    )


def examine(spec: ExistingClusterSpec, purposes: Sequence[Purpose], facts: Facts) -> list[Finding]:
    """Return every claim of the site file with its verdict.

    Parameters
    ----------
    purposes
        What the site has volumes for.
    """
    return [
        _version(facts),
        *_csi_drivers(spec, facts),
        *_volumes(spec, purposes, facts),
        *_edge(spec, facts),
        *_network_policy(spec, facts),
        *_node_pools(spec, facts),
    ]


def _names(objects: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(item["metadata"]["name"] for item in objects)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _version(facts: Facts) -> Finding:
    match = re.match(r"v?1\.(\d+)", facts.version)
    return Finding(
        claim=f"Kubernetes 1.{OLDEST_MINOR} or newer: {facts.version}",
        holds=match is not None and int(match[1]) >= OLDEST_MINOR,
        advice=f"upgrade the cluster to 1.{OLDEST_MINOR} or newer",
    )


def _csi_drivers(spec: ExistingClusterSpec, facts: Facts) -> Iterator[Finding]:
    for driver in spec.csi_drivers:
        yield Finding(
            claim=f"cluster.csiDrivers: {driver} is there",
            holds=driver in facts.csi_drivers,
            advice=f"install it, or take it out; there are: {_listed(facts.csi_drivers)}",
        )


def _volumes(spec: ExistingClusterSpec, purposes: Sequence[Purpose], facts: Facts) -> Iterator[Finding]:
    for purpose in purposes:
        source = spec.volumes.get(purpose, VolumeSourceSpec())
        key = f"cluster.volumes.{purpose}"
        if source.volume_name is not None:
            yield Finding(
                claim=f"{key}: PersistentVolume {source.volume_name} exists",
                holds=source.volume_name in facts.volumes,
                advice=f"create it or name another; there are: {_listed(facts.volumes)}",
            )
        elif source.nfs is None and source.csi is None:
            mode: AccessMode = "ReadWriteOnce" if purpose == "state" else source.access_mode
            yield from _storage_class(key, source, mode, facts)


def _storage_class(
    key: str, source: VolumeSourceSpec, access_mode: AccessMode, facts: Facts
) -> Iterator[Finding]:
    known = _listed(_names(facts.storage_classes))
    if source.storage_class is None:
        found = [item for item in facts.storage_classes if _is_default(item)]
        claim = f"{key}: the cluster has a default storage class"
    else:
        found = [item for item in facts.storage_classes if item["metadata"]["name"] == source.storage_class]
        claim = f"{key}: storage class {source.storage_class} exists"
    if not found:
        yield Finding(claim=claim, holds=False, advice=f"set {key}.storageClass to one of: {known}")
        return
    provisioner = found[0].get("provisioner", "")
    one_node = provisioner in NODE_LOCAL or provisioner in BLOCK
    several = len(facts.nodes) > 1 or provisioner in BLOCK
    yield Finding(
        claim=f"{claim} and can be mounted {access_mode}",
        holds=not (access_mode == "ReadWriteMany" and one_node and several),
        advice=(
            f"{provisioner} gives a volume to one node at a time: name a class on a shared file system (CephFS, NFS, "
            f"EFS) in {key}.storageClass; there are: {known}"
        ),
    )
    if not found[0].get("allowVolumeExpansion", False):
        yield Finding(
            claim=f"{key}: volumes of class {found[0]['metadata']['name']} can grow",
            holds=False,
            advice=(
                "the class does not say allowVolumeExpansion: true, so the size in the site file cannot be raised "
                "later: set it on the class where its driver can grow volumes"
            ),
            blocking=False,
        )


def _is_default(storage_class: Mapping[str, Any]) -> bool:
    return storage_class["metadata"].get("annotations", {}).get(DEFAULT_CLASS) == "true"


def _edge(spec: ExistingClusterSpec, facts: Facts) -> Iterator[Finding]:
    if spec.ingress_class is not None:
        names = _names(facts.ingress_classes)
        yield Finding(
            claim=f"cluster.ingressClass: {spec.ingress_class} exists",
            holds=spec.ingress_class in names,
            advice=f"install its controller, or name another class; there are: {_listed(names)}",
        )
    if spec.tls_issuer is not None:
        missing = facts.issuers is None
        yield Finding(
            claim=f"cluster.tlsIssuer: ClusterIssuer {spec.tls_issuer} exists",
            holds=spec.tls_issuer in (facts.issuers or ()),
            advice="install cert-manager" if missing else f"there are: {_listed(facts.issuers or ())}",
        )


def _network_policy(spec: ExistingClusterSpec, facts: Facts) -> Iterator[Finding]:
    enforcers = sorted(
        {
            title
            for item in facts.daemon_sets
            for name, title in ENFORCERS.items()
            if item["metadata"]["name"] == name and (name != "aws-node" or _aws_policies_on(item))
        }
    )
    if spec.network_policy:
        yield Finding(
            claim="cluster.networkPolicy: the network enforces NetworkPolicies",
            holds=bool(enforcers),
            advice=f"no network plugin known to enforce them was found ({_listed(sorted(ENFORCERS))}): install one, "
            "or set cluster.networkPolicy: false and accept that users can reach each other's ports",
        )
    elif enforcers:
        yield Finding(
            claim=f"cluster.networkPolicy: {' and '.join(enforcers)} is there and the site file says so",
            holds=False,
            advice="set cluster.networkPolicy: true, so that journeys probe it",
            blocking=False,
        )


def _aws_policies_on(daemon_set: Mapping[str, Any]) -> bool:
    containers = daemon_set["spec"]["template"]["spec"]["containers"]
    return any("--enable-network-policy=true" in container.get("args", []) for container in containers)


def _node_pools(spec: ExistingClusterSpec, facts: Facts) -> Iterator[Finding]:
    nodes = [item["metadata"].get("labels", {}) for item in facts.nodes]
    for name, pool in sorted(spec.node_pools.items()):
        yield Finding(
            claim=f"cluster.nodePools.{name}: a node has its labels",
            holds=any(pool.labels.items() <= labels.items() for labels in nodes),
            advice="label the pool's nodes or mend cluster.nodePools, unless an autoscaler adds the first node",
            blocking=False,
        )
