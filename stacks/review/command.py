"""``python -m stacks review``: the comparison of a pull request, left where a job with a token finds it."""

from pathlib import Path

from stacks.diff.command import BLOCKED, compared
from stacks.diff.markdown import comment_of
from stacks.diff.terminal import to_terminal
from stacks.diff.verdict import Judge
from stacks.review import artefact
from stacks.review.artefact import Artefact
from stacks.review.comment import to_markdown

WRONG = 1


def run(*, number: int, head: str, base: str, into: Path, judge: Judge | None = None) -> int:
    """Compare every site, print it, leave it in a folder; return 0, or 1 where the change is blocked.

    Parameters
    ----------
    number
        Of the pull request.
    head
        Its newest commit; what is compared is the working tree, which may be its merge.
    base
        What it would be merged into, as git names it.
    into
        Folder for ``review.json``, and ``review.md`` to be shown where the comparison ran.
    """
    found = compared([], base=base, judge=judge)
    print(to_terminal(found.groups, found.base, colour=False), end="", flush=True)
    comment = comment_of(found.groups, found.base)
    into.mkdir(parents=True, exist_ok=True)
    (into / artefact.NAME).write_bytes(artefact.to_bytes(Artefact(number, head, comment)))
    (into / "review.md").write_text(to_markdown(comment), encoding="utf-8")
    return WRONG if found.code == BLOCKED else 0
