"""The file between the job that compares and the one that may write."""

import json
from typing import Any

import pytest

from stacks.review.artefact import LIMIT, Artefact, ArtefactError, from_bytes, to_bytes
from stacks.review.comment import Comment, Fold, Note, Row
from tests.support.forges import HEAD

ARTEFACT = Artefact(
    number=12,
    head=HEAD,
    comment=Comment(
        base="b" * 40,
        headline="1 site: 1 BLOCKED.",
        rows=(Row("north", "blocked", "BLOCKED", "1 replaced"),),
        notes=(Note(blocks=True, text="data-loss: homes: why", sites="north"),),
        folds=(Fold("north", "± replaced"), Fold("south", None)),
    ),
)


def test_what_is_written_is_read_again():
    assert from_bytes(to_bytes(ARTEFACT)) == ARTEFACT


def changed(path: str, value: object) -> bytes:
    document: Any = json.loads(to_bytes(ARTEFACT))
    *keys, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    place = document
    for key in keys:
        place = place[key]
    place[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", 2),
        ("number", "12"),
        ("number", True),
        ("number", 0),
        ("head", "main"),
        ("head", "A" * 40),
        ("comment", []),
        ("comment.base", "`x`"),
        ("comment.headline", 3),
        ("comment.headline", "\ud800"),
        ("comment.rows", {"0": 1}),
        ("comment.rows", [{}] * 3000),
        ("comment.rows.0.sign", "<b>"),
        ("comment.rows.0.sites", None),
        ("comment.notes.0.blocks", "yes"),
        ("comment.notes.0.text", ["a"]),
        ("comment.folds.0.text", 1),
        ("comment.folds", None),
    ],
)
def test_what_is_no_comparison_is_refused_without_repeating_it(path: str, value: object):
    with pytest.raises(
        ArtefactError, match=r"^review\.json is not what the comparison writes \(\w+\): was it"
    ):
        from_bytes(changed(path, value))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"format": NaN}'])
def test_what_is_no_document_is_refused(content: bytes):
    with pytest.raises(ArtefactError):
        from_bytes(content)


def test_what_is_too_large_is_not_even_parsed():
    with pytest.raises(ArtefactError, match=f"has {LIMIT + 1} bytes; {LIMIT} is the most"):
        from_bytes(b" " * (LIMIT + 1))
