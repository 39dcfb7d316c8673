"""Whether the file systems of an existing cluster can hold people to limits, by the drivers that mount them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.claims import BLOCK, DEFAULT_CLASS, NODE_LOCAL, Facts, Finding
from infra.spec import ExistingClusterSpec, Purpose, VolumeSourceSpec

HOLDERS: Mapping[str, str | None] = {
    "cephfs.csi.ceph.com": "cephfs",
    "rook-ceph.cephfs.csi.ceph.com": "cephfs",
    "cephfs.manila.csi.openstack.org": "cephfs",
    "nfs.csi.k8s.io": "fileServer",
    "nfs.manila.csi.openstack.org": "fileServer",
    "efs.csi.aws.com": None,
    "file.csi.azure.com": None,
    **dict.fromkeys((*NODE_LOCAL, *BLOCK), "nodes"),
}
"""By provisioner: who can set limits of folders on its volumes; None where nobody can."""


def quota_findings(
    spec: ExistingClusterSpec, held_by: str, purposes: Sequence[Purpose], facts: Facts
) -> Iterator[Finding]:
    """Yield, for each volume with limits, whether its file system can hold people to them.

    Parameters
    ----------
    held_by
        What the site file says: ``fileServer``, ``cephfs`` or ``nodes``.
    purposes
        The volumes that have limits.
    """
    for purpose in purposes:
        driver = _driver(spec.volumes.get(purpose, VolumeSourceSpec()), facts)
        if driver is None or driver not in HOLDERS:
            yield Finding(
                claim=f"storage.quotas.{purpose}: its file system is one that can hold limits",
                holds=False,
                advice="cannot be told from here: `python -m stacks usage` says of every folder whether it is held",
                blocking=False,
            )
            continue
        holder = HOLDERS[driver]
        advice = (
            f"{driver} has no limits of folders: take storage.quotas.{purpose} out, or move the volume"
            if holder is None
            else f"volumes of {driver} are held by {holder}: say so in storage.quotas.heldBy"
        )
        claim = f"storage.quotas.{purpose}: {driver} is held to limits by {held_by}"
        yield Finding(claim=claim, holds=holder == held_by, advice=advice)


def _driver(source: VolumeSourceSpec, facts: Facts) -> str | None:
    """Return the driver of a volume; None where nothing says it."""
    if source.nfs is not None:
        return "nfs.csi.k8s.io"
    if source.csi is not None:
        return source.csi.driver
    if source.volume_name is not None:
        return None
    return next((each.get("provisioner") for each in facts.storage_classes if _is_of(source, each)), None)


def _is_of(source: VolumeSourceSpec, storage_class: Mapping[str, Any]) -> bool:
    metadata = storage_class["metadata"]
    if source.storage_class is None:
        return metadata.get("annotations", {}).get(DEFAULT_CLASS) == "true"
    return metadata["name"] == source.storage_class
