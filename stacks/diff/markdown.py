"""A comparison as one comment on a pull request: the summary always whole, the details as far as they fit."""

import heapq
import html
import re

from stacks.diff.groups import Group, Result
from stacks.diff.model import Impact
from stacks.diff.terminal import details
from stacks.diff.verdict import Verdict
from stacks.diff.wording import counts_in_words, headline, sites_in_words, verdict_in_words

LIMIT = 60_000
"""Characters that a comment may have: GitHub takes 65,536."""

MARKER = "<!-- science-platform diff -->"
"""By which the comment is found again, so that there is one, and it is updated."""

_SIGNS = {
    Impact.NONE: "🟢",
    Impact.ROLLS_PODS: "🔵",
    Impact.INTERRUPTS_USERS: "🟡",
    Impact.REPLACES: "🟠",
    Impact.LOSES_DATA: "🔴",
}
_CUT = "The details are left out: they are too long for a comment. `python -m stacks diff` shows them."
_NAMES = 8


def to_markdown(groups: tuple[Group, ...], base: str, *, limit: int = LIMIT) -> str:
    """Return the comparison as Markdown of at most ``limit`` characters.

    Details are cut where they are longest, first their values, then the lines, and never the summary.
    """
    summary = _summary(groups, base, limit)
    # One of each group's forms is taken: whole at first.
    forms = [_forms(group) for group in groups if not group.result.clean]
    taken = [0] * len(forms)
    length = len(summary) + sum(len(each[0]) + 1 for each in forms)
    longest = [(-len(each[0]), place) for place, each in enumerate(forms)]
    heapq.heapify(longest)
    while length > limit and longest:
        _, place = heapq.heappop(longest)
        before = forms[place][taken[place]]
        taken[place] += 1
        after = forms[place][taken[place]]
        length += len(after) - len(before)
        if after:
            heapq.heappush(longest, (-len(after), place))
    details = (each[level] for each, level in zip(forms, taken, strict=True) if each[level])
    return "\n".join([summary, *details])


def _summary(groups: tuple[Group, ...], base: str, limit: int) -> str:
    head = [
        MARKER,
        "### What this would do to each site",
        "",
        f"{headline(groups)} Compared with `{base[:12]}`.",
        "",
        "| sites | outcome | changes |",
        "|---|---|---|",
    ]
    rows = [
        f"| {sites_in_words(group.sites, _NAMES)} | {_sign(group.result)} {verdict_in_words(group.result)} | "
        f"{counts_in_words(group.result)} |"
        for group in groups
    ]
    verdicts = [
        f"- {_verdict(verdict)} ({sites_in_words(group.sites, _NAMES)})"
        for group in groups
        for verdict in group.result.verdicts
    ]
    text = "\n".join([*head, *rows, "", *verdicts, ""])
    while len(text) > limit and rows:
        # The worst come first.
        rows = rows[: len(rows) // 2]
        verdicts = verdicts[: max(1, len(verdicts) // 2)]
        left = f"| … | and {len(groups) - len(rows)} groups more | |"
        text = "\n".join([*head, *rows, left, "", *verdicts, ""])
    return text


def _verdict(verdict: Verdict) -> str:
    word = "Blocked" if verdict.blocks else "Note"
    return f"**{word}** {_inline(f'{verdict.gate}: {verdict.subject}: {verdict.reason}')}"


def _sign(result: Result) -> str:
    if result.blocked:
        return "⛔"
    return "⚪" if result.clean else _SIGNS[result.impact]


def _forms(group: Group) -> tuple[str, ...]:
    """Return the details of a group, ever shorter: whole, without values, a word that they are left out, nothing."""
    title = f"{html.escape(sites_in_words(group.sites, _NAMES))} · {verdict_in_words(group.result)}"
    whole, short = ("\n".join(details(group.result, fields=fields)) for fields in (True, False))
    return _folded(title, whole), _folded(title, short), f"<sub>{title}: {_CUT}</sub>\n", ""


def _folded(title: str, text: str) -> str:
    # A fence longer than any in the text, so that nothing in it ends it.
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=2) + 1)
    fence = fence if len(fence) > 2 else "```"  # noqa: PLR2004 - a fence has three at least
    return f"<details><summary>{title}</summary>\n\n{fence}diff\n{text}\n{fence}\n\n</details>\n"


def _inline(text: str) -> str:
    """Return a text that is no markup: not HTML, no mention, no link, one line."""
    plain = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#+!|~@])", r"\\\1", plain).replace("\\@", "@\u200b")
