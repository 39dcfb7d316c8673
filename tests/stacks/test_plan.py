"""What a plan shows of small programs, and what it refuses."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import pulumi
import pulumi_kubernetes as k8s
import pytest

from stacks.plan import Cloud, Options, Plan, PlannedResource, ProgramError, plan
from stacks.render import to_json

PROVIDER = "urn:pulumi:demo::science-platform::pulumi:providers:kubernetes::cluster"


def provider() -> k8s.Provider:
    return k8s.Provider("cluster", kubeconfig="~/.kube/config", context="demo")


def planned(
    program: Callable[[], None],
    *,
    config: Mapping[str, object] | None = None,
    secrets: tuple[str, ...] = (),
    preview: bool = False,
    cloud: Cloud | None = None,
) -> Plan:
    return plan(program, stack="demo", config=config or {}, secrets=secrets, preview=preview, cloud=cloud)


class Part(pulumi.ComponentResource):
    """A component with one ConfigMap."""

    def __init__(self, name: str, child: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("demo:index:Part", name, None, opts)
        self.config = k8s.core.v1.ConfigMap(
            child, metadata={"name": child, "namespace": "demo"}, opts=pulumi.ResourceOptions(parent=self)
        )
        self.register_outputs({})


def test_every_fact_of_a_registration_is_planned():
    def program() -> None:
        opts = pulumi.ResourceOptions(
            provider=provider(),
            protect=True,
            retain_on_delete=True,
            delete_before_replace=True,
            ignore_changes=["data"],
            aliases=[pulumi.Alias(name="old")],
            custom_timeouts=pulumi.CustomTimeouts(create="5m"),
        )
        k8s.core.v1.ConfigMap(
            "config", metadata={"name": "c", "namespace": "demo"}, data={"a": "1"}, opts=opts
        )

    urn = "urn:pulumi:demo::science-platform::kubernetes:core/v1:ConfigMap::config"
    assert planned(program).resources[1] == PlannedResource(
        urn=urn,
        type="kubernetes:core/v1:ConfigMap",
        name="config",
        parent=None,
        provider=PROVIDER,
        inputs={
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "c", "namespace": "demo"},
            "data": {"a": "1"},
        },
        options=Options(
            protect=True,
            retain_on_delete=True,
            delete_before_replace=True,
            ignore_changes=("data",),
            aliases=("urn:pulumi:demo::science-platform::kubernetes:core/v1:ConfigMap::old",),
            custom_timeouts={"create": "5m"},
        ),
    )


def test_children_know_their_component_and_inherit_its_provider():
    def program() -> None:
        Part("hub", "hub-config", pulumi.ResourceOptions(providers=[provider()], protect=True))

    _, component, child = planned(program).resources
    assert (component.custom, component.provider) == (False, None)
    assert child.urn.endswith("::demo:index:Part$kubernetes:core/v1:ConfigMap::hub-config")
    assert (child.parent, child.provider, child.options.protect) == (component.urn, PROVIDER, True)


def test_dependencies_are_planned_by_property():
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=provider())
        first = k8s.core.v1.ConfigMap("first", metadata={"name": "first"}, opts=opts)
        namespace = k8s.core.v1.Namespace("other", metadata={"name": "other"}, opts=opts)
        k8s.core.v1.ConfigMap(
            "second",
            metadata={"name": "second"},
            data={"first": first.metadata["name"]},
            opts=pulumi.ResourceOptions(provider=opts.provider, depends_on=[namespace]),
        )

    base = "urn:pulumi:demo::science-platform::kubernetes:core/v1:"
    second = planned(program).resources[-1]
    assert second.dependencies == (f"{base}ConfigMap::first", f"{base}Namespace::other")
    assert second.property_dependencies == {"data": (f"{base}ConfigMap::first",)}
    assert second.inputs["data"] == {"first": "first"}


def test_order_is_that_of_the_program_even_where_inputs_come_late():
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=provider())
        late = pulumi.Output.from_input(asyncio.sleep(0.01, result={"a": "1"}))
        k8s.core.v1.ConfigMap("late", metadata={"name": "late"}, data=late, opts=opts)
        k8s.core.v1.ConfigMap("early", metadata={"name": "early"}, opts=opts)

    assert [resource.name for resource in planned(program).resources] == ["cluster", "late", "early"]


def test_integers_are_integers_and_fractions_stay():
    def program() -> None:
        k8s.apiextensions.CustomResource(
            "it",
            api_version="x.org/v1",
            kind="It",
            metadata={"name": "it"},
            spec={"replicas": 1, "share": 0.5, "ports": [80], "on": True},
            opts=pulumi.ResourceOptions(provider=provider()),
        )

    spec = planned(program).resources[-1].inputs["spec"]
    assert repr(spec) == "{'on': True, 'ports': [80], 'replicas': 1, 'share': 0.5}"


def secretive() -> None:
    password = pulumi.Config().require_secret("password")
    opts = pulumi.ResourceOptions(provider=provider())
    secret = k8s.core.v1.Secret("s", metadata={"name": "s"}, string_data={"password": password}, opts=opts)
    k8s.core.v1.ConfigMap(
        "c",
        metadata={
            "name": "c",
            "annotations": {"hash": password.apply(lambda text: text[::-1]), "plain": "yes"},
        },
        opts=opts,
    )
    pulumi.export("password", secret.string_data)


@pytest.mark.parametrize("config", [{}, {"password": "hunter-two"}], ids=["placeholder", "given"])
def test_secrets_are_masked_where_they_are_and_everything_else_is_shown(config: Mapping[str, object]):
    shown = planned(secretive, config=config, secrets=("password",))
    secret, annotated = shown.resources[1:]
    assert secret.inputs["stringData"] == {"password": "[secret]"}
    assert annotated.inputs["metadata"] == {"name": "c", "annotations": {"hash": "[secret]", "plain": "yes"}}
    assert shown.outputs == {"password": {"password": "[secret]"}}
    assert "hunter" not in to_json(shown)
    assert "retnuh" not in repr(shown)


def test_a_secret_in_plain_text_is_refused():
    def program() -> None:
        plain = pulumi.Config().require("password")  # instead of require_secret
        opts = pulumi.ResourceOptions(provider=provider())
        k8s.core.v1.ConfigMap("c", metadata={"name": "c"}, data={"a": f"password={plain}"}, opts=opts)

    with pytest.raises(
        ProgramError, match=r"science-platform:password is in plain text at data\.a of .*::c:"
    ):
        planned(program, secrets=("password",))


def test_a_secret_among_the_outputs_in_plain_text_is_refused():
    def program() -> None:
        pulumi.export("oops", pulumi.Config().require("password"))

    with pytest.raises(ProgramError, match="at oops of the stack's outputs"):
        planned(program, secrets=("password",))


def test_two_resources_of_one_urn_are_refused():
    def program() -> None:
        opts = pulumi.ResourceOptions(providers=[provider()])
        Part("a", "config", opts)
        Part("b", "config", opts)

    with pytest.raises(ProgramError, match=r"two resources are .*::config: .* begin the names"):
        planned(program)


def test_a_resource_without_a_provider_is_refused():
    def program() -> None:
        Part("a", "config")

    with pytest.raises(ProgramError, match=r"config \(kubernetes:core/v1:ConfigMap\) names no provider"):
        planned(program)


def test_what_only_the_engine_would_run_is_refused():
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=provider(), transforms=[lambda _: None])
        k8s.core.v1.ConfigMap("c", metadata={"name": "c"}, opts=opts)

    with pytest.raises(ProgramError, match="the transforms of c are run by Pulumi's engine alone"):
        planned(program)


def test_errors_of_the_program_come_out_as_they_are():
    def at_once() -> None:
        raise LookupError("no such key")

    def later() -> None:
        names = k8s.core.v1.ConfigMap(
            "c", metadata={"name": "c"}, opts=pulumi.ResourceOptions(provider=provider())
        ).metadata
        pulumi.export("x", names.apply(lambda _: at_once()))

    for program in (at_once, later):
        with pytest.raises(LookupError, match="no such key"):
            planned(program)


def test_only_up_knows_ids_and_nothing_is_made_up_in_either_mode():
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=provider())
        service = k8s.core.v1.Service("s", metadata={"name": "s", "namespace": "demo"}, spec={}, opts=opts)
        pulumi.export("id", service.id)
        pulumi.export("address", service.status.apply(lambda status: status and status.load_balancer))
        pulumi.export("preview", pulumi.runtime.is_dry_run())

    assert planned(program).outputs == {"address": "[computed]", "id": "demo/s", "preview": False}
    assert planned(program, preview=True).outputs == {
        "address": "[computed]",
        "id": "[computed]",
        "preview": True,
    }


def test_names_are_made_where_none_is_given_and_known_to_the_program():
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=provider())
        config = k8s.core.v1.ConfigMap("settings", data={"a": "1"}, opts=opts)
        pulumi.export("name", config.metadata["name"])

    shown = planned(program)
    assert shown.resources[1].inputs["metadata"] == {"name": "settings-1ca52b06"}
    assert shown.outputs == {"name": "settings-1ca52b06"}


class Sky:
    """A cloud of one subnet."""

    def outputs(self, resource: PlannedResource) -> Mapping[str, object]:
        return {"id": f"{resource.name}-1", "arn": "arn:1"}

    def call(self, token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        return {"names": [token.rsplit(":", 1)[-1], *arguments]}


def cloudy() -> None:
    import pulumi_aws as aws  # noqa: PLC0415 - a second's import, wanted here alone

    region = aws.Provider("aws", region="eu-west-1")
    zones = aws.get_availability_zones(state="available", opts=pulumi.InvokeOptions(provider=region))
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(provider=region))
    pulumi.export("zones", zones.names)
    pulumi.export("vpc", [vpc.id, vpc.arn])


def test_a_cloud_double_answers_for_other_packages():
    assert planned(cloudy, cloud=Sky()).outputs == {
        "vpc": ["vpc-1", "arn:1"],
        "zones": ["getAvailabilityZones", "state"],
    }


def test_a_call_to_a_cloud_needs_the_double():
    with pytest.raises(ProgramError, match="getAvailabilityZones needs Pulumi's engine"):
        planned(cloudy)


def test_plans_leave_nothing_behind():
    planned(secretive, secrets=("password",))
    assert pulumi.runtime.get_root_resource() is None
    assert pulumi.runtime.settings.get_monitor() is None
    assert pulumi.Config("science-platform").get("password") is None
    with pytest.raises(pulumi.ConfigMissingError):
        planned(secretive)


def test_a_plan_is_the_same_bytes_in_any_process():
    code = (
        "from tests.stacks.test_plan import *; import sys; "
        "sys.stdout.write(to_json(planned(secretive, secrets=('password',))))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert said == {to_json(planned(secretive, secrets=("password",))).encode()}


def test_two_dozen_plans_of_sixty_resources_take_seconds():
    def program() -> None:
        opts = pulumi.ResourceOptions(providers=[provider()])
        for number in range(30):
            Part(f"p{number}", f"p{number}-config", opts)

    started = time.monotonic()
    for _ in range(24):
        assert len(planned(program).resources) == 61
    assert time.monotonic() - started < 24
