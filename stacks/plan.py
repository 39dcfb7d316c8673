"""A program's plan: every resource it would register, without contacting anything.

The plan is deterministic (same commit and site, same bytes) and shows no secret. Renderings are in
`stacks.render`.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from infra.lookups import looked_up
from stacks.masking import mask, plain_text
from stacks.monitor import Monitor, run
from stacks.objects import object_id
from stacks.resources import Options, PlannedResource, ProgramError
from stacks.wire import UNKNOWN, Secret

__all__ = ["Cloud", "Options", "Plan", "PlannedResource", "ProgramError", "plan"]


KEPT = base64.b64encode(b"kept as it is").decode()
"""Stands for a text that is made at the first ``up`` and then left alone; base64, as in a Secret's data."""


class Cloud(Protocol):
    """What a cloud would answer, for plans of programs that ask it: a double, given by the caller."""

    def outputs(self, resource: PlannedResource) -> Mapping[str, object]:
        """Return properties that only the real resource has (``id`` among them), for example an endpoint."""
        ...

    def call(self, token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """Answer a provider's function, such as ``aws:index/getAvailabilityZones:getAvailabilityZones``."""
        ...


@dataclass(frozen=True)
class Plan:
    """What a program would register, in program order; secrets are masked (see `stacks.masking.mask`)."""

    stack: str
    project: str
    resources: tuple[PlannedResource, ...]
    outputs: Mapping[str, object]

    def manifests(self) -> tuple[dict[str, Any], ...]:
        """Return the Kubernetes objects as they would be applied."""
        return tuple(dict(resource.inputs) for resource in self.resources if resource.is_manifest)


def plan(
    program: Callable[[], None],
    *,
    stack: str,
    project: str = "science-platform",
    config: Mapping[str, object],
    secrets: Iterable[str] = (),
    preview: bool = False,
    cloud: Cloud | None = None,
    fingerprint: bytes | None = None,
) -> Plan:
    """Run ``program`` and return what it registers.

    Parameters
    ----------
    config
        Configuration by key, with or without the project in front (``site``, ``science-platform:site``).
    secrets
        Keys of secret configuration. One that ``config`` lacks gets a placeholder; a placeholder that turns
        up in plain text is an error, because so would the secret.
    preview
        Whether the program is told that this is a preview; then IDs are not known, and ``.apply`` on them not
        run.
    cloud
        Answers for what is not Kubernetes; without it, properties beyond the inputs stay unknown, and what is
        found by name is called after it (`infra.lookups`).
    fingerprint
        Key of the hashes by which secrets are compared with those of another plan (`stacks.masking.mask`);
        without it their masks are all the same.

    Raises
    ------
    ProgramError
        Two resources with one URN, a resource without a provider, a secret in plain text, or something that
        only the engine could run. What the program itself raises comes out as it is.
    """
    values, secret_keys = full_keys(config, secrets, project)
    placeholders = {key: f"placeholder-for-{key.split(':', 1)[1]}" for key in secret_keys - values.keys()}
    monitor = _Planner(stack, project, preview=preview, cloud=cloud)
    run(program, monitor, config=values | placeholders, secrets=secret_keys, preview=preview)
    in_order = [monitor.registered[place] for place in sorted(monitor.registered)]
    for resource in in_order:
        _check_hidden(resource.inputs, resource.urn, placeholders)
    _check_hidden(monitor.outputs, "the stack's outputs", placeholders)
    return Plan(
        stack=stack,
        project=project,
        resources=tuple(replace(each, inputs=_masked(each.inputs, fingerprint)) for each in in_order),
        outputs=_masked(dict(sorted(monitor.outputs.items())), fingerprint),
    )


def full_keys(
    config: Mapping[str, object], secrets: Iterable[str], project: str
) -> tuple[dict[str, object], frozenset[str]]:
    """Return configuration and secret keys with the project in front of every key."""
    return (
        {_full_key(key, project): value for key, value in config.items()},
        frozenset(_full_key(key, project) for key in secrets),
    )


def _full_key(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _masked(properties: Mapping[str, object], key: bytes | None) -> dict[str, object]:
    return cast("dict[str, object]", mask(dict(properties), key))


def _check_hidden(properties: Mapping[str, object], where: str, placeholders: Mapping[str, str]) -> None:
    for path, text in plain_text(dict(properties)):
        for key, placeholder in placeholders.items():
            if placeholder in text:
                raise ProgramError(
                    f"the secret {key} is in plain text at {path} of {where}: read it with "
                    "pulumi.Config().require_secret and keep it an Output"
                )


def _kept(value: object) -> object:
    """Return the value of a property that no update touches, each text in it replaced by one placeholder."""
    if isinstance(value, Secret):
        return Secret(_kept(value.value))
    if isinstance(value, Mapping):
        return {key: _kept(item) for key, item in value.items()}
    return KEPT if isinstance(value, str) else value


class _Planner(Monitor):
    """Answers from the inputs."""

    def __init__(self, stack: str, project: str, *, preview: bool, cloud: Cloud | None) -> None:
        super().__init__(stack, project)
        self._preview = preview
        self._cloud = cloud

    def realise(self, resource: PlannedResource) -> tuple[str | None, Mapping[str, object]]:
        properties = dict(resource.inputs)
        for key in resource.options.ignore_changes:
            if key in properties:
                # What is there already stays: only the cluster knows it.
                properties[key] = UNKNOWN if self._preview else _kept(properties[key])
        if self._preview:
            return resource.read_id, properties
        if resource.is_manifest:
            return object_id(properties), properties
        properties |= self._cloud.outputs(resource) if self._cloud else {}
        return resource.read_id or str(properties.pop("id", resource.name)), properties

    def call(self, token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        if self._cloud:
            return self._cloud.call(token, arguments)
        found = looked_up(token, arguments)
        return super().call(token, arguments) if found is None else found
