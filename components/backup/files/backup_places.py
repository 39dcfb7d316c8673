"""Where a restoration puts things: beside what is there, unless the operator says otherwise."""

import os
import posixpath
from dataclasses import dataclass
from pathlib import Path

from backup_report import BackupError

TARGET = Path("/target")
"""Where the volume is mounted, or the one folder of it that is restored to: nothing else can be reached."""

UNFINISHED = ".restoring-"
"""What the name of a folder begins with in which a restoration puts things together."""

_NOT_PEOPLES = ("lost+found",)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a restored thing goes.

    Attributes
    ----------
    path
        Below `TARGET`; empty for the whole of it.
    over
        Whether something is there, which the operator wants overwritten.
    beside
        Whether it is not where it was, because something is there.
    """

    path: str
    over: bool = False
    beside: bool = False


def clean(path: str) -> str:
    """Return a relative path without detours.

    Raises
    ------
    BackupError
        It leads out of where it starts.
    """
    if not path:
        return ""
    normal = posixpath.normpath(path)
    if path.startswith("/") or normal in (".", "..") or normal.startswith("../"):
        raise BackupError(f"{path!r} is not a path below the folder: write it without / at the front and ..")
    return normal


def beside(path: str, stamp: str) -> str:
    """Return another name for a path: ``notes.ipynb`` becomes ``notes.restored-20260301-0200.ipynb``."""
    if not path:
        return f"restored-{stamp}"
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    return posixpath.join(folder, f"{stem}.restored-{stamp}{suffix}")


def has_content(folder: Path) -> bool:
    """Return whether people have anything in a folder."""
    with os.scandir(folder) as entries:
        return any(
            entry.name not in _NOT_PEOPLES and not entry.name.startswith(UNFINISHED) for entry in entries
        )


def choose(path: str, to: str | None, *, overwrite: bool, stamp: str, root: Path = TARGET) -> Place:
    """Return where the thing that was at ``path`` goes.

    Parameters
    ----------
    path, to
        Below the folder; an empty ``path`` is the whole folder. None: where it was.
    overwrite
        Whether what is there may be overwritten.
    stamp
        Time of the snapshot, for a name beside what is there.

    Raises
    ------
    BackupError
        Something is at ``to``; or a path leads out, or through a link.
    """
    wanted = clean(path if to is None else to)
    _require_no_links(posixpath.dirname(wanted), root)
    there = has_content(root) if not wanted else os.path.lexists(root / wanted)
    if not there or overwrite:
        return Place(path=wanted, over=there)
    if to is not None:
        raise BackupError(f"there is something at {to!r} already: give another --to, or --overwrite")
    other = beside(wanted, stamp)
    if os.path.lexists(root / other):
        raise BackupError(
            f"this snapshot's is restored already, as {other!r}: look at it, or give another --to"
        )
    return Place(path=other, beside=True)


def _require_no_links(folder: str, root: Path) -> None:
    """Raise `BackupError` where the way to a place leads through a symbolic link, wherever that points."""
    here = root
    for part in Path(folder).parts:
        here = here / part
        if here.is_symlink() or (here.exists() and not here.is_dir()):
            raise BackupError(f"{str(here.relative_to(root))!r} is not a folder now: give another --to")
