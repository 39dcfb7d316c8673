"""A comparison for a terminal: the summary, then each group of sites."""

from collections.abc import Iterator

from stacks.diff.groups import Group, Result, Standing
from stacks.diff.model import Changes, Impact
from stacks.diff.wording import (
    MARKS,
    cause_line,
    change_line,
    counts_in_words,
    field_line,
    headline,
    is_told_whole,
    kinds_in_words,
    sites_in_words,
    swept,
    swept_line,
    verdict_in_words,
)

_COLOURS = {
    Impact.NONE: "32",
    Impact.ROLLS_PODS: "36",
    Impact.INTERRUPTS_USERS: "33",
    Impact.REPLACES: "35",
    Impact.LOSES_DATA: "31;1",
}
_BLOCKED = "31;1"


def to_terminal(groups: tuple[Group, ...], base: str, *, colour: bool) -> str:
    """Return the comparison as text.

    Parameters
    ----------
    base
        The commit that it compares with.
    colour
        Whether to colour it, as a terminal can.
    """

    def painted(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    lines = [f"Compared with {base[:12]}: {headline(groups)}"]
    for group in groups:
        result = group.result
        code = _BLOCKED if result.blocked else _COLOURS[result.impact]
        title = f"{sites_in_words(group.sites)} · {verdict_in_words(result)}"
        counts = counts_in_words(result)
        lines += ["", painted(title, code) + (f" ({counts})" if counts else "")]
        lines += [f"  {line}" for line in details(result)]
    return "\n".join(lines) + "\n"


def details(result: Result, *, fields: bool = True) -> Iterator[str]:
    """Yield the lines of a result: verdicts, causes, changes and, indented, their fields."""
    if result.problem:
        yield result.problem
    for verdict in result.verdicts:
        yield f"{'BLOCKED' if verdict.blocks else 'note'} {verdict.gate}: {verdict.subject}: {verdict.reason}"
    if result.standing == Standing.REMOVED:
        yield "its file is gone: nothing takes it down by that, and from here nothing can any more"
        yield f"- left as they are: {kinds_in_words(result.changes.changes)}"
    elif result.standing == Standing.NEW:
        yield f"+ created: {kinds_in_words(result.changes.changes)}"
    else:
        yield from _changes(result.changes, fields=fields)


def _changes(found: Changes, *, fields: bool) -> Iterator[str]:
    for cause in found.causes:
        yield f"~ {cause_line(cause)}"
        if fields and not is_told_whole(cause):
            yield from _indented(field_line(each) for each in cause.fields)
    own = found.own
    together = swept(own)
    aside = {change.urn for changes in together.values() for change in changes}
    for change in own:
        if change.urn in aside:
            continue
        yield f"{MARKS[change.action]} {change_line(change)}"
        if fields:
            yield from _indented(field_line(each) for each in change.fields if not each.causes)
    for urn, changes in together.items():
        yield f"± {swept_line(urn, changes)}"
    for output in found.outputs:
        yield f"= output {field_line(output)}"


def _indented(texts: Iterator[str]) -> Iterator[str]:
    for text in texts:
        for line in text.split("\n"):
            yield f"    {line}"
