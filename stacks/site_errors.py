"""What is wrong with a site file: a problem, where it is, and how a person reads it."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

Keys = tuple[str | int, ...]
"""Keys and list positions, from the outside in."""

At = Literal["key", "value"]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_:-]+")


class Mark(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a site.

    Parameters
    ----------
    path
        Keys from the site down to what is wrong, as written in the file; it may name a key that is missing.
    rule
        What is wrong and what was expected, for a person to read. Never holds a text from the file that
        could be a secret.
    at
        Whether the key is wrong or its value.
    """

    path: Keys
    rule: str
    at: At = "value"


@dataclass(frozen=True)
class Located:
    """A problem and where it is.

    Parameters
    ----------
    file
        The site file; None where the site came from elsewhere.
    mark
        The place in it, where one is known.
    key
        The dotted key; empty for the file as a whole.
    """

    file: Path | None
    mark: Mark | None
    key: str
    rule: str

    def __str__(self) -> str:
        """Return the problem as compilers print them: ``file:line:column: key: rule``."""
        where = "" if self.file is None else f"{_near(self.file)}:"
        if self.mark is not None:
            where += f"{self.mark.line}:{self.mark.column}:"
        return " ".join(part for part in (where, f"{self.key}:" if self.key else "", self.rule) if part)


class SiteError(Exception):
    """Everything that is wrong with a site file, one line each.

    Attributes
    ----------
    problems
        In the order of the file.
    """

    def __init__(self, problems: Iterable[Located]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.mark or Mark(0, 0)))
        super().__init__("\n".join(map(str, self.problems)))


def _near(file: Path) -> Path:
    """Return the path as people type it: relative, where it is below the working directory."""
    working = Path.cwd()
    return file.relative_to(working) if file.is_relative_to(working) else file


def dotted(path: Keys) -> str:
    """Return a path as people write it: ``hub.profiles.small.groups[0]``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif _PLAIN_KEY.fullmatch(key):
            text += f".{key}" if text else key
        else:
            text += f'["{key}"]'
    return text


def _folded(word: str) -> str:
    return re.sub(r"[-_ ]", "", word).casefold()


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that was probably meant: spelled in another style, or mistyped."""
    by_fold = {_folded(choice): choice for choice in choices}
    matches = difflib.get_close_matches(_folded(word), by_fold, n=1, cutoff=0.7)
    return by_fold[matches[0]] if matches else None


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """Return ``; did you mean '…'?``, or nothing if no choice is near."""
    found = nearest(word, choices) if isinstance(word, str) else None
    return f"; did you mean '{found}'?" if found else ""
