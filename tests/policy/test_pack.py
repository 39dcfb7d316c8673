"""The policy pack says what the gates say, when it is asked as Pulumi's engine asks it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from infra.paths import ROOT
from policy.pack import policies, setting
from stacks.gates.standing import GATES, standing
from stacks.plan import Plan, PlannedResource
from stacks.site_loading import site_from_config
from stacks.wire import Secret, encode
from tests.support.gates import accepted, planted
from tests.support.plans import SITES, planned_file, site_value

HUB = "Deployment/hub"
BOREAL = site_value(SITES["boreal"])
CONFIG = {"science-platform:site": json.dumps(BOREAL)}


@pytest.fixture(autouse=True)
def _stack() -> None:
    """Configure the stack as the engine does."""
    configured(CONFIG)


def configured(config: Mapping[str, str]) -> None:
    settings = pulumi.runtime.Settings(project="science-platform", stack="boreal", dry_run=True)
    pulumi.runtime.configure(settings)
    pulumi.runtime.set_all_config(dict(config))


def options(resource: PlannedResource) -> PolicyResourceOptions:
    never = PolicyCustomTimeouts(0, 0, 0)
    return PolicyResourceOptions(
        protect=resource.options.protect,
        ignore_changes=list(resource.options.ignore_changes),
        delete_before_replace=None,
        aliases=list(resource.options.aliases),
        custom_timeouts=never,
        additional_secret_outputs=[],
        parent=resource.parent,
    )


def provider(resource: PlannedResource) -> PolicyProviderResource | None:
    if resource.provider is None:
        return None
    return PolicyProviderResource("pulumi:providers:kubernetes", {}, resource.provider, "cluster")


def arguments(resource: PlannedResource) -> ResourceValidationArgs:
    properties = unknown_checking_proxy(doubles(dict(resource.inputs)))
    return ResourceValidationArgs(
        resource.type, properties, resource.urn, resource.name, options(resource), provider(resource)
    )


def stack_arguments(plan: Plan) -> StackValidationArgs:
    return StackValidationArgs(
        [
            PolicyResource(
                each.type,
                unknown_checking_proxy(doubles(dict(each.inputs))),
                each.urn,
                each.name,
                options(each),
                provider(each),
                None,
                [],
                {},
            )
            for each in plan.resources
        ]
    )


def doubles(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON as it comes over the wire: without whole numbers."""
    if isinstance(value, dict):
        return {key: doubles(item) for key, item in value.items()}
    if isinstance(value, list):
        return [doubles(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def violations(plan: Plan) -> list[tuple[str, str, str | None]]:
    """Return what the policies report of a plan: policy, message, URN."""
    found: list[tuple[str, str, str | None]] = []
    for policy in policies():
        if isinstance(policy, ResourceValidationPolicy):
            for resource in plan.resources:
                policy.validate(
                    arguments(resource),
                    lambda text, urn=None, name=policy.name: found.append((name, text, urn)),
                )
        else:
            assert isinstance(policy, StackValidationPolicy)
            policy.validate(
                stack_arguments(plan),
                lambda text, urn=None, name=policy.name: found.append((name, text, urn)),
            )
    return found


def as_root(inputs: dict[str, Any]) -> None:
    inputs["spec"]["template"]["spec"]["containers"][0]["securityContext"]["runAsUser"] = 0


def test_there_is_a_policy_for_each_gate_and_each_stops_a_preview():
    assert [(each.name, each.description) for each in policies()] == [
        (each.name, each.title) for each in GATES
    ]
    assert {str(each.enforcement_level) for each in policies()} == {"EnforcementLevel.MANDATORY"}


@pytest.mark.parametrize("name", SITES)
def test_no_committed_site_violates_a_policy(name: str):
    configured({"science-platform:site": json.dumps(site_value(SITES[name]))})
    assert violations(planned_file(SITES[name], preview=True)) == []


def test_a_resource_that_a_gate_catches_is_reported_in_its_words():
    plan = planted(planned_file(SITES["boreal"]), HUB, as_root)
    (verdict,) = standing(plan, site_from_config(BOREAL, name="boreal"))
    assert violations(plan) == [(verdict.gate, f"{HUB}: {verdict.reason}", None)]


def test_a_stack_that_a_gate_catches_is_reported_with_the_resource():
    plan = planned_file(SITES["boreal"])
    plan = replace(plan, resources=tuple(each for each in plan.resources if each.name != "boreal-deny-all"))
    urns = {each.name: each.urn for each in plan.resources}
    assert [(name, urn) for name, _, urn in violations(plan)] == [
        ("no-network-policy", urns["boreal-hub-image-pre-pull"]),
        ("no-network-policy", urns["boreal-hub-user-placeholder"]),
    ]


def test_numbers_are_whole_again():
    def port(inputs: dict[str, Any]) -> None:
        inputs["spec"]["template"]["spec"]["containers"][0]["ports"][0]["hostPort"] = 80

    ((_, message, _),) = violations(planted(planned_file(SITES["boreal"]), HUB, port))
    assert message == f"{HUB}: container hub takes port 80 of the node"


def test_what_is_not_known_yet_hides_nothing_else():
    def unknown(inputs: dict[str, Any]) -> None:
        as_root(inputs)
        inputs["spec"]["template"]["spec"]["containers"][0]["image"] = UNKNOWN_STRING_VALUE
        inputs["spec"]["template"]["spec"]["containers"][0]["command"] = ["hub", UNKNOWN_STRING_VALUE]

    assert [name for name, _, _ in violations(planted(planned_file(SITES["boreal"]), HUB, unknown))] == [
        "runs-as-root"
    ]


def test_the_site_says_what_may_be_and_which_secrets_there_are():
    site = {**BOREAL, "accept": accepted("PersistentVolumeClaim/homes")}
    configured(
        {"science-platform:site": json.dumps(site), "science-platform:oidcClientSecret": "orion nebula"}
    )
    found = setting()
    assert (found.local, found.disposable, found.accepted, found.secrets) == (
        False,
        False,
        {"PersistentVolumeClaim/homes"},
        {"orion nebula"},
    )
    configured({"science-platform:site": json.dumps(site_value(SITES["local"]))})
    assert (setting().local, setting().disposable) == (True, True)


def test_a_stack_without_a_site_has_the_strictest_rules():
    configured({})
    found = setting()
    assert (found.local, found.disposable, found.accepted) == (False, False, frozenset())


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Start the pack as the engine does: in its folder, by Pulumi's own runner, with the stack in the environment."""
    environment = os.environ | {
        "PULUMI_PROJECT": "science-platform",
        "PULUMI_STACK": "boreal",
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": json.dumps(CONFIG),
    }
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."]
    with subprocess.Popen(command, cwd=ROOT / "policy", env=environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.terminate()


def request(resource: PlannedResource) -> analyzer_pb2.AnalyzeRequest:
    return analyzer_pb2.AnalyzeRequest(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=encode(resource.inputs),
        options=analyzer_pb2.AnalyzerResourceOptions(protect=resource.options.protect),
        provider=analyzer_pb2.AnalyzerProviderResource(urn=resource.provider or ""),
    )


def test_the_engine_learns_of_the_policies(analyzer: analyzer_pb2_grpc.AnalyzerStub):
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert (info.name, [each.name for each in info.policies]) == (
        "science-platform",
        [each.name for each in GATES],
    )


def test_the_engine_asks_for_every_resource_and_for_the_stack(analyzer: analyzer_pb2_grpc.AnalyzerStub):
    plan = planned_file(SITES["boreal"])
    assert [found for each in plan.resources for found in analyzer.Analyze(request(each)).diagnostics] == []
    stack = [
        analyzer_pb2.AnalyzerResource(
            urn=each.urn,
            type=each.type,
            name=each.name,
            properties=encode(each.inputs),
            options=analyzer_pb2.AnalyzerResourceOptions(protect=each.options.protect),
            provider=analyzer_pb2.AnalyzerProviderResource(urn=each.provider or ""),
        )
        for each in plan.resources
    ]
    assert list(analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=stack)).diagnostics) == []


def test_the_engine_is_told_to_stop_and_never_sees_a_secret(analyzer: analyzer_pb2_grpc.AnalyzerStub):
    password = "kX9vQ2mT" + "7rLp4ZsB8nWd3HfJ"

    def leaking(inputs: dict[str, Any]) -> None:
        inputs["spec"]["template"]["spec"]["containers"][0]["env"] = [
            {"name": "HUB_TOKEN", "value": Secret(password)}
        ]

    plan = planted(planned_file(SITES["boreal"]), HUB, leaking)
    (hub,) = (each for each in plan.resources if each.urn.endswith("Deployment::boreal-hub-hub"))
    (found,) = analyzer.Analyze(request(hub)).diagnostics
    assert (found.policyName, found.enforcementLevel) == ("secret-in-plain-text", analyzer_pb2.MANDATORY)
    assert found.message == (
        "Secrets are in Secrets and nowhere else.\n"
        f"{HUB}: spec.template.spec.containers[0].env[0].value is called a secret and has a value: "
        "put it into a Secret, and name that"
    )
    assert password not in str(found)
