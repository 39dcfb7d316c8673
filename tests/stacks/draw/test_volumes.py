"""Volumes, their sources, who mounts them, and claims that documents name."""

import json
from typing import Any

import pytest

from stacks.draw.pods import Pods, workloads
from stacks.draw.volumes import Mount, Named, Volume, mounts, named_claims, volumes
from stacks.plan import Plan
from tests.support.big import workload
from tests.support.diff import claim, kubernetes, of

POD = "pods/science-demo/Deployment/tap"


def with_volume(source: dict[str, Any], *mounted: dict[str, Any]) -> tuple[Plan, list[Pods]]:
    manifest = workload("Deployment", "tap")
    pod = manifest["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "data", **source}]
    pod["containers"][0]["volumeMounts"] = [{"name": "data", **each} for each in mounted]
    planned = of(kubernetes(manifest))
    return planned, workloads(planned)


def test_a_claim_says_how_large_it_is_for_how_many_nodes_and_of_which_class():
    homes = claim()
    assert volumes(of(homes), [], []) == [
        Volume(key="volume/homes", name="homes", details=("10Gi · many nodes", "class fast"), resource=homes)
    ]


def test_a_claim_says_whether_it_is_kept_and_which_volume_it_is_to_have():
    homes = claim(protect=True)
    spec = homes.inputs["spec"] | {"volumeName": "homes-1", "accessModes": ["ReadOnlyMany"]}  # type: ignore[operator]
    bound = type(homes)(**{**vars(homes), "inputs": {**homes.inputs, "spec": spec}})
    details = ("10Gi · read-only · kept", "class fast", "volume homes-1")
    assert volumes(of(bound), [], []) == [
        Volume(key="volume/homes", name="homes", details=details, read_only=True, resource=bound)
    ]


def test_a_source_that_is_not_known_yet_is_not_told():
    source = {"nfs": {"server": "[computed]", "path": "[computed]"}}
    volume = kubernetes(
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "homes-1"}, "spec": source}
    )
    assert [each.details for each in volumes(of(volume), [], [])] == [("nfs",)]


def test_a_claim_of_a_declared_volume_says_where_its_data_is():
    homes = claim(size="1Ti")
    spec = homes.inputs["spec"] | {"volumeName": "homes-1", "storageClassName": ""}  # type: ignore[operator]
    bound = type(homes)(**{**vars(homes), "inputs": {**homes.inputs, "spec": spec}})
    source = {"nfs": {"server": "10.0.0.5", "path": "/export/homes"}, "capacity": {"storage": "1Ti"}}
    volume = kubernetes(
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "homes-1"}, "spec": source}
    )
    details = ("1Ti · many nodes", "nfs 10.0.0.5:/export/homes")
    assert volumes(of(bound, volume), [], []) == [
        Volume(key="volume/homes", name="homes", details=details, resource=bound)
    ]
    alone = Volume(
        key="volume/homes-1", name="homes-1", details=("1Ti", "nfs 10.0.0.5:/export/homes"), resource=volume
    )
    assert volumes(of(volume), [], []) == [alone]


@pytest.mark.parametrize(
    ("source", "volume"),
    [
        (
            {"persistentVolumeClaim": {"claimName": "homes"}},
            Volume(key="volume/homes", name="homes", details=("there already",)),
        ),
        (
            {"nfs": {"server": "10.0.0.5", "path": "/export"}},
            Volume(key="volume/tap/data", name="data", details=("nfs 10.0.0.5:/export",)),
        ),
        (
            {"hostPath": {"path": "/data"}},
            Volume(key="volume/tap/data", name="data", details=("hostPath /data",)),
        ),
        ({"csi": {"driver": "cephfs"}}, Volume(key="volume/tap/data", name="data", details=("cephfs",))),
        ({"iscsi": {"lun": 1}}, Volume(key="volume/tap/data", name="data", details=("iscsi",))),
        (
            {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}},
            Volume(key="volume/tap/data", name="data of tap", details=("one node", "gone with the pod")),
        ),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_what_pods_mount_without_declaring_it_is_a_volume_too(source: dict[str, Any], volume: Volume):
    planned, pods = with_volume(source, {"mountPath": "/data"})
    assert volumes(planned, pods, []) == [volume]
    assert list(mounts(pods)) == [Mount(pods=POD, volume=volume.key, path="/data")]


@pytest.mark.parametrize("source", [{"emptyDir": {}}, {"configMap": {"name": "a"}}, {"secret": {}}, {}])
def test_what_holds_nothing_of_its_own_is_no_volume(source: dict[str, Any]):
    planned, pods = with_volume(source, {"mountPath": "/data"})
    assert volumes(planned, pods, []) == list(mounts(pods)) == []


@pytest.mark.parametrize(
    ("source", "mounted", "read_only"),
    [
        ({}, [{"mountPath": "/data", "readOnly": True}], True),
        ({}, [{"mountPath": "/data", "readOnly": True}, {"mountPath": "/data"}], False),
        ({"readOnly": True}, [{"mountPath": "/data"}], True),
        ({}, [], False),
    ],
)
def test_a_mount_is_only_read_where_all_of_it_is(
    source: dict[str, Any], mounted: list[dict[str, Any]], read_only: bool
):
    _, pods = with_volume({"persistentVolumeClaim": {"claimName": "homes", **source}}, *mounted)
    assert [mount.read_only for mount in mounts(pods)] == [read_only]


def test_the_volumes_of_a_stateful_set_are_those_that_it_makes():
    template = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    manifest = workload("StatefulSet", "postgres", volumeClaimTemplates=[template])
    manifest["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [
        {"name": "data", "mountPath": "/db"}
    ]
    planned = of(kubernetes(manifest))
    pods = workloads(planned)
    key = "volume/postgres/data"
    assert volumes(planned, pods, []) == [Volume(key=key, name="data of postgres", details=("1Gi",))]
    assert list(mounts(pods)) == [
        Mount(pods="pods/science-demo/StatefulSet/postgres", volume=key, path="/db")
    ]


def test_a_document_that_pods_read_may_name_claims_and_what_they_are_parted_into():
    document = {
        "homes": {"claim": "homes"},
        "other": [{"claimName": "homes", "readOnly": True, "spaces": {"a": 1, "b": 2}}],
    }
    hub = workload("Deployment", "hub")
    hub["spec"]["template"]["spec"]["volumes"] = [{"name": "config", "configMap": {"name": "hub-config"}}]
    text = json.dumps(document | {"claim": "not one of the plan"})
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "hub-config"},
        "data": {"a": text, "b": "["},
    }
    planned = of(kubernetes(hub), kubernetes(config), claim())
    pods = workloads(planned)
    parts = Named(claim="homes", document=text, parts=("spaces: 2",), read_only=True)
    found = named_claims(planned, pods)
    assert found == [Named(claim="homes", document=text), parts]
    (homes,) = volumes(planned, pods, [parts])
    assert homes.details == ("10Gi · many nodes", "class fast", "spaces: 2")
