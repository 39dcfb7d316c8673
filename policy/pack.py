"""Adapts the gates on a plan to Pulumi's policies; what is right and wrong is said in `stacks.gates` alone."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from stacks.gates.rules import Gate, ResourceGate, Setting, StackGate, setting_of
from stacks.gates.standing import GATES
from stacks.masking import COMPUTED
from stacks.resources import Options, PlannedResource
from stacks.site_frame import PROJECT, SECRETS
from stacks.site_loading import site_from_config

NAME = PROJECT


def policies() -> list[Policy]:
    """Return the gates as policies, each of which stops a preview."""
    return [_policy(gate) for gate in GATES]


def _policy(gate: Gate) -> Policy:
    if isinstance(gate, ResourceGate):
        return ResourceValidationPolicy(
            gate.name,
            gate.title,
            lambda args, report: _on_resource(gate, args, report),
            EnforcementLevel.MANDATORY,
        )
    return StackValidationPolicy(
        gate.name, gate.title, lambda args, report: _on_stack(gate, args, report), EnforcementLevel.MANDATORY
    )


def _on_resource(gate: ResourceGate, args: ResourceValidationArgs, report: ReportViolation) -> None:
    for finding in gate.findings([_planned(args)], setting()):
        report(f"{finding.subject}: {finding.reason}", None)


def _on_stack(gate: StackGate, args: StackValidationArgs, report: ReportViolation) -> None:
    for finding in gate.findings([_planned(each) for each in args.resources], setting()):
        report(f"{finding.subject}: {finding.reason}", finding.resource.urn)


def setting() -> Setting:
    """Return what the stack's configuration says of the site; without one, the strictest rules."""
    config = pulumi.Config(PROJECT)
    secrets = tuple(filter(None, map(config.get, SECRETS)))
    return _setting(config.get("site"), pulumi.get_stack(), secrets)


@cache
def _setting(text: str | None, stack: str, secrets: tuple[str, ...]) -> Setting:
    if text is None:
        return Setting(secrets=frozenset(secrets))
    value = pulumi.Config(PROJECT).require_object("site")
    return setting_of(site_from_config(value, name=stack), secrets)


def _planned(args: ResourceValidationArgs | PolicyResource) -> PlannedResource:
    """Return a resource as the engine describes it to policies, as a plan has it."""
    return PlannedResource(
        urn=args.urn,
        type=args.resource_type,
        name=args.name,
        parent=args.opts.parent,
        provider=args.provider.urn if args.provider else None,
        inputs=_plain(args.props),
        options=Options(protect=args.opts.protect),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the properties without the proxies that raise where a value is not known yet."""
    if isinstance(value, Mapping):
        return {key: _known(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_known(value, place) for place in range(len(value))]
    # Numbers are doubles on their way here.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _known(values: Any, key: Any) -> Any:  # noqa: ANN401 - any JSON
    try:
        return _plain(values[key])
    except UnknownValueError:
        return COMPUTED
