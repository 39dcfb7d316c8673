"""What changes of one resource, and which of it cannot change in place."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from stacks import paths
from stacks.diff import kubernetes
from stacks.diff.fields import compared, keys_of
from stacks.diff.forces_new import FORCES_NEW
from stacks.diff.match import Pairing
from stacks.diff.model import Absent, Field
from stacks.resources import Options, PlannedResource

KUBERNETES_PROVIDER = "pulumi:providers:kubernetes"
_ACTIVE_CLUSTER = ("kubeconfig", "context", "cluster")
_OPTIONS = (
    "protect",
    "retain_on_delete",
    "delete_before_replace",
    "ignore_changes",
    "replace_on_changes",
    "deleted_with",
)


def changed_fields(
    before: PlannedResource, after: PlannedResource, pairing: Pairing, *, mutable: bool
) -> tuple[Field, ...]:
    """Return what differs between two states of a resource, marked where it cannot change in place.

    Parameters
    ----------
    pairing
        Which resource is which, so that a reference to what is only renamed is the same.
    mutable
        Whether the resource's provider changes ConfigMaps and Secrets in place.
    """
    old, new = _counted(before.inputs, after), _counted(after.inputs, after)
    inputs = [
        replace(field, forces=_forces(field, before, after, mutable=mutable))
        for field in compared(old, new)
        if not _only_renamed(field, after, pairing.renamed)
    ]
    return (*inputs, *_options(before.options, after.options, pairing.now))


def _only_renamed(field: Field, after: PlannedResource, renamed: Mapping[str, tuple[str, str]]) -> bool:
    """Return whether a value differs by the name of a resource it comes from, as identifiers do in plans."""
    for urn in after.property_dependencies.get(keys_of(field.path)[0], ()):
        old, new = renamed.get(urn, ("", ""))
        if new and isinstance(field.after, str) and field.after.replace(new, old) == field.before:
            return True
    return False


def _counted(inputs: Mapping[str, object], after: PlannedResource) -> Any:  # noqa: ANN401 - any JSON
    """Return the inputs whose changes count: not those that the program says to ignore."""
    value: Any = dict(inputs)
    for text in after.options.ignore_changes:
        value = paths.without(value, paths.parse(text))
    return value


def _options(before: Options, after: Options, now: Mapping[str, str]) -> Iterable[Field]:
    def seen(options: Options, name: str) -> object:
        value = getattr(options, name)
        if name == "deleted_with":
            value = now.get(value, value)
        return list(value) if isinstance(value, tuple) else value

    for name in _OPTIONS:
        yield from compared(seen(before, name), seen(after, name), f"/options/{name}")


def _forces(field: Field, before: PlannedResource, after: PlannedResource, *, mutable: bool) -> bool:
    if _asked_for(field, after.options.replace_on_changes):
        return True
    if before.type == KUBERNETES_PROVIDER:
        return _other_cluster(field, before, after)
    if before.package == "kubernetes":
        return fixed(field.path, after, before=before.inputs, mutable=mutable, field=field)
    return fixed(field.path, after)


def fixed(
    path: str,
    resource: PlannedResource,
    *,
    before: Mapping[str, object] | None = None,
    mutable: bool = True,
    field: Field | None = None,
) -> bool:
    """Return whether an input of a resource cannot change in place."""
    if resource.package == "kubernetes":
        # A patch is of someone else's object: all that can only be made anew is which.
        inputs = {} if resource.is_patch else resource.inputs if before is None else before
        return kubernetes.is_fixed(field or Field(path, None, None), inputs, mutable=mutable)
    keys = keys_of(path)
    return any(_meet(keys, top) for top in _table(resource.type))


@cache
def _table(type_: str) -> tuple[tuple[str, ...], ...]:
    return tuple(keys_of(pointer) for pointer in FORCES_NEW.get(type_, ()))


def _meet(keys: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Return whether a path is at, below or above a pattern, in which ``*`` is any one key."""
    return all(wanted in (key, "*") for key, wanted in zip(keys, pattern, strict=False))


def _asked_for(field: Field, patterns: Iterable[str]) -> bool:
    keys = keys_of(field.path)
    return any(
        text == "*" or _meet(keys, tuple(str(part) for part in paths.parse(text))) for text in patterns
    )


def _other_cluster(field: Field, before: PlannedResource, after: PlannedResource) -> bool:
    """Return whether a Kubernetes provider leads to another cluster, as its ``DiffConfig`` decides it."""
    key = keys_of(field.path)[0]
    identities = before.inputs.get("clusterIdentifier"), after.inputs.get("clusterIdentifier")
    if key == "clusterIdentifier":
        # Taking an identifier up, or leaving it, replaces nothing: the provider makes that easy on purpose.
        return None not in identities and not isinstance(field.before, Absent)
    if identities[0] is not None and identities[0] == identities[1]:
        return False
    return key in _ACTIVE_CLUSTER or key == "renderYamlToDirectory"


def mutable_content(provider: PlannedResource | None, kind: str) -> bool:
    """Return whether a provider changes the content of a ``ConfigMap`` or ``Secret`` in place."""
    value = provider.inputs.get(f"enable{kind}Mutable") if provider else None
    return value in (True, "true")
