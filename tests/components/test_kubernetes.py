"""From manifests to resources, as a plan shows them."""

import base64

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.kubernetes import declare, declare_all, keeping, made_once, resource_class, secret_data
from components.objects import Manifest
from stacks.plan import Options, PlannedResource, plan

CONFIG: Manifest = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "web-config-1f2e", "namespace": "science-demo"},
    "data": {"a": "1"},
}


def in_a_program(*steps: object) -> list[PlannedResource]:
    """Return what steps register: functions of the resource options with the one provider."""

    def program() -> None:
        options = pulumi.ResourceOptions(provider=k8s.Provider("cluster", context="demo"))
        for step in steps:
            assert callable(step)
            step(options)

    return list(plan(program, stack="demo", config={}).resources[1:])


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("v1", "ConfigMap", k8s.core.v1.ConfigMap),
        ("apps/v1", "Deployment", k8s.apps.v1.Deployment),
        ("networking.k8s.io/v1", "NetworkPolicy", k8s.networking.v1.NetworkPolicy),
        ("rbac.authorization.k8s.io/v1", "Role", k8s.rbac.v1.Role),
        ("scheduling.k8s.io/v1", "PriorityClass", k8s.scheduling.v1.PriorityClass),
        ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", k8s.flowcontrol.v1.FlowSchema),
    ],
)
def test_a_built_in_kind_has_its_typed_class(api_version: str, kind: str, expected: type):
    assert resource_class(api_version, kind) is expected


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "Configmap"),
        ("v9", "ConfigMap"),
        ("cert-manager.io/v1", "Issuer"),
        ("apps.x.org/v1", "Deployment"),
    ],
    ids=lambda value: value,
)
def test_any_other_kind_is_an_error_that_names_it(api_version: str, kind: str):
    with pytest.raises(ValueError, match=f"{api_version} {kind} is not a kind that pulumi_kubernetes knows"):
        resource_class(api_version, kind)


def test_a_manifest_is_declared_as_it_is_under_its_components_name():
    (resource,) = in_a_program(lambda options: declare(CONFIG, "demo-web", options))
    assert (resource.type, resource.name) == ("kubernetes:core/v1:ConfigMap", "demo-web-web-config-1f2e")
    assert resource.inputs == CONFIG


def test_a_resource_keeps_its_name_where_its_objects_own_changes():
    (resource,) = in_a_program(lambda options: declare(CONFIG, "demo-web", options, name="config"))
    assert resource.name == "demo-web-config"
    assert resource.inputs["metadata"] == {"name": "web-config-1f2e", "namespace": "science-demo"}


def test_keys_in_camel_case_reach_the_typed_class():
    manifest = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "science-demo-core"},
        "value": 1000,
        "globalDefault": False,
        "preemptionPolicy": "Never",
    }
    (resource,) = in_a_program(lambda options: declare(manifest, "demo", options))
    assert resource.inputs == manifest


def test_several_manifests_are_declared_by_resource_name():
    made: dict[str, pulumi.CustomResource] = {}

    def step(options: pulumi.ResourceOptions) -> None:
        made.update(declare_all({"one": CONFIG, "two": CONFIG}, "demo-web", options))

    assert [resource.name for resource in in_a_program(step)] == ["demo-web-one", "demo-web-two"]
    assert list(made) == ["one", "two"]


def test_the_data_of_a_secret_is_base64_and_secret_to_pulumi():
    seen: list[object] = []

    def program() -> None:
        data = secret_data({"token": "é", "given": pulumi.Output.from_input("plain")})
        pulumi.export("data", data)
        for value in data.values():
            pulumi.Output.unsecret(value).apply(seen.append)

    assert plan(program, stack="demo", config={}).outputs == {
        "data": {"token": "[secret]", "given": "[secret]"}
    }
    assert [base64.b64decode(str(value)).decode() for value in seen] == ["é", "plain"]


def test_random_values_are_made_once():
    (resource,) = in_a_program(lambda options: declare(CONFIG, "demo", made_once(options)))
    assert resource.options == Options(ignore_changes=("data",))


def test_what_is_kept_is_protected_and_retained_and_the_rest_is_not():
    kept, left = in_a_program(
        lambda options: declare(CONFIG, "kept", keeping(options, keep=True)),
        lambda options: declare(CONFIG, "left", keeping(options, keep=False)),
    )
    assert kept.options == Options(protect=True, retain_on_delete=True)
    assert left.options == Options()
