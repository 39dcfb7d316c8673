"""What the comparison of a pull request leaves for the job that may write comments: `review.json`.

A stranger's branch has made it, so whoever reads it takes nothing for granted.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

from stacks.review.comment import Comment, Fold, Note, Row, Sign

NAME = "review.json"
LIMIT = 1_000_000
"""Bytes; a comment of full length needs less."""

_FORMAT = 1
_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_MOST = 2_000
"""Items of a list."""


class ArtefactError(Exception):
    """What was found is not the result of a comparison, or lies about what it is of."""


@dataclass(frozen=True)
class Artefact:
    """The result of comparing one state of a pull request.

    Attributes
    ----------
    number
        Of the pull request, as it says itself.
    head
        The commit that it says it has compared.
    """

    number: int
    head: str
    comment: Comment


def to_bytes(artefact: Artefact) -> bytes:
    """Return what the file holds."""
    return json.dumps({"format": _FORMAT, **asdict(artefact)}, ensure_ascii=False, indent=1).encode()


def from_bytes(content: bytes) -> Artefact:
    """Return what a file holds that anybody may have written.

    Raises
    ------
    ArtefactError
        It is not what `to_bytes` writes.
    """
    if len(content) > LIMIT:
        raise ArtefactError(f"{NAME} has {len(content)} bytes; {LIMIT} is the most")
    try:
        document = json.loads(content)
        return _artefact(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # What is wrong in it may be a text of theirs, so only its kind is told.
        raise ArtefactError(
            f"{NAME} is not what the comparison writes ({type(error).__name__}): was it made by another version?"
        ) from None


def _artefact(document: Any) -> Artefact:  # noqa: ANN401 - any JSON
    if document["format"] != _FORMAT:
        raise ValueError("format")
    found = document["comment"]
    return Artefact(
        number=_number(document["number"]),
        head=_commit(document["head"]),
        comment=Comment(
            base=_commit(found["base"]),
            headline=_text(found["headline"]),
            rows=tuple(map(_row, _items(found["rows"]))),
            notes=tuple(map(_note, _items(found["notes"]))),
            folds=tuple(map(_fold, _items(found["folds"]))),
        ),
    )


def _number(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    value.encode()  # a lone surrogate cannot be sent
    return value


def _commit(value: object) -> str:
    if not _COMMIT.fullmatch(_text(value)):
        raise ValueError("commit")
    return _text(value)


def _items(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise ValueError("list")
    return value


def _row(value: Mapping[str, object]) -> Row:
    sign = value["sign"]
    if sign not in get_args(Sign):
        raise ValueError("sign")
    return Row(
        sites=_text(value["sites"]),
        sign=sign,  # type: ignore[arg-type] - one of them, as has just been seen
        outcome=_text(value["outcome"]),
        changes=_text(value["changes"]),
    )


def _note(value: Mapping[str, object]) -> Note:
    if not isinstance(value["blocks"], bool):
        raise TypeError("blocks")
    return Note(value["blocks"], _text(value["text"]), _text(value["sites"]))


def _fold(value: Mapping[str, object]) -> Fold:
    text = value["text"]
    return Fold(_text(value["title"]), None if text is None else _text(text))
