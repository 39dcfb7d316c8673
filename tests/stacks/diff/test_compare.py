"""What becomes of every resource between two plans."""

from dataclasses import replace

import pulumi
import pulumi_kubernetes as k8s
import pytest

from stacks.diff import ABSENT, Action, Change, Changes, Data, Field, Impact, compare
from stacks.plan import Options, Plan, PlannedResource
from tests.support.diff import (
    CLUSTER,
    MUTABLE,
    claim,
    kubernetes,
    of,
    planned,
    provider,
    resource,
    urn,
    workload,
)

CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"


def test_a_plan_compared_with_itself_has_no_changes():
    plan = of(claim(protect=True), workload(), url="https://demo")
    assert compare(plan, plan) == Changes(site="demo")
    assert compare(plan, plan).empty


def test_created_and_deleted_with_what_is_lost_and_deletions_last_first():
    before, after = of(claim("a"), claim("b"), claim("kept")), of(claim("kept"), claim("c"))
    lost = {"impact": Impact.LOSES_DATA, "notes": ("the volume is lost with it",), "data": Data.LOST}
    assert compare(before, after) == Changes(
        site="demo",
        changes=(
            Change(Action.CREATED, urn(CLAIM, "c"), CLAIM, "c", "PersistentVolumeClaim", "c"),
            Change(Action.DELETED, urn(CLAIM, "b"), CLAIM, "b", "PersistentVolumeClaim", "b", **lost),
            Change(Action.DELETED, urn(CLAIM, "a"), CLAIM, "a", "PersistentVolumeClaim", "a", **lost),
        ),
    )


def test_a_change_has_the_resources_of_both_plans_for_gates():
    before, after = claim(), claim(size="20Gi")
    (change,) = compare(of(before), of(after)).changes
    assert (change.before, change.after) == (before, after)


def test_updated_field_by_field():
    (change,) = compare(of(claim()), of(claim(size="20Gi"))).changes
    assert change == Change(
        Action.UPDATED,
        urn(CLAIM, "homes"),
        CLAIM,
        "homes",
        "PersistentVolumeClaim",
        "homes",
        fields=(Field("/spec/resources/requests/storage", "10Gi", "20Gi"),),
        notes=("the volume grows, where its storage class can",),
    )


def test_replaced_where_a_field_cannot_change_in_place():
    (change,) = compare(of(claim()), of(claim(storage_class="slow"))).changes
    assert change == Change(
        Action.REPLACED,
        urn(CLAIM, "homes"),
        CLAIM,
        "homes",
        "PersistentVolumeClaim",
        "homes",
        fields=(Field("/spec/storageClassName", "fast", "slow", forces=True),),
        impact=Impact.LOSES_DATA,
        notes=("the volume is lost with it",),
        data=Data.LOST,
    )


def test_a_claim_of_another_name_is_called_what_it_was_called():
    (change,) = compare(of(claim()), of(claim("homes-0", resource_name="homes"))).changes
    assert (change.action, change.object, change.fields) == (
        Action.REPLACED,
        "homes",
        (Field("/metadata/name", "homes", "homes-0", forces=True),),
    )


def test_renamed_by_an_alias_and_nothing_else():
    old, new = claim(resource_name="old"), claim(resource_name="new", aliases=(urn(CLAIM, "old"),))
    assert compare(of(old), of(new)).changes == (
        Change(
            Action.RENAMED,
            urn(CLAIM, "new"),
            CLAIM,
            "new",
            "PersistentVolumeClaim",
            "homes",
            before_urn=urn(CLAIM, "old"),
        ),
    )


def test_renamed_and_changed_is_updated_and_says_what_it_was():
    old, new = (
        claim(resource_name="old"),
        claim(size="11Gi", resource_name="new", aliases=(urn(CLAIM, "old"),)),
    )
    (change,) = compare(of(old), of(new)).changes
    assert (change.action, change.before_urn) == (Action.UPDATED, urn(CLAIM, "old"))


def test_without_the_alias_it_is_lost_and_the_alias_is_recommended():
    changes = compare(of(claim(resource_name="old")), of(claim(resource_name="new"))).changes
    assert [(each.action, each.name, each.notes) for each in changes] == [
        (Action.CREATED, "new", ()),
        (
            Action.DELETED,
            "old",
            (
                "the volume is lost with it",
                "it seems to be renamed: give new an alias, aliases=[pulumi.Alias(name='old', …)]",
            ),
        ),
    ]


def test_an_alias_of_what_is_still_there_renames_nothing():
    old, new = claim(), claim("other", aliases=(urn(CLAIM, "homes"),))
    changes = compare(of(old), of(old, new)).changes
    assert [(each.action, each.name) for each in changes] == [(Action.CREATED, "other")]


def test_two_resources_with_one_alias_only_one_of_them_is_renamed():
    aliases = (urn(CLAIM, "old"),)
    after = of(
        claim("homes", resource_name="a", aliases=aliases),
        claim("homes-b", resource_name="b", aliases=aliases),
    )
    changes = compare(of(claim(resource_name="old")), after).changes
    assert [(each.action, each.name) for each in changes] == [(Action.RENAMED, "a"), (Action.CREATED, "b")]


class Part(pulumi.ComponentResource):
    """A component with one ConfigMap."""

    def __init__(self, kind: str, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__(f"demo:index:{kind}", name, None, opts)
        config = k8s.meta.v1.ObjectMetaArgs(name="c", namespace="demo")
        k8s.core.v1.ConfigMap(f"{name}-config", metadata=config, opts=pulumi.ResourceOptions(parent=self))


def part(kind: str, name: str, *aliases: pulumi.Alias):
    return planned(
        lambda: (
            Part(kind, name, pulumi.ResourceOptions(providers=[provider()], aliases=list(aliases))) and None
        )
    )


def test_a_child_is_renamed_with_its_component():
    (change,) = compare(part("Part", "hub"), part("Part", "core", pulumi.Alias(name="hub"))).changes
    assert (change.action, change.name, change.before_urn) == (
        Action.RENAMED,
        "core-config",
        "urn:pulumi:demo::science-platform::demo:index:Part$kubernetes:core/v1:ConfigMap::hub-config",
    )


def test_a_child_is_moved_with_its_component_to_another_type():
    (change,) = compare(
        part("Part", "hub"), part("Layer", "hub", pulumi.Alias(type_="demo:index:Part"))
    ).changes
    assert (change.action, change.name, change.before_urn) == (
        Action.MOVED,
        "hub-config",
        "urn:pulumi:demo::science-platform::demo:index:Part$kubernetes:core/v1:ConfigMap::hub-config",
    )


def test_a_resource_is_moved_from_one_component_to_another():
    def program(parent: str, *aliases: pulumi.Alias) -> None:
        options = pulumi.ResourceOptions(providers=[provider()])
        parents = {kind: Part(kind, kind.lower(), options) for kind in ("Hub", "Edge")}
        k8s.core.v1.ConfigMap(
            "it",
            metadata={"name": "it", "namespace": "demo"},
            opts=pulumi.ResourceOptions(parent=parents[parent], aliases=list(aliases)),
        )

    hub = "urn:pulumi:demo::science-platform::demo:index:Hub::hub"
    after = planned(lambda: program("Edge", pulumi.Alias(parent=hub)))
    (change,) = compare(planned(lambda: program("Hub")), after).changes
    assert (change.action, change.name) == (Action.MOVED, "it")


def test_a_resource_given_to_a_component_of_its_parents_type_is_moved():
    parts = [resource("demo:index:Part", name, {}, custom=False) for name in ("a", "b")]
    before, after = (claim(parent=part.urn) for part in parts)
    (change,) = compare(of(*parts, before), of(*parts, after)).changes
    assert (change.action, change.before_urn) == (Action.MOVED, None)


def test_components_and_what_is_only_read_are_left_out():
    part = resource("demo:index:Part", "part", {"a": 1}, custom=False)
    read = kubernetes({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}, read_id="s")
    assert compare(of(), of(part, read)) == compare(of(part, read), of()) == Changes(site="demo")


def test_what_changes_are_ignored_in_does_not_count():
    def secret(data: dict[str, str]) -> PlannedResource:
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data}
        return kubernetes(manifest, ignore_changes=("data",))

    assert compare(of(secret({"a": "[secret]#1"})), of(secret({"b": "[secret]#2"}))).empty


def test_options_that_say_what_may_become_of_a_resource_are_fields_too():
    (change,) = compare(
        of(claim(protect=True, retain_on_delete=True)), of(claim(ignore_changes=("spec",)))
    ).changes
    assert (change.action, change.fields, change.notes) == (
        Action.UPDATED,
        (
            Field("/options/protect", True, False),
            Field("/options/retain_on_delete", True, False),
            Field("/options/ignore_changes/0", ABSENT, "spec"),
        ),
        ("no longer protected: the next change may delete it",),
    )


def test_replace_on_changes_replaces():
    def policy(port: int, *asked: str) -> Plan:
        spec = {"egress": [{"ports": [{"port": port}]}]}
        manifest = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "p"},
            "spec": spec,
        }
        return of(kubernetes(manifest, replace_on_changes=asked))

    actions = {
        asked: compare(policy(1, *asked), policy(2, *asked)).changes[0].action
        for asked in ((), ("spec.egress[*].ports",), ("metadata",), ("*",))
    }
    assert actions == {
        (): Action.UPDATED,
        ("spec.egress[*].ports",): Action.REPLACED,
        ("metadata",): Action.UPDATED,
        ("*",): Action.REPLACED,
    }


def test_deleted_with_follows_a_rename():
    part = claim(resource_name="old")
    renamed = replace(part, urn=urn(CLAIM, "new"), name="new", options=Options(aliases=(part.urn,)))
    before, after = (workload(), workload())
    before, after = (
        replace(each, options=Options(deleted_with=target.urn))
        for each, target in ((before, part), (after, renamed))
    )
    assert [each.action for each in compare(of(part, before), of(renamed, after)).changes] == [Action.RENAMED]


def config_map(provider_inputs: dict[str, object], data: str):
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": data}}
    plan = of(kubernetes(config))
    return replace(plan, resources=(replace(MUTABLE, inputs=provider_inputs), *plan.resources[1:]))


@pytest.mark.parametrize(
    ("inputs", "action"),
    [({"enableConfigMapMutable": True}, Action.UPDATED), ({"context": "demo"}, Action.REPLACED)],
    ids=["mutable", "not"],
)
def test_content_is_replaced_unless_the_provider_changes_it_in_place(
    inputs: dict[str, object], action: Action
):
    (change,) = compare(config_map(inputs, "1"), config_map(inputs, "2")).changes
    assert (change.action, change.kind) == (action, "ConfigMap")


@pytest.mark.parametrize(
    ("type_", "action"),
    [
        ("kubernetes:apps/v1:DeploymentPatch", Action.UPDATED),
        ("kubernetes:apps/v1:Deployment", Action.REPLACED),
    ],
)
def test_the_selector_of_a_patch_is_only_a_field(type_: str, action: Action):
    def patch(app: str) -> Plan:
        spec = {"selector": {"matchLabels": {"app": app}}}
        manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}
        return of(resource(type_, "d", manifest, provider=CLUSTER))

    (change,) = compare(patch("a"), patch("b")).changes
    assert change.action == action


def secrets(**texts: str):
    def program() -> None:
        password = pulumi.Config().require_secret("password")
        data = {
            key: password.apply(lambda plain, text=text: text.format(plain)) for key, text in texts.items()
        }
        k8s.core.v1.Secret(
            "s", metadata={"name": "s"}, string_data=data, opts=pulumi.ResourceOptions(provider=provider())
        )

    return planned(program, secrets=("password",))


def test_a_secret_made_of_another_text_shows_that_it_changed_and_nothing_of_it():
    before = secrets(dsn="postgresql://hub:{}@old.example.org", other="{}")
    after = secrets(dsn="postgresql://hub:{}@new.example.org", other="{}")
    (change,) = compare(before, after).changes
    assert change.fields == (Field("/stringData/dsn", "[secret]", "[secret] (changed)"),)
    assert "example.org" not in repr(change)


def test_outputs_are_compared_and_another_address_interrupts_everybody():
    changes = compare(of(url="https://a", version="1"), of(url="https://b", version="2"))
    assert changes == Changes(
        site="demo", outputs=(Field("/url", "https://a", "https://b"), Field("/version", "1", "2"))
    )
    assert (changes.empty, changes.impact) == (False, Impact.INTERRUPTS_USERS)


def test_what_a_site_comes_to():
    changes = compare(
        of(claim("a"), workload()), of(claim("a", size="20Gi"), workload(image="example.org/hub:2"))
    )
    assert (changes.impact, changes.counts) == (Impact.ROLLS_PODS, {Action.UPDATED: 2})
    assert [each.object for each in changes.own] == ["a"]
