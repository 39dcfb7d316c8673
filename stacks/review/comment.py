"""A comment on a pull request: plain texts, and the Markdown that is made of them.

The texts may come from a stranger's branch. Whatever they hold, they are shown and do nothing: no link, no picture,
nobody is mentioned, no command is given to the forge.
"""

import html
import re
from dataclasses import dataclass
from typing import Literal, get_args

LIMIT = 60_000
"""Characters that a comment may have: GitHub takes 65,536."""

MARKER = "<!-- science-platform diff -->"
"""By which the comment is found again, so that there is one, and it is updated."""

Sign = Literal["blocked", "clean", "none", "rolls pods", "interrupts users", "replaces", "loses data"]
SIGNS: dict[Sign, str] = dict(zip(get_args(Sign), "⛔⚪🟢🔵🟡🟠🔴", strict=True))

_LEFT_OUT = "The details are left out: they are too long for a comment. `python -m stacks diff` shows them."
_LONGEST = 600
"""Characters of a text that is not folded away."""

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~])")
_REFERENCE = re.compile(r"[@#!$%&~](?=[\w\"'])|:(?=//)|\bwww(?=\.)", re.IGNORECASE)
"""What forges make links of, mentions and commands among them, wherever it stands in a text."""


@dataclass(frozen=True)
class Row:
    """A line of the table: sites whose changes are alike."""

    sites: str
    sign: Sign
    outcome: str
    changes: str


@dataclass(frozen=True)
class Note:
    """What a gate says; `blocks` says whether the change must not be brought out."""

    blocks: bool
    text: str
    sites: str


@dataclass(frozen=True)
class Fold:
    """Details that open on a click; without a text, a word that they are left out."""

    title: str
    text: str | None


@dataclass(frozen=True)
class Comment:
    """All of a comment.

    Attributes
    ----------
    base
        The commit compared with.
    headline
        What all of it comes to, in a sentence.
    """

    base: str
    headline: str
    rows: tuple[Row, ...] = ()
    notes: tuple[Note, ...] = ()
    folds: tuple[Fold, ...] = ()


def to_markdown(comment: Comment, *, caution: str = "") -> str:
    """Return the comment as GitHub and GitLab show it.

    Parameters
    ----------
    caution
        Markdown that comes before everything else.
    """
    return "\n".join([summary(comment, caution=caution), *map(folded, comment.folds)])


def summary(comment: Comment, *, caution: str = "") -> str:
    """Return the comment without what is folded away."""
    return "\n".join(
        [
            MARKER,
            "### What this would do to each site",
            "",
            *([f"> {caution}", ""] if caution else []),
            f"Compared with `{comment.base[:12]}`: {inline(comment.headline)}",
            "",
            "| sites | outcome | changes |",
            "|---|---|---|",
            *map(_row, comment.rows),
            "",
            *map(_note, comment.notes),
            "",
        ]
    )


def _row(row: Row) -> str:
    return f"| {inline(row.sites)} | {SIGNS[row.sign]} {inline(row.outcome)} | {inline(row.changes)} |"


def _note(note: Note) -> str:
    word = "Blocked" if note.blocks else "Note"
    return f"- **{word}** {inline(note.text)} ({inline(note.sites)})"


def folded(fold: Fold) -> str:
    """Return details that open on a click."""
    title = html.escape(_shown(" ".join(_cut(fold.title).split())))
    if fold.text is None:
        return f"<sub>{title}: {_LEFT_OUT}</sub>\n"
    # A line that begins with a slash is a command to GitLab, in code as well where its fences are unusual.
    text = "\n".join(re.sub("^(?=/)", " ", _visible(line)) for line in fold.text.split("\n"))
    # A fence longer than any in the text, so that nothing in it ends it.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"<details><summary>{title}</summary>\n\n{fence}diff\n{text}\n{fence}\n\n</details>\n"


def inline(text: str) -> str:
    """Return a text that is no markup: not HTML, no mention, no link, one line; what is in backticks is code."""
    parts = " ".join(_cut(text).split()).split("`")
    if len(parts) % 2 == 0:  # one of them has no partner
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(
        f"<code>{_plain(part)}</code>" if place % 2 else _plain(part) for place, part in enumerate(parts)
    )


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", html.escape(_shown(text), quote=False))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _shown(text: str) -> str:
    """Return a text in which nothing is taken for a reference: a space of no width comes after its sign."""
    return _REFERENCE.sub(lambda found: f"{found[0]}\u200b", _visible(text))


def _visible(text: str) -> str:
    """Return a line with its invisible characters spelt out: none of it turns the rest around."""
    return "".join(each if each.isprintable() or each == "\t" else repr(each)[1:-1] for each in text)
