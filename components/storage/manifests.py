"""The volumes and claims that people's work is kept on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.objects import Manifest, claim, metadata, namespace_of
from components.storage.spec import CollectionSpec, StorageSpec
from components.storage.volumes import Collection, Software, Volumes
from infra.cluster import CsiVolume, NfsShare, VolumeSource
from infra.spec import CVMFS_DRIVER, Purpose

COMPONENT = "storage"
HOMES = "homes"
PROJECTS = "projects"
SCRATCH = "scratch"
SOFTWARE = "software"

NOMINAL = "1Gi"
"""Size of a volume whose size nobody asks for: Kubernetes wants one."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The objects of one volume, and whether they outlive the site.

    Parameters
    ----------
    volume
        The PersistentVolume of a share; None where a storage class makes one or it is there already.
    """

    claim: Manifest
    volume: Manifest | None
    keep: bool


def collection_claim(name: str, spec: CollectionSpec) -> str:
    """Return the claim of a data collection."""
    return spec.claim_name or f"data-{name}"


def _share(source: VolumeSource, *, read_only: bool) -> dict[str, Any]:
    """Return what a PersistentVolume's spec says of a share."""
    if source.nfs is not None:
        return {"nfs": {"server": source.nfs.server, "path": source.nfs.path, "readOnly": read_only}}
    if source.csi is not None:
        csi = source.csi
        share: dict[str, Any] = {"driver": csi.driver, "volumeHandle": csi.handle, "readOnly": read_only}
        if csi.attributes:
            share["volumeAttributes"] = dict(csi.attributes)
        if csi.secret is not None:
            name, namespace = csi.secret
            share["nodeStageSecretRef"] = {"name": name, "namespace": namespace}
        return {"csi": share}
    return {}


def volume_pair(
    site: str, name: str, source: VolumeSource, *, size: str, keep: bool, read_only: bool = False
) -> Kept:
    """Return the claim ``name`` of a source and, where the source is a share, the PersistentVolume for it.

    Parameters
    ----------
    size
        What to ask for.
    read_only
        Whether nodes mount a share without the right to write.
    """
    mode = "ReadOnlyMany" if read_only else source.access_mode
    share = _share(source, read_only=read_only)
    if not share:
        made = claim(site, COMPONENT, name, size=size, access_mode=mode, **source.claim_fields)
        return Kept(claim=made, volume=None, keep=keep)
    volume_name = f"science-{site}-{name}"
    spec: dict[str, Any] = {
        "capacity": {"storage": size},
        "accessModes": [mode],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
        # Nobody else's claim can take it.
        "claimRef": {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "namespace": namespace_of(site),
            "name": name,
        },
        **share,
    }
    if source.mount_options:
        spec["mountOptions"] = list(source.mount_options)
    volume: Manifest = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": metadata(site, COMPONENT, volume_name, cluster_wide=True),
        "spec": spec,
    }
    # The empty class keeps the default class from making another volume.
    bound = {"storageClassName": "", "volumeName": volume_name}
    return Kept(
        claim=claim(site, COMPONENT, name, size=size, access_mode=mode, **bound), volume=volume, keep=keep
    )


def _collection_source(site: str, name: str, spec: CollectionSpec, data: VolumeSource) -> VolumeSource:
    if spec.own:
        return data
    csi = CsiVolume.of(spec.csi) if spec.csi else None
    if spec.cvmfs is not None:
        csi = CsiVolume(
            driver=CVMFS_DRIVER,
            handle=f"science-{site}-{collection_claim(name, spec)}",
            attributes={"repository": spec.cvmfs.repository},
        )
    return VolumeSource(
        volume_name=spec.volume_name,
        nfs=NfsShare.of(spec.nfs) if spec.nfs else None,
        csi=csi,
        mount_options=tuple(spec.mount_options),
    )


def volumes_to_declare(
    site: str, spec: StorageSpec, sources: Mapping[Purpose, VolumeSource], *, disposable: bool
) -> dict[str, Kept]:
    """Return the objects of a site's volumes by claim; a claim that is there already has none."""
    purposes: tuple[tuple[Purpose, Any], ...] = (
        (HOMES, spec.homes),
        (PROJECTS, spec.projects),
        (SCRATCH, spec.scratch),
        (SOFTWARE, spec.software),
    )
    result = {
        purpose: volume_pair(
            site, purpose, sources[purpose], size=volume.size, keep=volume.kept(disposable=disposable)
        )
        for purpose, volume in purposes
        if volume is not None
    }
    for name, collection in spec.collections.items():
        if collection.claim_name is None:
            claim_name = collection_claim(name, collection)
            result[claim_name] = volume_pair(
                site,
                claim_name,
                _collection_source(site, name, collection, sources["data"]),
                size=collection.size or NOMINAL,
                keep=collection.kept(disposable=disposable),
                read_only=not collection.own and not collection.read_write,
            )
    return result


def volumes(spec: StorageSpec) -> Volumes:
    """Return what other layers know of a site's storage."""
    software = spec.software
    return Volumes(
        homes=HOMES,
        projects=PROJECTS if spec.projects else None,
        spaces=spec.projects.spaces if spec.projects else {},
        scratch=SCRATCH if spec.scratch else None,
        software=Software(claim=SOFTWARE, read_write=tuple(software.read_write)) if software else None,
        collections={
            name: Collection(
                claim=collection_claim(name, each),
                title=each.title,
                groups=tuple(each.groups),
                read_write=tuple(each.read_write),
            )
            for name, each in spec.collections.items()
        },
    )
