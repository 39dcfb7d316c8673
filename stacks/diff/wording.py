"""What renderers have in common: a group of sites, a change and a value in words."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from difflib import unified_diff

from stacks.diff.fields import child, keys_of
from stacks.diff.groups import Group, Result, Standing
from stacks.diff.model import ABSENT, Action, Cause, Change, Field, Impact

MARKS = {
    Action.CREATED: "+",
    Action.UPDATED: "~",
    Action.REPLACED: "±",
    Action.DELETED: "-",
    Action.RENAMED: "→",
    Action.MOVED: "→",
}
_LONGEST = 90
_CONTEXT = 1
_MOST_LINES = 60
_FEW = 5


def sites_in_words(sites: tuple[str, ...], most: int = 30) -> str:
    """Return site names as a list, with their number where they are several."""
    shown = ", ".join(sites[:most]) + (f" and {len(sites) - most} more" if len(sites) > most else "")
    return shown if len(sites) == 1 else f"{len(sites)} sites: {shown}"


def verdict_in_words(result: Result) -> str:
    """Return the one thing to know of a result: blocked, its worst impact, or nothing changes."""
    if result.standing == Standing.UNKNOWN:
        return "cannot be compared"
    words = ["BLOCKED"] if result.blocked else []
    if result.standing == Standing.BOTH:
        words.append("no changes" if result.changes.empty else result.impact.words)
    else:
        words.append(str(result.standing))
    return ", ".join(words)


def counts_in_words(result: Result) -> str:
    """Return how many resources become what, and how many images and files explain them."""
    changes = result.changes
    if result.standing != Standing.BOTH:
        return _number(len(changes.changes), "resource")
    words = [
        _number(len([each for each in changes.causes if each.title.startswith(kind)]), kind)
        for kind in _KINDS
    ]
    own = [each.action for each in changes.own]
    words += [f"{own.count(action)} {action}" for action in Action if action in own]
    if changes.outputs:
        words.append(_number(len(changes.outputs), "output"))
    return ", ".join(filter(None, words))


_KINDS = ("image", "config")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}" if count else ""


def cause_line(cause: Cause) -> str:
    """Return an image or a file that changes in one line, with what follows."""
    if is_told_whole(cause):
        (field,) = cause.fields
        file, *keys = keys_of(field.path) or [""]
        rest = replace(field, path=field.path.removeprefix(child("", file)) if keys else file)
        what = f"{cause.title}:{f' {file}' if keys else ''} {field_line(rest)}"
    else:
        files = dict.fromkeys(keys_of(field.path)[0] for field in cause.fields)
        what = f"{cause.title}: {_number(len(cause.fields), 'change')} in {', '.join(files)}"
    return what + _consequence(cause.impact, cause.notes)


def is_told_whole(cause: Cause) -> bool:
    """Return whether a cause's one line says all of it."""
    return len(cause.fields) == 1 and not _is_long(cause.fields[0])


def change_line(change: Change) -> str:
    """Return what becomes of a resource in one line, with what follows."""
    was = f" (was {change.before_urn.rsplit('::', 1)[-1]})" if change.before_urn else ""
    what = f"{change.action} {change.kind} {change.object}{was}"
    return what + _consequence(change.impact, change.notes)


def _consequence(impact: Impact, notes: tuple[str, ...]) -> str:
    told = ": ".join(filter(None, [impact.words if impact else "", "; ".join(notes)]))
    return f" — {told}" if told else ""


def swept(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Return what is only replaced with something else, by what that is; its fate needs no line of its own."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        if change.replaced_with and not change.data:
            found.setdefault(change.replaced_with[0], []).append(change)
    return found


def swept_line(urn: str, changes: list[Change]) -> str:
    """Return all that is replaced with one resource in one line."""
    worst = max(change.impact for change in changes)
    names = ", ".join(f"{change.kind} {change.object}" for change in changes)
    told = names if len(changes) <= _FEW else kinds_in_words(changes)
    return f"replaced with {urn.rsplit('::', 1)[-1]} — {worst.words}: {told}"


def kinds_in_words(changes: Iterable[Change]) -> str:
    """Return how many there are of which kind."""
    return ", ".join(f"{count} {kind}" for kind, count in Counter(change.kind for change in changes).items())


def field_line(field: Field) -> str:
    """Return one value that changes; a text of several lines as a difference of lines."""
    fixed = "  [cannot change in place]" if field.forces else ""
    if _is_long(field):
        return f"{field.path}{fixed}\n{_lines(str(field.before), str(field.after))}"
    if field.before is ABSENT:
        return f"{field.path}: + {_value(field.after)}{fixed}"
    if field.after is ABSENT:
        return f"{field.path}: - {_value(field.before)}{fixed}"
    return f"{field.path}{': ' if field.path else ''}{_value(field.before)} → {_value(field.after)}{fixed}"


def _is_long(field: Field) -> bool:
    texts = (field.before, field.after)
    return all(isinstance(text, str) for text in texts) and any("\n" in str(text) for text in texts)


def _lines(before: str, after: str) -> str:
    lines = list(unified_diff(before.splitlines(), after.splitlines(), n=_CONTEXT, lineterm=""))[2:]
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES} lines more"]
    return "\n".join(f"  {_printable(line)}" for line in lines)


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return _printable(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def _printable(text: str) -> str:
    """Return a text whose control characters are spelt out: none of it commands a terminal."""
    return "".join(
        letter if letter.isprintable() or letter == "\t" else repr(letter)[1:-1] for letter in text
    )


def headline(groups: tuple[Group, ...]) -> str:
    """Return what all of it comes to in one sentence."""
    counted: dict[str, int] = {}
    for group in groups:
        words = verdict_in_words(group.result)
        counted[words] = counted.get(words, 0) + len(group.sites)
    total = sum(counted.values())
    if set(counted) == {"no changes"}:
        return f"No changes: {_number(total, 'site')}."
    return (
        f"{_number(total, 'site')}: "
        + "; ".join(f"{count} {words}" for words, count in counted.items())
        + "."
    )
