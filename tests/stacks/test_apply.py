"""What the direct apply refuses before it contacts anything, and how it says what it did."""

import pytest

from infra.kube_errors import KubeError
from stacks.apply import Outcome, gone, in_words, refuse_other_packages, refuse_protected
from stacks.apply_change import Wanted, needs_replacement, unchanged
from stacks.apply_errors import ApplyError
from stacks.apply_objects import Identity, digest
from stacks.apply_record import Entry, Record
from stacks.plan import Plan
from stacks.resources import Options, PlannedResource


def resource(type_: str, name: str, aliases: tuple[str, ...] = ()) -> PlannedResource:
    manifest = {
        "apiVersion": "v1",
        "kind": type_.rpartition(":")[2],
        "metadata": {"name": name, "namespace": "demo"},
    }
    return PlannedResource(
        urn=f"urn:{name}",
        type=type_,
        name=name,
        parent=None,
        provider=None,
        inputs=manifest if type_.startswith("kubernetes:core") else {},
        options=Options(aliases=aliases),
    )


def entry(name: str, *, protect: bool = False) -> Entry:
    return Entry(f"urn:{name}", Identity("", "ConfigMap", "demo", name), "v1", applied="x", protect=protect)


def a_plan(*resources: PlannedResource) -> Plan:
    return Plan("demo", "science-platform", resources, {})


CONFIG = "kubernetes:core/v1:ConfigMap"


def test_what_is_not_kubernetes_is_refused_with_the_way_out():
    others = [resource("aws:ec2/vpc:Vpc", name) for name in ("a", "b", "c", "d")]
    release = resource("kubernetes:helm.sh/v3:Release", "chart")
    with pytest.raises(ApplyError) as refused:
        refuse_other_packages(a_plan(resource(CONFIG, "config"), release, *others))
    assert str(refused.value) == (
        "without Pulumi only Kubernetes objects can be applied, and chart (kubernetes:helm.sh/v3:Release), "
        "a (aws:ec2/vpc:Vpc), b (aws:ec2/vpc:Vpc) and 2 more are not: install Pulumi (make pulumi), or see "
        "https://www.pulumi.com/docs/install/, and run this again"
    )


def test_kubernetes_objects_their_provider_and_reads_are_accepted():
    refuse_other_packages(
        a_plan(resource("pulumi:providers:kubernetes", "cluster"), resource(CONFIG, "config"))
    )


def test_what_the_program_no_longer_has_is_gone_but_not_what_it_renamed():
    record = Record(entries={each.urn: each for each in (entry("old"), entry("same"), entry("gone"))})
    now = [resource(CONFIG, "new", aliases=("urn:old",)), resource(CONFIG, "same")]
    assert [each.urn for each in gone(record, now)] == ["urn:gone"]


def test_what_is_gone_and_protected_is_refused_with_the_way_out():
    with pytest.raises(
        ApplyError, match=r"the program no longer has ConfigMap demo/homes, which .* put it back"
    ):
        refuse_protected([entry("homes", protect=True), entry("other")], a_plan())


def test_what_another_resource_still_is_may_be_gone():
    refuse_protected([entry("homes", protect=True)], a_plan(resource(CONFIG, "homes")))


def test_counts_are_said_in_words():
    counts = {Outcome.UNCHANGED: 57, Outcome.CREATED: 3, Outcome.DELETED: 0}
    assert in_words(counts) == "created 3, unchanged 57"
    assert in_words({}) == "nothing to do"


MANIFEST = {"metadata": {"name": "c"}, "data": {"a": "1"}}


def wanted(applied: object, live: object) -> Wanted:
    before = Entry("urn:c", Identity("", "C", None, "c"), "v1", applied=digest(applied), live=digest(live))
    return Wanted(MANIFEST, before.identity, before=before)


def test_unchanged_is_what_neither_the_program_nor_the_cluster_has_changed():
    live = {**MANIFEST, "status": {"added": "by the server"}}
    assert unchanged(wanted(MANIFEST, MANIFEST), live)
    assert not unchanged(wanted({**MANIFEST, "data": {"a": "0"}}, MANIFEST), live)
    assert not unchanged(wanted(MANIFEST, MANIFEST), {**live, "data": {"a": "edited"}})
    assert not unchanged(Wanted(MANIFEST, Identity("", "C", None, "c")), live)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid value: {}: field is immutable",
        "Forbidden: spec is immutable after creation except resources.requests",
        "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
        "Forbidden: pod updates may not change fields other than image",
        "Invalid value: {}: cannot change roleRef",
        "Forbidden: updates to provisioner are forbidden.",
        "field is immutable when `immutable` is set",
        "may not be changed once set",
    ],
)
def test_refusals_to_change_a_field_need_a_replacement(message: str):
    assert needs_replacement(KubeError("no", 422, "Invalid", (("spec", message),)))


def test_other_refusals_do_not():
    assert not needs_replacement(KubeError("no", 422, "Invalid", (("spec.replicas", "must be positive"),)))
    assert not needs_replacement(KubeError("no", 409, "Conflict", (("spec", "field is immutable"),)))
