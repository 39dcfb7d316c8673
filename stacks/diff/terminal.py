"""A comparison for a terminal: the summary, then each group of sites."""

from collections.abc import Iterator

from stacks.diff.groups import Group, Result
from stacks.diff.model import Impact
from stacks.diff.wording import (
    MARKS,
    cause_line,
    change_line,
    counts_in_words,
    field_line,
    headline,
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
    for cause in result.changes.causes:
        line = cause_line(cause)
        yield f"~ {line}"
        if fields and (len(cause.fields) > 1 or line.startswith(f"{cause.title}: 1 changes")):
            yield from _indented(field_line(each) for each in cause.fields)
    own = result.changes.own
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
    for output in result.changes.outputs:
        yield f"= output {field_line(output)}"


def _indented(texts: Iterator[str]) -> Iterator[str]:
    for text in texts:
        for line in text.split("\n"):
            yield f"    {line}"
