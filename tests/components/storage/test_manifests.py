"""The volumes and claims of each purpose, and what other layers are told of them."""

from typing import Any

import pytest

from components.storage.manifests import Kept, volume_pair, volumes, volumes_to_declare
from components.storage.spec import ProjectSpaceSpec, StorageSpec
from components.storage.volumes import Collection, Software, Volumes
from infra.cluster import CsiVolume, NfsShare, VolumeSource
from infra.spec import CsiSpec, Purpose

LABELS = {
    "app.kubernetes.io/name": "storage",
    "app.kubernetes.io/component": "storage",
    "app.kubernetes.io/instance": "demo",
    "app.kubernetes.io/part-of": "science-platform",
    "app.kubernetes.io/managed-by": "pulumi",
}
CLASS = VolumeSource(storage_class="cephfs")
SOURCES: dict[Purpose, VolumeSource] = {
    "homes": VolumeSource(storage_class="homes"),
    "projects": VolumeSource(storage_class="projects"),
    "scratch": VolumeSource(storage_class="scratch"),
    "data": VolumeSource(storage_class="data"),
    "software": VolumeSource(storage_class="software"),
    "state": VolumeSource(storage_class="ssd"),
}


def pair(source: VolumeSource, *, read_only: bool = False) -> Kept:
    return volume_pair("demo", "homes", source, size="60Ti", keep=True, read_only=read_only)


def storage(**sections: object) -> StorageSpec:
    return StorageSpec.model_validate({"homes": {"size": "1Gi"}, **sections})


def declared(**sections: object) -> dict[str, Kept]:
    return volumes_to_declare("demo", storage(**sections), SOURCES, disposable=False)


def collection(**fields: object) -> Kept:
    return declared(data={"collections": {"sky": fields}})["data-sky"]


def claim(name: str, mode: str = "ReadWriteMany", **spec: object) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": LABELS, "namespace": "science-demo"},
        "spec": {"accessModes": [mode], **spec},
    }


def size(storage: str) -> dict[str, Any]:
    return {"requests": {"storage": storage}}


def test_a_volume_of_a_storage_class():
    assert pair(CLASS) == Kept(
        claim=claim("homes", resources=size("60Ti"), storageClassName="cephfs"), volume=None, keep=True
    )


def test_a_volume_of_the_default_class_names_none():
    assert pair(VolumeSource()).claim == claim("homes", resources=size("60Ti"))


def test_a_volume_that_is_there_already_is_bound_and_no_class_makes_another():
    assert pair(VolumeSource(volume_name="homes-2019")) == Kept(
        claim=claim("homes", resources=size("60Ti"), storageClassName="", volumeName="homes-2019"),
        volume=None,
        keep=True,
    )


def test_a_volume_for_one_node():
    one_node = VolumeSource(access_mode="ReadWriteOnce")
    assert pair(one_node).claim["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_a_folder_of_an_nfs_server_has_a_volume_of_the_sites_own():
    source = VolumeSource(
        nfs=NfsShare(server="nfs.example.org", path="/export/homes"), mount_options=("nfsvers=4.2", "noatime")
    )
    assert pair(source) == Kept(
        claim=claim("homes", resources=size("60Ti"), storageClassName="", volumeName="science-demo-homes"),
        volume={
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "science-demo-homes", "labels": LABELS},
            "spec": {
                "capacity": {"storage": "60Ti"},
                "accessModes": ["ReadWriteMany"],
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "",
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "namespace": "science-demo",
                    "name": "homes",
                },
                "nfs": {"server": "nfs.example.org", "path": "/export/homes", "readOnly": False},
                "mountOptions": ["nfsvers=4.2", "noatime"],
            },
        },
        keep=True,
    )


def test_a_volume_of_a_csi_driver_names_its_secret_and_holds_none():
    source = VolumeSource(
        csi=CsiVolume.of(
            CsiSpec.model_validate(
                {
                    "driver": "cephfs.csi.ceph.com",
                    "handle": "homes",
                    "attributes": {"rootPath": "/volumes/homes", "staticVolume": "true"},
                    "secret": {"name": "cephfs-node", "namespace": "ceph"},
                }
            )
        )
    )
    volume = pair(source, read_only=True).volume
    assert volume is not None
    assert (volume["spec"]["accessModes"], volume["spec"]["csi"]) == (
        ["ReadOnlyMany"],
        {
            "driver": "cephfs.csi.ceph.com",
            "volumeHandle": "homes",
            "readOnly": True,
            "volumeAttributes": {"rootPath": "/volumes/homes", "staticVolume": "true"},
            "nodeStageSecretRef": {"name": "cephfs-node", "namespace": "ceph"},
        },
    )


def test_a_site_has_the_volumes_of_its_sections_and_no_others():
    everything = declared(
        projects={"size": "2Gi", "spaces": {"galaxies": {"readWrite": ["galaxies"]}}},
        scratch={"size": "3Gi", "keep": False},
        software={"size": "4Gi", "readWrite": ["installers"]},
        data={"collections": {"sky": {"size": "5Gi"}, "old": {"claimName": "old-survey"}}},
    )
    assert list(declared()) == ["homes"]
    assert everything == {
        name: Kept(
            claim=claim(name, resources=size(amount), storageClassName=storage_class), volume=None, keep=keep
        )
        for name, amount, storage_class, keep in (
            ("homes", "1Gi", "homes", True),
            ("projects", "2Gi", "projects", True),
            ("scratch", "3Gi", "scratch", False),
            ("software", "4Gi", "software", True),
            ("data-sky", "5Gi", "data", True),
        )
    }


def test_a_collection_of_an_existing_volume_is_bound_read_only():
    assert collection(volumeName="sky-2019").claim == claim(
        "data-sky", "ReadOnlyMany", resources=size("1Gi"), storageClassName="", volumeName="sky-2019"
    )


@pytest.mark.parametrize(("curators", "read_only"), [([], True), (["curators"], False)])
def test_a_share_with_a_collection_is_mounted_read_only_unless_it_has_curators(
    curators: list[str], read_only: bool
):
    nfs = {"server": "nfs.example.org", "path": "/export/sky"}
    made = collection(nfs=nfs, readWrite=curators, mountOptions=["noatime"])
    assert made.volume is not None
    assert (made.volume["spec"]["nfs"]["readOnly"], made.volume["spec"]["mountOptions"]) == (
        read_only,
        ["noatime"],
    )


def test_a_repository_of_cernvm_fs_is_mounted_by_its_driver():
    made = collection(cvmfs={"repository": "sw.example.org"})
    assert made.volume is not None
    assert made.volume["spec"]["csi"] == {
        "driver": "cvmfs.csi.cern.ch",
        "volumeHandle": "science-demo-data-sky",
        "readOnly": True,
        "volumeAttributes": {"repository": "sw.example.org"},
    }


def test_other_layers_are_told_of_claims_and_who_may_enter():
    spec = storage(
        projects={"size": "2Gi", "spaces": {"galaxies": {"readWrite": ["galaxies"]}}},
        scratch={"size": "3Gi"},
        software={"size": "4Gi", "readWrite": ["installers"]},
        data={
            "collections": {
                "sky": {"title": "Sky", "size": "5Gi", "groups": ["a"], "readWrite": ["curators"]},
                "old": {"claimName": "old-survey"},
            }
        },
    )
    assert volumes(spec) == Volumes(
        homes="homes",
        projects="projects",
        spaces={"galaxies": ProjectSpaceSpec.model_validate({"readWrite": ["galaxies"]})},
        scratch="scratch",
        software=Software(claim="software", read_write=("installers",)),
        collections={
            "sky": Collection(claim="data-sky", title="Sky", groups=("a",), read_write=("curators",)),
            "old": Collection(claim="old-survey"),
        },
    )


def test_a_site_with_homes_alone_says_so():
    assert volumes(storage()) == Volumes(homes="homes")
