"""What the direct apply does with kinds that are no plain objects: new kinds, patches, reads."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from stacks.apply_errors import ApplyError
from stacks.apply_record import Store
from stacks.wire import Secret
from tests.cluster.conftest import MakeOptions, Options, Stack

pytestmark = pytest.mark.cluster


def crd(group: str) -> Any:  # noqa: ANN401 - as Pulumi's SDK takes it
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Thing", "plural": "things"}
    return {"group": group, "scope": "Namespaced", "names": names, "versions": [version]}


def test_a_kind_and_an_object_of_it_in_one_run(stack: Stack, namespace: str, opts: MakeOptions):
    group = "test-apply-special.example.org"

    def program() -> None:
        given = opts()
        kind = k8s.apiextensions.v1.CustomResourceDefinition(
            "things", metadata={"name": f"things.{group}"}, spec=crd(group), opts=given
        )
        k8s.apiextensions.CustomResource(
            "thing",
            api_version=f"{group}/v1",
            kind="Thing",
            metadata={"name": "thing", "namespace": namespace},
            spec={"count": 2, "share": 0.5},
            opts=Options.merge(given, Options(depends_on=[kind])),
        )

    assert str(stack.up(program)) == "created 2"
    thing = stack.kube.get(f"{group}/v1", "Thing", "thing", namespace)
    assert thing
    assert repr(thing["spec"]) == "{'count': 2, 'share': 0.5}"
    assert str(stack.up(program)) == "unchanged 2"
    assert stack.down(everything=True) == {"deleted": 2, "unchanged": 0}


def test_fields_of_another_object_are_set_and_given_back(stack: Stack, namespace: str, opts: MakeOptions):
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "shared", "namespace": namespace},
    }
    stack.kube.apply({**manifest, "data": {"a": "theirs"}}, manager="them")

    def program(key: str) -> None:
        k8s.core.v1.ConfigMapPatch("part", metadata=manifest["metadata"], data={key: "ours"}, opts=opts())

    def data() -> dict[str, str]:
        live = stack.kube.get("v1", "ConfigMap", "shared", namespace)
        assert live
        return live["data"]

    assert str(stack.up(lambda: program("b"))) == "created 1"
    assert str(stack.up(lambda: program("b"))) == "unchanged 1"
    assert data() == {"a": "theirs", "b": "ours"}
    with pytest.raises(ApplyError, match=r'conflict with "them".*the annotation pulumi.com/patchForce'):
        stack.up(lambda: program("a"))
    stack.down(everything=True)
    assert data() == {"a": "theirs"}


def test_what_is_only_read_is_read_and_not_recorded(stack: Stack, namespace: str, opts: MakeOptions):
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "read", "namespace": namespace}}
    stack.kube.apply({**manifest, "stringData": {"a": "x"}}, manager="them")

    def program(name: str) -> None:
        secret = k8s.core.v1.Secret.get("read", f"{namespace}/{name}", opts=opts())
        pulumi.export("data", secret.data)

    assert stack.up(lambda: program("read")).outputs == {"data": Secret({"a": "eA=="})}
    assert Store(stack.kube, stack.name).load().entries == {}
    with pytest.raises(ApplyError, match=f"read: there is no Secret {namespace}/none to read"):
        stack.up(lambda: program("none"))
