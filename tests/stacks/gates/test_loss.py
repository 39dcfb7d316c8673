"""Losses block, and are accepted one by one, each once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stacks.diff.holds import DATA, STATEFUL_SET
from stacks.diff.verdict import Case, Verdict
from stacks.gates.loss import GUARDS, data_loss
from stacks.plan import Plan, PlannedResource
from tests.support.diff import claim, kubernetes, of, resource, workload
from tests.support.gates import REASON, accepted, case
from tests.support.plans import SITES, site_value

HOMES = "PersistentVolumeClaim/homes"
NAMESPACE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "science-demo"},
}

Judged = Callable[..., Case]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    return partial(case, tmp_path)


def losses(case: Case) -> list[Verdict]:
    return list(data_loss(case))


def blocked(case: Case) -> dict[str, str]:
    return {verdict.subject: verdict.reason for verdict in losses(case) if verdict.blocks}


def keys(case: Case) -> list[str]:
    return list(blocked(case))


KEPT: dict[str, Any] = {"protect": True, "retain_on_delete": True}


@pytest.mark.parametrize("options", [{}, {"protect": True}, {"retain_on_delete": True}, KEPT])
@pytest.mark.parametrize(
    "after", [of(), of(claim(storage_class="slow"))], ids=["deleted", "replaced without what keeps it"]
)
def test_a_claim_that_goes_blocks_however_it_is_kept(judged: Judged, options: dict[str, Any], after: Plan):
    assert keys(judged(of(claim(**options)), after)) == [HOMES]


def test_a_claim_that_is_replaced_and_still_kept_blocks(judged: Judged):
    case = judged(of(claim(**KEPT)), of(claim(storage_class="slow", **KEPT)))
    assert blocked(case) == {
        HOMES: "replaced (spec/storageClassName: fast → slow); protected, so `up` stops here; without protection "
        "the volume would go. If that is meant, the site file says so: "
        'accept: {PersistentVolumeClaim/homes: {reason: "…"}}'
    }


@pytest.mark.parametrize(
    "after", [of(claim(**KEPT)), of(claim(size="20Gi", **KEPT)), of(claim(**KEPT), claim("more"))]
)
def test_a_claim_that_stays_does_not(judged: Judged, after: Plan):
    assert losses(judged(of(claim(**KEPT)), after)) == []


STATEFUL: list[tuple[PlannedResource, str]] = [
    (kubernetes(NAMESPACE), "Namespace/science-demo"),
    (
        kubernetes({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": {}}),
        "PersistentVolume/v",
    ),
    (
        workload("db", kind="StatefulSet", volumeClaimTemplates=[{"metadata": {"name": "data"}}]),
        "StatefulSet/db",
    ),
    (resource("aws:efs/fileSystem:FileSystem", "homes", {}), "aws FileSystem/homes"),
    (resource("aws:eks/cluster:Cluster", "it", {}), "aws Cluster/it"),
    (resource("aws:eks/nodeGroup:NodeGroup", "pool", {}), "aws NodeGroup/pool"),
    (resource("aws:kms/key:Key", "disks", {}), "aws Key/disks"),
    (resource("aws:rds/instance:Instance", "state", {}), "aws Instance/state"),
    (resource("aws:s3/bucket:Bucket", "backups", {}), "aws Bucket/backups"),
    (resource("openstack:blockstorage/volume:Volume", "state", {}), "openstack Volume/state"),
    (resource("openstack:containerinfra/cluster:Cluster", "it", {}), "openstack Cluster/it"),
    (resource("openstack:containerinfra/nodeGroup:NodeGroup", "pool", {}), "openstack NodeGroup/pool"),
    (resource("openstack:objectstorage/container:Container", "backups", {}), "openstack Container/backups"),
    (resource("openstack:sharedfilesystem/share:Share", "homes", {}), "openstack Share/homes"),
]


@pytest.mark.parametrize(("stateful", "key"), STATEFUL, ids=[key for _, key in STATEFUL])
def test_everything_that_holds_data_blocks_when_it_goes(judged: Judged, stateful: PlannedResource, key: str):
    assert keys(judged(of(stateful), of())) == [key]


STATELESS = [
    workload(),
    workload("db", kind="StatefulSet"),
    resource("openstack:networking/network:Network", "n", {}),
]


@pytest.mark.parametrize("stateless", STATELESS, ids=lambda each: each.type)
def test_what_holds_none_does_not_unless_it_is_protected(judged: Judged, stateless: PlannedResource):
    assert losses(judged(of(stateless), of())) == []
    protected = replace(stateless, options=replace(stateless.options, protect=True))
    assert len(keys(judged(of(protected), of()))) == 1


def test_a_namespace_takes_what_is_in_it_and_all_of_it_is_named(judged: Judged):
    assert keys(judged(of(kubernetes(NAMESPACE), claim(retain_on_delete=True)), of())) == [
        HOMES,
        "Namespace/science-demo",
    ]


@pytest.mark.parametrize("option", ["protect", "retain_on_delete"])
def test_taking_protection_away_blocks_and_giving_it_does_not(judged: Judged, option: str):
    without = of(claim(**{**KEPT, option: False}))
    assert blocked(judged(of(claim(**KEPT)), without)) == {
        HOMES: f"no longer protected ({option}: True → False): the next change may delete it. If that is meant, "
        'the site file says so: accept: {PersistentVolumeClaim/homes: {reason: "…"}}'
    }
    assert losses(judged(without, of(claim(**KEPT)))) == []


LIFTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aws:eks/cluster:Cluster", {"deletionProtection": True}, {"deletionProtection": False}),
    ("aws:rds/instance:Instance", {"deletionProtection": True}, {}),
    ("aws:rds/instance:Instance", {}, {"skipFinalSnapshot": True}),
    ("aws:s3/bucket:Bucket", {}, {"forceDestroy": True}),
    ("openstack:objectstorage/container:Container", {"forceDestroy": False}, {"forceDestroy": True}),
]


@pytest.mark.parametrize(("type_", "safe", "unsafe"), LIFTED)
def test_the_clouds_own_protection_counts_as_well(
    judged: Judged, type_: str, safe: Mapping[str, Any], unsafe: Mapping[str, Any]
):
    plans = [of(resource(type_, "it", dict(inputs))) for inputs in (safe, unsafe)]
    assert len(keys(judged(*plans))) == 1
    assert losses(judged(*reversed(plans))) == []
    assert type_ in GUARDS


@pytest.mark.parametrize(
    ("kind", "path", "unsafe"),
    [
        ("StatefulSet", ("persistentVolumeClaimRetentionPolicy", "whenDeleted"), "Delete"),
        ("StatefulSet", ("persistentVolumeClaimRetentionPolicy", "whenScaled"), "Delete"),
        ("PersistentVolume", ("persistentVolumeReclaimPolicy",), "Delete"),
    ],
)
def test_kubernetes_own_protection_counts_as_well(
    judged: Judged, kind: str, path: tuple[str, ...], unsafe: str
):
    def having(value: str) -> Plan:
        spec: Any = value
        for name in reversed(path):
            spec = {name: spec}
        version = "v1" if kind == "PersistentVolume" else "apps/v1"
        return of(kubernetes({"apiVersion": version, "kind": kind, "metadata": {"name": "it"}, "spec": spec}))

    assert keys(judged(having("Retain"), having(unsafe))) == [f"{kind}/it"]
    assert losses(judged(having(unsafe), having("Retain"))) == []


def test_an_accepted_loss_is_told_and_does_not_block(judged: Judged):
    before, after = of(claim("homes"), claim("projects")), of()
    found = losses(judged(before, after, accept=accepted(HOMES)))
    assert [(each.subject, each.blocks) for each in found] == [
        ("PersistentVolumeClaim/projects", True),
        (HOMES, False),
    ]
    assert found[1].reason == f"deleted; the volume is lost with it. Accepted: {REASON}"


def test_an_acceptance_counts_once_in_the_change_that_writes_it(judged: Judged):
    plans = of(claim()), of()
    base = {**site_value(SITES["boreal"]), "accept": accepted(HOMES)}
    case = judged(*plans, accept=accepted(HOMES), base=base)
    assert blocked(case) == {
        HOMES: "deleted; the volume is lost with it. Its acceptance was in the site file before this change, and "
        "counts once: give this loss a reason of its own, "
        'accept: {PersistentVolumeClaim/homes: {reason: "…"}}'
    }
    again = judged(*plans, accept=accepted(HOMES, reason="The second array is gone, too."), base=base)
    assert keys(again) == []


def test_an_acceptance_of_what_is_not_lost_is_named_with_its_place_and_what_was_meant(
    judged: Judged, tmp_path: Path
):
    typo = "PersistentVolumeClaim/home"
    case = judged(of(claim()), of(), accept=accepted(typo))
    assert keys(case) == [HOMES]
    assert losses(case)[1:] == [
        Verdict(
            "acceptance",
            typo,
            f'{tmp_path}/Pulumi.boreal.yaml:{_line(case, typo)}:7: accept["{typo}"]: accepts nothing: no such '
            f"resource is lost by this change; did you mean '{HOMES}'?",
            blocks=False,
        )
    ]


def test_an_acceptance_that_is_left_over_is_to_be_removed(judged: Judged):
    case = judged(of(claim(**KEPT)), of(claim(**KEPT)), accept=accepted(HOMES))
    (verdict,) = losses(case)
    assert (verdict.gate, verdict.subject, verdict.blocks) == ("acceptance", HOMES, False)
    assert verdict.reason.endswith("accepts nothing: no such resource is lost by this change; remove it")


def _line(case: Case, key: str) -> int:
    lines = case.file.path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if key in line)


def test_an_acceptance_of_what_is_not_protected_stands(judged: Judged):
    assert losses(judged(of(claim()), of(claim()), accept=accepted(HOMES))) == []


def test_every_type_with_a_guard_holds_data():
    assert GUARDS.keys() <= DATA.keys() | {STATEFUL_SET}
