"""What resources hold: data that is gone when they are, or the pods that people work in."""

from collections.abc import Mapping
from typing import Any

from stacks.diff.model import Data
from stacks.resources import PlannedResource

DATA: Mapping[str, str] = {
    "kubernetes:core/v1:PersistentVolumeClaim": "the volume",
    "kubernetes:core/v1:PersistentVolume": "the volume",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": "every object of its kind",
    "openstack:containerinfra/cluster:Cluster": "the cluster and all that runs on it",
    "openstack:sharedfilesystem/share:Share": "the share",
    "openstack:blockstorage/volume:Volume": "the volume",
    "openstack:objectstorage/container:Container": "the container",
    "aws:eks/cluster:Cluster": "the cluster and all that runs on it",
    "aws:efs/fileSystem:FileSystem": "the file system",
    "aws:s3/bucket:Bucket": "the bucket",
    "aws:kms/key:Key": "all that is encrypted with it",
    "aws:rds/instance:Instance": "the database",
}
"""By type: what is lost with such a resource."""

CLUSTERS = frozenset({"openstack:containerinfra/cluster:Cluster", "aws:eks/cluster:Cluster"})
"""What everything that is in a cluster goes with."""

NODES = frozenset({"openstack:containerinfra/nodeGroup:NodeGroup", "aws:eks/nodeGroup:NodeGroup"})
"""Nodes that people's servers run on, and whose own disks hold what pods keep on the node."""

NAMESPACE = "kubernetes:core/v1:Namespace"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
VOLUME = "kubernetes:core/v1:PersistentVolume"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"


def held(resource: PlannedResource) -> str | None:
    """Return what is lost with a resource, or None where that is nothing."""
    if resource.type == STATEFUL_SET and _spec(resource).get("volumeClaimTemplates"):
        return "the volumes of its pods"
    return None if _elsewhere(resource) else DATA.get(resource.type)


def _elsewhere(resource: PlannedResource) -> bool:
    """Return whether this is only the way to data that are kept elsewhere: a share that outlives its object.

    The claim of such a share counts where it only reads: what it reads is not the site's.
    """
    spec = _spec(resource)
    if resource.type == VOLUME:
        return spec.get("persistentVolumeReclaimPolicy") == "Retain"
    own_share = f"{namespace_of(resource)}-{object_of(resource)}"
    reads = spec.get("accessModes") == ["ReadOnlyMany"]
    return resource.type == CLAIM and reads and spec.get("volumeName") == own_share


def _spec(resource: PlannedResource) -> Mapping[str, Any]:
    spec: Any = resource.inputs.get("spec") or {}
    return spec


def outlived(resource: PlannedResource) -> bool:
    """Return whether this is a StatefulSet whose claims outlive it, as they do unless it says otherwise."""
    policy = _spec(resource).get("persistentVolumeClaimRetentionPolicy") or {}
    return resource.type == STATEFUL_SET and policy.get("whenDeleted") != "Delete"


def fate(before: PlannedResource, after: PlannedResource | None, *, doomed: bool) -> Data:
    """Return what becomes of the data of a resource that is deleted (``after`` is None) or replaced.

    The engine refuses to delete what is protected, but lets one change take the protection away and replace.

    Parameters
    ----------
    doomed
        Whether its namespace or cluster goes: that takes everything in it, however it is kept.
    """
    if doomed:
        return Data.LOST
    if before.options.protect and (after is None or after.options.protect):
        return Data.REFUSED
    kept = before.options.retain_on_delete and (after is None or after.options.retain_on_delete)
    return Data.KEPT if kept or outlived(before) else Data.LOST


def namespace_of(resource: PlannedResource) -> str | None:
    """Return the namespace that a Kubernetes object is in."""
    metadata: Any = resource.inputs.get("metadata") or {}
    return metadata.get("namespace")


def component_of(resource: PlannedResource) -> str:
    """Return the component that a Kubernetes object is part of, by its label; empty where it has none."""
    metadata: Any = resource.inputs.get("metadata") or {}
    return str((metadata.get("labels") or {}).get("app.kubernetes.io/component", ""))


def object_of(resource: PlannedResource) -> str:
    """Return what people call a resource: its object's name in Kubernetes, else its own."""
    metadata: Any = resource.inputs.get("metadata") or {}
    return str(metadata.get("name") or resource.name)


def kind_of(resource: PlannedResource) -> str:
    """Return the last part of the type, with the package in front where it is not Kubernetes."""
    last = resource.type.rpartition(":")[2]
    if resource.package == "pulumi":
        return f"{last} provider"
    return last if resource.package == "kubernetes" else f"{resource.package} {last}"
