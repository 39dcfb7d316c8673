"""Sites whose changes are the same, but for their names, are told of once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from stacks.diff.fields import stem
from stacks.diff.model import Cause, Change, Changes, Field, Impact
from stacks.diff.verdict import Verdict

SITE = "{site}"
"""Stands for the site's name in what several sites have in common."""


class Standing(StrEnum):
    """On which sides a site is."""

    BOTH = "changed"
    NEW = "new"
    REMOVED = "removed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Result:
    """What came out for one site.

    Attributes
    ----------
    problem
        Why nothing can be said, where the standing is unknown.
    """

    site: str
    standing: Standing
    changes: Changes
    problem: str | None = None
    verdicts: tuple[Verdict, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing changes and nothing is pointed out."""
        return self.standing == Standing.BOTH and self.changes.empty and not self.verdicts

    @property
    def blocked(self) -> bool:
        """Whether the change must not be brought out, or nobody can say what it would do."""
        return self.standing == Standing.UNKNOWN or any(verdict.blocks for verdict in self.verdicts)

    @property
    def impact(self) -> Impact:
        """The worst of its changes; none where it is new, or its file is gone, which by itself does nothing."""
        return self.changes.impact if self.standing == Standing.BOTH else Impact.NONE


@dataclass(frozen=True)
class Group:
    """Sites with one result; its strings say `SITE` where the name would be, if they are several."""

    sites: tuple[str, ...]
    result: Result


def grouped(results: Iterable[Result]) -> tuple[Group, ...]:
    """Return the results by what they have in common: what is blocked first, then the worst impact."""
    found: list[tuple[Result, list[Result]]] = []
    for result in results:
        common = _common(result)
        alike = next((members for key, members in found if key == common), None)
        if alike is None:
            found.append((common, [result]))
        else:
            alike.append(result)
    groups = [
        Group(tuple(each.site for each in members), members[0] if len(members) == 1 else _named(members[0]))
        for _, members in found
    ]
    return tuple(
        sorted(groups, key=lambda group: (not group.result.blocked, -group.result.impact, group.sites))
    )


def _common(result: Result) -> Result:
    """Return what of a result can be equal for two sites: no hashes, and no content that others explain."""
    named = _named(result)
    changes = tuple(
        replace(each, fields=(), object=stem(each.object)) if each.causes else each
        for each in named.changes.changes
    )
    return replace(named, changes=replace(named.changes, changes=changes))


def _named(result: Result) -> Result:
    """Return the result with the site's name replaced by `SITE`."""
    name = re.compile(rf"(?<![A-Za-z0-9]){re.escape(result.site)}(?![A-Za-z0-9])")

    def text(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return name.sub(SITE, value)
        if isinstance(value, dict):
            return {text(key): text(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(text(item) for item in value)
        return value

    def fields(values: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(
            replace(each, path=text(each.path), before=text(each.before), after=text(each.after))
            for each in values
        )

    def change(each: Change) -> Change:
        return replace(
            each,
            urn=text(each.urn),
            name=text(each.name),
            object=text(each.object),
            fields=fields(each.fields),
            replaced_with=text(each.replaced_with),
            before_urn=text(each.before_urn),
        )

    def cause(each: Cause) -> Cause:
        return replace(each, fields=fields(each.fields), changes=text(each.changes))

    found = result.changes
    return replace(
        result,
        site=SITE,
        problem=text(result.problem),
        verdicts=tuple(
            replace(each, subject=text(each.subject), reason=text(each.reason)) for each in result.verdicts
        ),
        changes=Changes(
            site=SITE,
            changes=tuple(change(each) for each in found.changes),
            causes=tuple(cause(each) for each in found.causes),
            outputs=fields(found.outputs),
        ),
    )
