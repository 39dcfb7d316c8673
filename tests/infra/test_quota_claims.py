"""Whether the file systems of a cluster can hold people to limits."""

from collections.abc import Sequence

import pytest

from infra.claims import Facts, Finding
from infra.quota_claims import quota_findings
from infra.spec import ExistingClusterSpec, Purpose

DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}


def found(
    provisioner: str, held_by: str, *, source: dict | None = None, purposes: Sequence[Purpose] = ("homes",)
) -> list[Finding]:
    facts = Facts(
        version="v1.36.2",
        storage_classes=[
            {"metadata": {"name": "shared", "annotations": DEFAULT}, "provisioner": provisioner}
        ],
        ingress_classes=[],
        daemon_sets=[],
        nodes=[],
        volumes=[],
        csi_drivers=[],
        issuers=None,
    )
    volumes = {} if source is None else {"homes": source}
    cluster = {"kind": "existing", "context": "prod", "volumes": volumes}
    return list(quota_findings(ExistingClusterSpec.model_validate(cluster), held_by, purposes, facts))


@pytest.mark.parametrize(
    ("provisioner", "held_by", "holds"),
    [
        ("cephfs.csi.ceph.com", "cephfs", True),
        ("cephfs.csi.ceph.com", "fileServer", False),
        ("nfs.csi.k8s.io", "fileServer", True),
        ("nfs.csi.k8s.io", "nodes", False),
        ("rancher.io/local-path", "nodes", True),
        ("efs.csi.aws.com", "fileServer", False),
        ("efs.csi.aws.com", "cephfs", False),
    ],
)
def test_limits_hold_where_the_file_system_s_own_keeper_sets_them(
    provisioner: str, held_by: str, holds: bool
):
    (finding,) = found(provisioner, held_by)
    assert (finding.holds, finding.blocking) == (holds, True)


def test_a_file_system_without_limits_is_told_so():
    (finding,) = found("efs.csi.aws.com", "fileServer")
    assert finding.advice == (
        "efs.csi.aws.com has no limits of folders: take storage.quotas.homes out, or move the volume"
    )


def test_another_keeper_is_named():
    (finding,) = found("cephfs.csi.ceph.com", "nodes")
    assert (
        finding.advice == "volumes of cephfs.csi.ceph.com are held by cephfs: say so in storage.quotas.heldBy"
    )


@pytest.mark.parametrize(
    ("source", "held_by", "holds"),
    [
        ({"storageClass": "shared"}, "cephfs", True),
        ({"nfs": {"server": "nfs.example.org", "path": "/homes"}}, "fileServer", True),
        ({"csi": {"driver": "cephfs.csi.ceph.com", "handle": "homes"}}, "cephfs", True),
    ],
)
def test_the_driver_follows_from_the_source(source: dict, held_by: str, holds: bool):
    (finding,) = found("cephfs.csi.ceph.com", held_by, source=source)
    assert finding.holds is holds


@pytest.mark.parametrize("source", [{"volumeName": "homes-2019"}, {"storageClass": "missing"}])
def test_what_cannot_be_told_is_noted_and_blocks_nothing(source: dict):
    (finding,) = found("cephfs.csi.ceph.com", "cephfs", source=source)
    assert (finding.holds, finding.blocking) == (False, False)


def test_a_driver_that_is_not_known_is_noted():
    (finding,) = found("driver.example.org", "fileServer")
    assert (finding.holds, finding.blocking) == (False, False)


def test_volumes_without_limits_are_not_looked_at():
    assert found("efs.csi.aws.com", "fileServer", purposes=()) == []
