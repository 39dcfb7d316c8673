"""What is sent, what is compared, and what comes back."""

import base64

from stacks.apply_objects import (
    Identity,
    compared,
    digest,
    identity,
    ignored_paths,
    kept,
    outputs,
    prepared,
    projected,
    unknown_paths,
)
from stacks.wire import UNKNOWN, Secret


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_prepared_manifest_has_its_namespace_its_secrets_and_no_nulls():
    inputs = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "labels": None},
        "data": Secret({"a": "YQ=="}),
        "stringData": Secret({"b": "beta"}),
        "type": None,
    }
    assert prepared(inputs, "demo") == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "demo"},
        "data": {"a": "YQ==", "b": b64("beta")},
    }


def test_identity_is_free_of_the_apis_version():
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "hub"}}
    assert identity(manifest, "demo") == Identity("apps", "Deployment", "demo", "hub")
    assert identity({**manifest, "apiVersion": "apps/v2"}, "demo") == identity(manifest, "demo")
    assert str(identity(manifest, "demo")) == "Deployment demo/hub"
    assert str(Identity("", "Namespace", None, "demo")) == "Namespace demo"


def test_ignoring_string_data_of_a_secret_ignores_its_data():
    secret = {"apiVersion": "v1", "kind": "Secret"}
    assert ignored_paths(secret, ["stringData", 'stringData["a.b"]']) == (("data",), ("data", "a.b"))
    assert ignored_paths({"apiVersion": "v1", "kind": "ConfigMap"}, ["stringData"]) == (("stringData",),)


def test_ignored_parts_are_sent_as_they_are_live_and_do_not_count():
    manifest = {"data": {"a": "new"}, "metadata": {"labels": {"x": "1"}}}
    live = {"data": {"a": "old", "b": "added"}, "metadata": {"labels": {"x": "0"}}}
    assert kept(manifest, [("data",)], live) == {"data": live["data"], "metadata": manifest["metadata"]}
    assert compared(manifest, [("data",)]) == {"metadata": manifest["metadata"]}


def test_a_projection_sees_what_was_asked_for_and_not_what_was_added():
    wanted = {"spec": {"replicas": 1, "ports": [{"port": 80}]}, "gone": 1}
    live = {"spec": {"replicas": 2, "ports": [{"port": 80, "nodePort": 1}], "extra": 1}, "status": {}}
    assert projected(live, wanted) == {"spec": {"replicas": 2, "ports": [{"port": 80}]}, "gone": None}


def test_a_projection_sees_items_that_were_added_to_a_list():
    assert projected({"l": [1, 2]}, {"l": [1]}) == {"l": [1, 2]}


def test_digests_do_not_depend_on_order():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1}) != digest({"a": 1, "b": [2, 1]})


def test_where_values_are_unknown_is_said():
    assert unknown_paths({"a": UNKNOWN, "b": [1, Secret({"c": UNKNOWN})]}) == ["a", "b[1].c"]


def test_secrets_come_back_as_secrets_and_string_data_as_it_is_live():
    live = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "managedFields": []},
        "data": {"a": b64("live"), "other": "eA=="},
    }
    inputs = {"stringData": Secret({"a": "generated anew"})}
    assert outputs(live, inputs) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "data": Secret(live["data"]),
        "stringData": Secret({"a": "live"}),
    }


def test_what_was_secret_stays_secret_in_other_objects():
    live = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"env": [{"name": "A", "value": "x"}], "args": ["x", "added"]},
        "status": {"phase": "Running"},
    }
    inputs = {"spec": {"env": [{"name": "A", "value": Secret("x")}], "args": [Secret("x")]}}
    assert outputs(live, inputs, ["status"]) == {
        **live,
        "spec": {"env": [{"name": "A", "value": Secret("x")}], "args": Secret(["x", "added"])},
        "status": Secret({"phase": "Running"}),
    }
