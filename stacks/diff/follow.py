"""Follows replacements to what depends on them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stacks.diff.fields import child, shown
from stacks.diff.forces import KUBERNETES_PROVIDER, fixed
from stacks.diff.holds import NAMESPACE, kind_of, namespace_of, object_of
from stacks.diff.model import Field
from stacks.masking import COMPUTED, is_masked
from stacks.resources import PlannedResource


@dataclass(frozen=True)
class Draft:
    """A resource that is on both sides, and what of it is known to change so far."""

    before: PlannedResource
    after: PlannedResource
    fields: tuple[Field, ...]
    replaced_with: tuple[str, ...] = ()

    @property
    def replaced(self) -> bool:
        """Whether it is replaced."""
        return bool(self.replaced_with) or any(field.forces for field in self.fields)


def followed(drafts: tuple[Draft, ...], created: tuple[PlannedResource, ...]) -> tuple[Draft, ...]:
    """Return the drafts with all that follows from the replacements among them, and from what is created.

    In the order of the program, in which what is depended on comes first. A resource is replaced with another
    when that is its provider or its namespace, or when an input that refers to the other cannot change in
    place; where such an input can, it is updated.
    """
    replaced: dict[str, Draft] = {}
    new = {each.urn: each for each in created}
    result = []
    for draft in drafts:
        found = _following(draft, replaced, new)
        if found.replaced:
            replaced[found.after.urn] = found
            new[found.after.urn] = found.after
        result.append(found)
    return tuple(result)


def _following(draft: Draft, replaced: Mapping[str, Draft], new: Mapping[str, PlannedResource]) -> Draft:
    reasons = list(_swept(draft, replaced))
    fields = list(draft.fields)
    known = {field.path for field in fields}
    for other, path, value in _references(draft.after, new):
        new_value = f"[of the new {kind_of(other)} {object_of(other)}]"
        forces = draft.after.type == KUBERNETES_PROVIDER or fixed(path, draft.after)
        if forces:
            reasons.append(other.urn)
        if path not in known:
            fields.append(Field(path, shown(value), new_value, forces=forces))
    return replace(draft, fields=tuple(fields), replaced_with=tuple(dict.fromkeys(reasons)))


def _swept(draft: Draft, replaced: Mapping[str, Draft]) -> Iterator[str]:
    """Yield what takes the resource with it, whatever its inputs."""
    provider = draft.after.provider
    if provider is not None and provider in replaced:
        yield provider
    for urn, other in replaced.items():
        if (
            other.before.type == NAMESPACE
            and draft.before.provider == other.before.provider
            and draft.before.package == "kubernetes"
            and namespace_of(draft.before) == object_of(other.before)
        ):
            yield urn


def _references(
    resource: PlannedResource, new: Mapping[str, PlannedResource]
) -> Iterator[tuple[PlannedResource, str, object]]:
    """Yield each place of the inputs that holds what only a new resource will have: which, path, value."""
    for key, urns in resource.property_dependencies.items():
        for urn in urns:
            if urn not in new:
                continue
            other = new[urn]
            path, value = child("", key), resource.inputs.get(key)
            places = list(_places(value, path, other))
            if not places and other.package != "kubernetes":
                # It is in there, and nobody can say where.
                places = [(path, value)]
            for place, leaf in places:
                yield other, place, leaf


def _places(value: Any, path: str, other: PlannedResource) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, child(path, key), other)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _places(item, child(path, place), other)
    elif _is_of(value, other):
        yield path, value


def _is_of(value: object, other: PlannedResource) -> bool:
    """Return whether a value comes from another resource.

    What is not known yet may; an identifier does, for which plans have the resource's name. The names of
    Kubernetes' objects are known, so that a new object of the same name changes nothing.
    """
    if value == COMPUTED:
        return True
    if other.package == "kubernetes":
        return False
    return is_masked(value) or (isinstance(value, str) and other.name in value)
