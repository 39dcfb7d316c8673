"""What reviewers have to know of a comparison that a stranger's code may have made."""

import re
from collections.abc import Iterable

from stacks.review.comment import inline

_NOT_CODE = re.compile(r"stacks/Pulumi\.[^/]*\.yaml|(docs|tests)/.*|[^/]*\.md")
_MANY = 1_000
"""Files of a change of which a forge may not tell them all."""


def caution(files: Iterable[str]) -> str:
    """Return what comes before a fork's comparison, as Markdown; nothing where it changes no code.

    Parameters
    ----------
    files
        Paths of what it changes, before and after.
    """
    files = list(dict.fromkeys(files))
    code = [name for name in files if not _NOT_CODE.fullmatch(name)]
    if len(files) >= _MANY:
        code = code or [f"{len(files)} files"]
    if not code:
        return ""
    more = f" and {len(code) - 1} more" if len(code) > 1 else ""
    return (
        f"**This comes from a fork and changes code**: {inline(code[0])}{more}. "
        "What follows was made by that code: read it before you trust this."
    )
