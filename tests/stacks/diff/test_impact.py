"""How bad a change is, and why."""

from typing import Any

import pytest

from stacks.diff import Action, Change, Data, Impact, compare
from stacks.plan import PlannedResource
from tests.support.diff import claim, kubernetes, of, resource, workload


def changed(before: PlannedResource | None, after: PlannedResource | None) -> Change:
    (change,) = compare(of(*filter(None, [before])), of(*filter(None, [after]))).changes
    return change


def verdict(change: Change) -> tuple[Impact, tuple[str, ...]]:
    return change.impact, change.notes


@pytest.mark.parametrize(
    ("component", "spec", "impact", "note"),
    [
        (
            "hub",
            {},
            Impact.ROLLS_PODS,
            "the hub restarts: sign-in and starting servers pause, running servers go on",
        ),
        (
            "proxy",
            {},
            Impact.ROLLS_PODS,
            "the proxy restarts: connections break for some seconds, kernels go on",
        ),
        (
            "edge",
            {"strategy": {"type": "Recreate"}},
            Impact.ROLLS_PODS,
            "the edge restarts: nobody reaches the site for some seconds, kernels go on",
        ),
        (
            "edge",
            {"strategy": {"type": "RollingUpdate"}},
            Impact.ROLLS_PODS,
            "the edge restarts: one pod after the other, open connections move over, kernels go on",
        ),
        ("tap", {}, Impact.ROLLS_PODS, "its pods are made anew"),
        ("image-pre-pull", {}, Impact.NONE, "nodes fetch images again; nobody notices"),
        ("user-placeholder", {}, Impact.NONE, "placeholders restart; nobody notices"),
    ],
)
def test_another_pod_template(component: str, spec: dict[str, Any], impact: Impact, note: str):
    change = changed(workload(component, **spec), workload(component, image="example.org/hub:2", **spec))
    assert (change.action, verdict(change)) == (Action.UPDATED, (impact, (note,)))


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_other_workloads_roll_as_well(kind: str):
    change = changed(workload(kind=kind), workload(kind=kind, image="example.org/hub:2"))
    assert change.impact == Impact.ROLLS_PODS


def test_more_replicas_do_nothing_to_those_there_are_and_none_end_them():
    assert verdict(changed(workload(), workload(replicas=2))) == (Impact.NONE, ())
    assert verdict(changed(workload(), workload(replicas=0))) == (
        Impact.INTERRUPTS_USERS,
        ("scaled to nothing: its pods end",),
    )
    assert (
        changed(workload("user-placeholder"), workload("user-placeholder", replicas=0)).impact == Impact.NONE
    )


def test_another_selector_replaces_a_workload():
    change = changed(workload(), workload(selector={"matchLabels": {"app": "core"}}))
    assert verdict(change) == (Impact.REPLACES, ("its pods end before new ones start",))


def test_a_workload_that_goes_ends_its_pods_unless_nobody_uses_them():
    assert verdict(changed(workload("tap"), None)) == (
        Impact.INTERRUPTS_USERS,
        ("its pods end, and nothing takes their place here",),
    )
    assert changed(workload("image-pre-pull"), None).impact == Impact.NONE


KEPT = {"protect": True, "retain_on_delete": True}


@pytest.mark.parametrize(
    ("before", "after", "impact", "data", "note"),
    [
        ({}, None, Impact.LOSES_DATA, Data.LOST, "the volume is lost with it"),
        (
            {"retain_on_delete": True},
            None,
            Impact.REPLACES,
            Data.KEPT,
            "the volume stays where it is, but the site no longer uses it",
        ),
        (
            {"protect": True},
            None,
            Impact.LOSES_DATA,
            Data.REFUSED,
            "protected, so `up` stops here; without protection the volume would go",
        ),
        (
            KEPT,
            KEPT,
            Impact.LOSES_DATA,
            Data.REFUSED,
            "protected, so `up` stops here; without protection the volume would go",
        ),
        (
            KEPT,
            {},
            Impact.LOSES_DATA,
            Data.LOST,
            "the volume is lost with it: its protection is taken away in the same change",
        ),
        (
            KEPT,
            {"retain_on_delete": True},
            Impact.REPLACES,
            Data.KEPT,
            "the volume stays where it is, but the site no longer uses it",
        ),
    ],
    ids=[
        "free",
        "kept",
        "protected",
        "replaced while kept",
        "protection removed",
        "protection removed, kept",
    ],
)
def test_what_becomes_of_a_volume(
    before: dict[str, Any], after: dict[str, Any] | None, impact: Impact, data: Data, note: str
):
    new = None if after is None else claim(storage_class="slow", **after)
    change = changed(claim(**before), new)
    assert (change.data, verdict(change)) == (data, (impact, (note,)))


def stateful(storage: str, when_deleted: str | None = None) -> PlannedResource:
    keeping = {"whenDeleted": when_deleted}
    policy: dict[str, Any] = {"persistentVolumeClaimRetentionPolicy": keeping} if when_deleted else {}
    template = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": storage}}}}
    return workload("database", kind="StatefulSet", volumeClaimTemplates=[template], **policy)


@pytest.mark.parametrize(
    ("when_deleted", "impact", "data"),
    [
        (None, Impact.REPLACES, Data.KEPT),
        ("Retain", Impact.REPLACES, Data.KEPT),
        ("Delete", Impact.LOSES_DATA, Data.LOST),
    ],
)
def test_another_volume_template_replaces_a_stateful_set(
    when_deleted: str | None, impact: Impact, data: Data
):
    change = changed(stateful("1Gi", when_deleted), stateful("2Gi", when_deleted))
    assert (change.action, change.impact, change.data) == (Action.REPLACED, impact, data)
    (field,) = change.fields
    assert (field.path, field.forces) == (
        "/spec/volumeClaimTemplates/0/spec/resources/requests/storage",
        True,
    )


def test_a_stateful_set_without_volumes_holds_nothing():
    before, after = (workload("cache", kind="StatefulSet", serviceName=name) for name in ("a", "b"))
    change = changed(before, after)
    assert (change.data, verdict(change)) == (
        Data.UNTOUCHED,
        (Impact.REPLACES, ("its pods end before new ones start",)),
    )


def namespace(**options: Any) -> PlannedResource:  # noqa: ANN401 - those of Options
    return kubernetes(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "science-demo"}}, **options
    )


def test_a_namespace_that_goes_takes_all_in_it():
    everything = "everything in it goes: people's servers, and volumes whatever keeps them"
    assert verdict(changed(namespace(), None)) == (Impact.LOSES_DATA, (everything,))
    assert verdict(changed(namespace(protect=True), None)) == (
        Impact.LOSES_DATA,
        (f"protected, so `up` stops here; without protection {everything}",),
    )
    assert verdict(changed(namespace(retain_on_delete=True), None)) == (
        Impact.NONE,
        ("it stays, with what is in it",),
    )


def test_a_claim_that_is_kept_is_lost_with_its_namespace_and_not_with_another():
    here, elsewhere = claim("a", retain_on_delete=True), claim("b", retain_on_delete=True)
    elsewhere.inputs["metadata"]["namespace"] = "other"  # type: ignore[index] - a manifest
    changes = compare(of(namespace(), here, elsewhere), of()).changes
    assert {each.object: each.data for each in changes} == {
        "b": Data.KEPT,
        "a": Data.LOST,
        "science-demo": Data.LOST,
    }


@pytest.mark.parametrize(
    ("type_", "what"),
    [
        ("openstack:sharedfilesystem/share:Share", "the share is lost with it"),
        ("openstack:objectstorage/container:Container", "the container is lost with it"),
        ("openstack:blockstorage/volume:Volume", "the volume is lost with it"),
        ("openstack:containerinfra/cluster:Cluster", "the cluster and all that runs on it is lost with it"),
        ("aws:eks/cluster:Cluster", "the cluster and all that runs on it is lost with it"),
        ("aws:efs/fileSystem:FileSystem", "the file system is lost with it"),
        ("aws:s3/bucket:Bucket", "the bucket is lost with it"),
        ("aws:rds/instance:Instance", "the database is lost with it"),
        (
            "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
            "every object of its kind is lost with it",
        ),
    ],
)
def test_what_holds_data_loses_it(type_: str, what: str):
    assert verdict(changed(resource(type_, "it", {}), None)) == (Impact.LOSES_DATA, (what,))


@pytest.mark.parametrize(
    "type_", ["openstack:containerinfra/nodeGroup:NodeGroup", "aws:eks/nodeGroup:NodeGroup"]
)
def test_a_node_pool_that_goes_ends_the_servers_on_it(type_: str):
    assert verdict(changed(resource(type_, "it", {}), None)) == (
        Impact.REPLACES,
        ("servers on its nodes end, and what their disks hold is gone",),
    )


def policy(**spec: Any) -> PlannedResource:  # noqa: ANN401 - a manifest's
    metadata = {"name": "p", "namespace": "science-demo"}
    return kubernetes(
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
    )


ENDS = (
    Impact.INTERRUPTS_USERS,
    ("connections that it no longer allows end at once, those of running servers as well",),
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"egress": [{"to": "a"}, {"to": "b"}]}, {"egress": [{"to": "a"}]}, ENDS),
        ({"egress": [{"to": "a"}]}, {"egress": [{"to": "b"}]}, ENDS),
        ({"egress": [{"to": "a"}]}, {"egress": [{"to": "a"}, {"to": "b"}]}, (Impact.NONE, ())),
        ({"egress": [{"to": ["a"]}]}, {"egress": [{"to": ["a", "b"]}]}, (Impact.NONE, ())),
        ({"egress": [{"ports": [1]}]}, {"egress": [{"ports": [1], "to": ["a"]}]}, ENDS),
        ({"policyTypes": ["Ingress"]}, {"policyTypes": ["Ingress", "Egress"]}, ENDS),
    ],
    ids=[
        "a rule less",
        "another rule",
        "a rule more",
        "a peer more",
        "a rule for fewer",
        "closed on another side",
    ],
)
def test_a_network_policy_that_allows_less_cuts_connections(
    before: dict[str, Any], after: dict[str, Any], expected: tuple[Impact, tuple[str, ...]]
):
    assert verdict(changed(policy(**before), policy(**after))) == expected


def service(port: int | None = 443, **spec: Any) -> PlannedResource:  # noqa: ANN401 - a manifest's
    ports = {"ports": [{"name": "https", "port": port}]} if port else {}
    return kubernetes(
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "edge"}, "spec": {**ports, **spec}}
    )


def test_doors_that_change_or_go_interrupt_users():
    assert verdict(changed(service(), service(8443))) == (
        Impact.INTERRUPTS_USERS,
        ("people reach it in another way than before",),
    )
    assert verdict(changed(service(), service(externalTrafficPolicy="Local"))) == (Impact.NONE, ())
    assert verdict(changed(service(), service(clusterIP="None"))) == (
        Impact.REPLACES,
        ("it is away for a moment, and its address may change",),
    )
    assert verdict(changed(service(), None)) == (
        Impact.INTERRUPTS_USERS,
        ("nobody can reach what is behind it this way any more",),
    )


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        ("openstack:dns/recordSet:RecordSet", {"records": ["192.0.2.1"]}),
        ("aws:route53/record:Record", {"ttl": 60}),
    ],
)
def test_names_that_change_or_go_interrupt_users(type_: str, inputs: dict[str, Any]):
    before, after = (resource(type_, "it", given) for given in (inputs, dict.fromkeys(inputs, 1)))
    assert verdict(changed(before, after)) == (
        Impact.INTERRUPTS_USERS,
        ("people reach it in another way than before",),
    )
    assert verdict(changed(before, None)) == (
        Impact.INTERRUPTS_USERS,
        ("nobody can reach what is behind it this way any more",),
    )


def secret(data: dict[str, str], **options: Any) -> PlannedResource:  # noqa: ANN401 - those of Options
    return kubernetes(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": data}, **options
    )


def test_content_that_changes_is_seen_by_the_next_pods():
    assert verdict(changed(secret({"a": "1"}), secret({"a": "2"}))) == (
        Impact.NONE,
        ("pods see it when they next start",),
    )


def test_a_secret_made_once_is_missed_when_it_goes():
    assert verdict(changed(secret({}, ignore_changes=("data",)), None)) == (
        Impact.INTERRUPTS_USERS,
        ("made once: what was signed or encrypted with it is no longer accepted",),
    )
    assert verdict(changed(secret({}), None)) == (Impact.NONE, ())


def test_what_is_kept_or_protected_and_holds_no_data():
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}}
    assert verdict(changed(kubernetes(quota, retain_on_delete=True), None)) == (
        Impact.NONE,
        ("what there is stays, no longer the site's",),
    )
    assert verdict(changed(kubernetes(quota, protect=True), None)) == (
        Impact.REPLACES,
        ("protected, so `up` stops here",),
    )
    assert verdict(changed(kubernetes(quota), None)) == (Impact.NONE, ())


def test_impacts_are_in_order_and_said_in_words():
    assert [impact.words for impact in sorted(Impact)] == [
        "no impact",
        "rolls pods",
        "interrupts users",
        "replaces",
        "loses data",
    ]
