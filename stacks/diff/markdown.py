"""A comparison as one comment on a pull request: the summary always whole, the details as far as they fit."""

import heapq
from textwrap import wrap

from stacks.diff.groups import Group, Result
from stacks.diff.model import Impact
from stacks.diff.terminal import details
from stacks.diff.wording import counts_in_words, headline, sites_in_words, verdict_in_words
from stacks.review.comment import LIMIT, Comment, Fold, Note, Row, Sign, folded, summary
from stacks.review.comment import to_markdown as written

_SIGNS: dict[Impact, Sign] = {
    Impact.NONE: "none",
    Impact.ROLLS_PODS: "rolls pods",
    Impact.INTERRUPTS_USERS: "interrupts users",
    Impact.REPLACES: "replaces",
    Impact.LOSES_DATA: "loses data",
}
_NAMES = 8
_WIDTH = 110
"""Characters that GitHub shows of a line of code without scrolling."""


def to_markdown(groups: tuple[Group, ...], base: str, *, limit: int = LIMIT) -> str:
    """Return the comparison as Markdown of at most ``limit`` characters."""
    return written(comment_of(groups, base, limit=limit))


def comment_of(groups: tuple[Group, ...], base: str, *, limit: int = LIMIT) -> Comment:
    """Return the comparison as a comment of at most ``limit`` characters.

    Details are cut where they are longest, first their values, then the lines, and never the summary.
    """
    comment = _summary(groups, base, limit)
    # One of each group's forms is taken: whole at first.
    forms = [_forms(group) for group in groups if not group.result.clean]
    taken = [0] * len(forms)
    length = len(summary(comment)) + sum(_length(each[0]) for each in forms)
    longest = [(-_length(each[0]), place) for place, each in enumerate(forms)]
    heapq.heapify(longest)
    while length > limit and longest:
        shorter, place = heapq.heappop(longest)
        taken[place] += 1
        after = _length(forms[place][taken[place]])
        length += after + shorter
        if after:
            heapq.heappush(longest, (-after, place))
    folds = [each[level] for each, level in zip(forms, taken, strict=True)]
    return Comment(comment.base, comment.headline, comment.rows, comment.notes, tuple(filter(None, folds)))


def _length(fold: Fold | None) -> int:
    return len(folded(fold)) + 1 if fold else 0


def _summary(groups: tuple[Group, ...], base: str, limit: int) -> Comment:
    rows = [
        Row(
            sites_in_words(group.sites, _NAMES),
            _sign(group.result),
            verdict_in_words(group.result),
            counts_in_words(group.result),
        )
        for group in groups
    ]
    notes = [
        Note(
            verdict.blocks,
            f"{verdict.gate}: {verdict.subject}: {verdict.reason}",
            sites_in_words(group.sites, _NAMES),
        )
        for group in groups
        for verdict in group.result.verdicts
    ]
    comment = Comment(base, headline(groups), tuple(rows), tuple(notes))
    while len(summary(comment)) > limit and rows:
        # The worst come first.
        rows = rows[: len(rows) // 2]
        notes = notes[: max(1, len(notes) // 2)]
        left = Row("…", "none", f"and {len(groups) - len(rows)} groups more", "")
        comment = Comment(base, headline(groups), (*rows, left), tuple(notes))
    return comment


def _sign(result: Result) -> Sign:
    if result.blocked:
        return "blocked"
    return "clean" if result.clean else _SIGNS[result.impact]


def _forms(group: Group) -> tuple[Fold | None, ...]:
    """Return the details of a group, ever shorter: whole, without values, a word that they are left out, nothing."""
    title = f"{sites_in_words(group.sites, _NAMES)} · {verdict_in_words(group.result)}"
    whole, short = (
        "\n".join(map(_wrapped, details(group.result, fields=fields))) for fields in (True, False)
    )
    return Fold(title, whole), Fold(title, short), Fold(title, None), None


def _wrapped(line: str) -> str:
    """Return a sentence in lines that need no scrolling; what is indented is someone's text, and stays as it is."""
    if len(line) <= _WIDTH or line.startswith(" "):
        return line
    return "\n".join(
        wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    )
