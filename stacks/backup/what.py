"""What is restored, as operators write it: ``everything``, ``homes``, ``home/alice``, ``home/alice/notes/a.ipynb``."""

import posixpath
from collections.abc import Collection
from dataclasses import dataclass

from stacks.backup.errors import BackupError

EVERYTHING = "everything"
ALIASES = {"home": "homes", "project": "projects"}
"""The source that a word stands for: one home is of the homes."""


@dataclass(frozen=True, kw_only=True)
class What:
    """A source, a folder of it, or something in that folder.

    Attributes
    ----------
    source
        Name of the source.
    folder
        User or project; empty for the whole source.
    path
        In the folder; empty for all of it.
    """

    source: str
    folder: str = ""
    path: str = ""

    def __str__(self) -> str:
        """Return it as operators write it."""
        short = {source: word for word, source in ALIASES.items()}
        return "/".join(
            part
            for part in (
                short.get(self.source, self.source) if self.folder else self.source,
                self.folder,
                self.path,
            )
            if part
        )


def parse(text: str, sources: Collection[str]) -> What:
    """Return what a text means.

    Raises
    ------
    BackupError
        There is no such source, or the path leads out of its folder.
    """
    first, _, rest = text.strip("/").partition("/")
    source = ALIASES.get(first, first)
    if source not in sources:
        short = [word for word, name in ALIASES.items() if name in sources]
        valid = ", ".join([EVERYTHING, *sources, *(f"{word}/NAME[/PATH]" for word in short)])
        raise BackupError(f"{text!r} is not backed up; there is: {valid}")
    if first in ALIASES and not rest:
        raise BackupError(f"whose? {first}/NAME, or {source} for all of them")
    folder, _, path = rest.lstrip("/").partition("/")
    path = path.lstrip("/")
    if ".." in (folder, *path.split("/")) or folder == ".":
        raise BackupError(f"{text!r} leads out of its folder: write it without ..")
    return What(source=source, folder=folder, path=posixpath.normpath(path) if path else "")
