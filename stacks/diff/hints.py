"""Points out a rename that has no alias: one resource goes, and another that is just the same comes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from stacks.diff.holds import namespace_of, object_of
from stacks.diff.model import Action, Change
from stacks.resources import PlannedResource


def hinted(changes: Iterable[Change]) -> list[Change]:
    """Return the changes, with what to do on each deletion that an alias would turn into a rename."""
    changes = list(changes)
    created = [each for each in changes if each.action == Action.CREATED]
    return [_hinted(each, created) if each.action == Action.DELETED else each for each in changes]


def _hinted(deleted: Change, created: list[Change]) -> Change:
    new = next((each for each in created if _same(deleted.before, each.after)), None)
    if new is None:
        return deleted
    hint = (
        f"it seems to be renamed: give {new.name} an alias, aliases=[pulumi.Alias(name={deleted.name!r}, …)]"
    )
    return replace(deleted, notes=(*deleted.notes, hint))


def _same(before: PlannedResource | None, after: PlannedResource | None) -> bool:
    """Return whether a resource is another under a new name: the same object, or one with equal inputs."""
    if before is None or after is None or before.type != after.type:
        return False
    if before.package == "kubernetes":
        return (object_of(before), namespace_of(before)) == (object_of(after), namespace_of(after))
    return _nameless(before) == _nameless(after)


def _nameless(resource: PlannedResource) -> dict[str, Any]:
    return {key: value for key, value in resource.inputs.items() if key != "name"}
