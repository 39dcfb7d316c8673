"""The direct apply on a real API server."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from infra.kube import Kube
from stacks.apply import manager_of
from stacks.apply_errors import ApplyError
from stacks.apply_lock import LockedError, locked
from stacks.apply_record import NAMESPACE, Store
from stacks.wire import Secret
from tests.cluster.conftest import MakeOptions, Options, Stack

pytestmark = pytest.mark.cluster


def config_map(name: str, namespace: str, data: Mapping[str, Any], opts: Options, resource: str = "") -> Any:  # noqa: ANN401
    metadata: Any = {"name": name, "namespace": namespace}
    return k8s.core.v1.ConfigMap(resource or name, metadata=metadata, data=data, opts=opts)


def deployment(name: str, namespace: str, label: str, opts: Options, replicas: int = 0) -> Any:  # noqa: ANN401
    labels = {"app": label}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "none"}]}}
    spec: Any = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pod}
    return k8s.apps.v1.Deployment(name, metadata={"name": name, "namespace": namespace}, spec=spec, opts=opts)


def test_live_objects_are_the_outputs_and_a_second_run_changes_nothing(
    stack: Stack, namespace: str, opts: MakeOptions
):
    def program() -> None:
        given = opts()
        service = k8s.core.v1.Service(
            "svc",
            metadata={"name": "svc", "namespace": namespace},
            spec={"ports": [{"port": 80}]},
            opts=given,
        )
        password = pulumi.Config().require_secret("password")
        metadata: Any = {"name": "mixed", "namespace": namespace}
        secret = k8s.core.v1.Secret(
            "mixed", metadata=metadata, string_data={"password": password}, opts=given
        )
        config_map("uses", namespace, {"ip": service.spec.cluster_ip}, given)
        pulumi.export("ip", service.spec.cluster_ip)
        pulumi.export("ports", service.spec.ports)
        pulumi.export("data", secret.data)
        pulumi.export("text", secret.string_data)

    first, second = stack.up(program), stack.up(program)
    assert str(first) == "created 3"
    assert str(second) == "unchanged 3"
    live = stack.kube.get("v1", "Service", "svc", namespace)
    assert live
    assert second.outputs == {
        "ip": live["spec"]["clusterIP"],
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "data": Secret({"password": "aHVudGVyMg=="}),
        "text": Secret({"password": "hunter2"}),
    }
    uses = stack.kube.get("v1", "ConfigMap", "uses", namespace)
    assert uses
    assert uses["data"] == {"ip": live["spec"]["clusterIP"]}
    assert "hunter2" not in stack.said.getvalue()


def test_what_is_generated_once_stays_also_when_the_rest_changes(
    stack: Stack, namespace: str, opts: MakeOptions
):
    def program(label: str) -> None:
        secret = k8s.core.v1.Secret(
            "token",
            metadata={"name": "token", "namespace": namespace, "labels": {"l": label}},
            string_data={"token": secrets.token_hex()},
            opts=opts(ignore_changes=["stringData"]),
        )
        pulumi.export("token", secret.string_data)

    first = stack.up(lambda: program("a"))
    assert str(stack.up(lambda: program("a"))) == "unchanged 1"
    last = stack.up(lambda: program("b"))
    assert str(last) == "updated 1"
    assert last.outputs == first.outputs


def test_changes_by_hand_are_put_right_and_additions_by_others_left(
    stack: Stack, namespace: str, opts: MakeOptions
):
    def program() -> None:
        given = opts()
        config_map("edited", namespace, {"a": "1", "b": "2"}, given)
        config_map("deleted", namespace, {"a": "1"}, given)

    stack.up(program)
    stack.kube.merge("v1", "ConfigMap", "edited", namespace, {"data": {"added": "by hand"}})
    assert str(stack.up(program)) == "unchanged 2"
    stack.kube.merge("v1", "ConfigMap", "edited", namespace, {"data": {"a": "changed", "b": None}})
    stack.kube.delete("v1", "ConfigMap", "deleted", namespace)
    assert str(stack.up(program)) == "created 1, updated 1"
    edited = stack.kube.get("v1", "ConfigMap", "edited", namespace)
    assert edited
    assert edited["data"] == {"a": "1", "b": "2", "added": "by hand"}


def test_what_is_gone_from_the_program_is_deleted_last_made_first(
    stack: Stack, namespace: str, opts: MakeOptions
):
    def program(names: str) -> None:
        given = opts()
        for name in names.split():
            config_map(name, namespace, {}, given)

    stack.up(lambda: program("one two three four"))
    applied = stack.up(lambda: program("one three"))
    assert str(applied) == "deleted 2, unchanged 2"
    said = stack.said.getvalue()
    assert said.index("deleted ConfigMap test-apply/four") < said.index("deleted ConfigMap test-apply/two")
    left = {each["metadata"]["name"] for each in stack.kube.list("v1", "ConfigMap", namespace)}
    assert left >= {"one", "three"}
    assert not left & {"two", "four"}


def test_a_renamed_resource_keeps_its_object_and_even_a_made_name(
    stack: Stack, namespace: str, opts: MakeOptions
):
    def program(name: str, aliases: list[pulumi.Alias]) -> None:
        given = opts(aliases=aliases)
        made = k8s.core.v1.ConfigMap(
            f"{name}-made", metadata={"namespace": namespace}, data={"a": "1"}, opts=given
        )
        pulumi.export("name", made.metadata["name"])

    first = stack.up(lambda: program("old", []))
    renamed = stack.up(lambda: program("new", [pulumi.Alias(name="old-made")]))
    assert str(renamed) == "unchanged 1"
    assert renamed.outputs == first.outputs


def test_a_new_name_is_a_new_object_made_before_the_old_one_goes(
    stack: Stack, namespace: str, opts: MakeOptions
):
    stack.up(lambda: config_map("before", namespace, {}, opts(), resource="it"))
    assert (
        str(stack.up(lambda: config_map("after", namespace, {}, opts(), resource="it")))
        == "replaced 1, deleted 1"
    )
    said = stack.said.getvalue()
    assert said.index("replaced ConfigMap test-apply/after") < said.index(
        "deleted ConfigMap test-apply/before"
    )


def test_a_field_that_cannot_change_replaces_the_object(stack: Stack, namespace: str, opts: MakeOptions):
    stack.up(lambda: deployment("app", namespace, "one", opts()))
    before = stack.kube.get("apps/v1", "Deployment", "app", namespace)
    assert str(stack.up(lambda: deployment("app", namespace, "two", opts()))) == "replaced 1"
    after = stack.kube.get("apps/v1", "Deployment", "app", namespace)
    assert before
    assert after
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert str(stack.up(lambda: deployment("app", namespace, "two", opts()))) == "unchanged 1"


def test_what_is_protected_is_not_replaced(stack: Stack, namespace: str, opts: MakeOptions):
    stack.up(lambda: deployment("safe", namespace, "one", opts(protect=True)))
    with pytest.raises(
        ApplyError, match="Deployment test-apply/safe is protected, and the change needs it deleted"
    ):
        stack.up(lambda: deployment("safe", namespace, "two", opts(protect=True)))
    assert str(stack.up(lambda: deployment("safe", namespace, "one", opts(protect=True)))) == "unchanged 1"


def test_nothing_is_deleted_for_a_replacement_that_is_itself_wrong(
    stack: Stack, namespace: str, opts: MakeOptions
):
    stack.up(lambda: deployment("wrong", namespace, "one", opts()))
    with pytest.raises(ApplyError, match="replicas"):
        stack.up(lambda: deployment("wrong", namespace, "two", opts(), replicas=-1))
    assert str(stack.up(lambda: deployment("wrong", namespace, "one", opts()))) == "unchanged 1"


def test_what_is_protected_and_gone_stops_the_run_before_it_begins(
    stack: Stack, namespace: str, opts: MakeOptions
):
    def program(protected: bool) -> None:
        given = opts()
        if protected:
            config_map("protected", namespace, {}, Options.merge(given, Options(protect=True)))
        config_map("other", namespace, {"protected": str(protected)}, given)

    stack.up(lambda: program(protected=True))
    with pytest.raises(
        ApplyError, match="no longer has ConfigMap test-apply/protected, which it had protected"
    ):
        stack.up(lambda: program(protected=False))
    other = stack.kube.get("v1", "ConfigMap", "other", namespace)
    assert other
    assert other["data"] == {"protected": "True"}
    assert str(stack.up(lambda: program(protected=False), forget_protected=True)) == "updated 1, deleted 1"


def test_down_keeps_the_protected_and_its_namespace_and_up_finds_them_unchanged(
    stack: Stack, kube: Kube, opts: MakeOptions
):
    name = "test-apply-down"

    def program() -> None:
        given = opts()
        inside = k8s.core.v1.Namespace("ns", metadata={"name": name}, opts=given).metadata["name"]
        claim: Any = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
        k8s.core.v1.PersistentVolumeClaim(
            "homes",
            metadata={"name": "homes", "namespace": inside},
            spec=claim,
            opts=Options.merge(given, Options(protect=True, retain_on_delete=True)),
        )
        k8s.core.v1.ConfigMap("config", metadata={"name": "config", "namespace": inside}, opts=given)

    stack.up(program)
    assert stack.down() == {"deleted": 1, "unchanged": 2}
    assert kube.get("v1", "PersistentVolumeClaim", "homes", name)
    assert str(stack.up(program)) == "created 1, unchanged 2"
    assert stack.down(everything=True) == {"deleted": 3, "unchanged": 0}
    assert kube.get("v1", "Namespace", name) is None
    assert kube.get("v1", "Secret", stack.name, NAMESPACE) is None


def test_what_someone_else_has_made_is_neither_changed_nor_deleted(
    stack: Stack, namespace: str, opts: MakeOptions
):
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "theirs", "namespace": namespace},
    }
    stack.kube.apply({**manifest, "data": {"a": "theirs"}}, manager="them")
    with pytest.raises(
        ApplyError, match="ConfigMap test-apply/theirs is there already, and this stack has not made"
    ):
        stack.up(lambda: config_map("theirs", namespace, {"a": "ours"}, opts()))
    stack.down(everything=True)
    theirs = stack.kube.get("v1", "ConfigMap", "theirs", namespace)
    assert theirs
    assert theirs["data"] == {"a": "theirs"}
    assert (
        str(stack.up(lambda: config_map("theirs", namespace, {"a": "1"}, opts(import_="x")))) == "updated 1"
    )


def test_a_run_that_was_interrupted_is_taken_up_again_and_nothing_gets_lost(
    stack: Stack, namespace: str, opts: MakeOptions
):
    def program(*, interrupted: bool) -> None:
        given = opts()
        first = config_map("first", namespace, {}, given)

        def stop(_: object) -> str:
            if (
                interrupted
                and not pulumi.runtime.is_dry_run()
                and stack.kube.get("v1", "ConfigMap", "first", namespace)
            ):
                raise KeyboardInterrupt
            return "done"

        config_map("second", namespace, {"first": first.id.apply(stop)}, given)

    with pytest.raises(KeyboardInterrupt):
        stack.up(lambda: program(interrupted=True))
    record = Store(stack.kube, stack.name).load()
    assert [(entry.identity.name, bool(entry.applied)) for entry in record.entries.values()] == [
        ("first", True),
        ("second", False),
    ]
    assert str(stack.up(lambda: program(interrupted=False))) == "created 1, unchanged 1"


def test_a_lost_record_is_made_again_from_what_is_marked_as_the_stacks_own(
    stack: Stack, namespace: str, opts: MakeOptions
):
    stack.up(lambda: config_map("owned", namespace, {"a": "1"}, opts()))
    Store(stack.kube, stack.name).delete()
    assert str(stack.up(lambda: config_map("owned", namespace, {"a": "1"}, opts()))) == "updated 1"
    assert str(stack.up(lambda: config_map("owned", namespace, {"a": "1"}, opts()))) == "unchanged 1"


def test_two_runs_of_one_stack_do_not_meet(stack: Stack, namespace: str, opts: MakeOptions):
    stack.up(lambda: config_map("locked", namespace, {"a": "1"}, opts()))
    with locked(stack.kube, stack.name):
        with pytest.raises(
            LockedError, match=f"{stack.name} is being changed by .*, who last showed a sign of life"
        ):
            stack.up(lambda: config_map("locked", namespace, {"a": "2"}, opts()))
        with pytest.raises(LockedError):
            stack.down()
        changed = stack.up(lambda: config_map("locked", namespace, {"a": "3"}, opts()), force_unlock=True)
    assert str(changed) == "updated 1"
    assert stack.kube.get("coordination.k8s.io/v1", "Lease", stack.name, NAMESPACE) is None


def test_a_run_stops_once_another_has_taken_over(stack: Stack, kube: Kube):
    with locked(kube, stack.name) as first:
        first.renew()
        first.check()
        with locked(kube, stack.name, force=True):
            first.renew()
            with pytest.raises(LockedError, match=f"another run has taken over {stack.name}: stopped"):
                first.check()
        assert kube.get("coordination.k8s.io/v1", "Lease", stack.name, NAMESPACE) is None


def test_the_provider_has_to_be_of_the_same_cluster(stack: Stack, namespace: str, tmp_path: Path):
    other = tmp_path / "kubeconfig"
    other.write_text(
        "{contexts: [{name: o, context: {cluster: o}}], current-context: o, "
        "clusters: [{name: o, cluster: {server: 'https://other.example:6443'}}]}"
    )

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig=str(other))
        config_map("elsewhere", namespace, {}, Options(provider=provider))

    with pytest.raises(
        ApplyError, match=r"the provider cluster is of the cluster at https://other\.example:6443"
    ):
        stack.up(program)
    assert stack.kube.get("v1", "ConfigMap", "elsewhere", namespace) is None


def test_objects_are_marked_with_their_stacks_manager(stack: Stack, namespace: str, opts: MakeOptions):
    (live,) = stack.up(lambda: config_map("marked", namespace, {}, opts())).live
    assert {entry["manager"] for entry in live["metadata"]["managedFields"]} == {manager_of(stack.name)}
