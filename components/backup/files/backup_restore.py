"""Restores one source, a folder of it, or something in a folder: ``backup_restore.py SOURCE …``.

The pod mounts nothing but what is restored to. For one user's files that is the user's folder: a symbolic link that
the user has there, whatever it points to, cannot lead a restoration into somebody else's.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import backup_settings
from backup_database import database_in_use, restore_database
from backup_dump import SOURCE
from backup_places import TARGET, UNFINISHED, Place, choose, clean, has_content
from backup_report import BackupError, amount, run, say
from backup_restic import Restic
from backup_settings import TREE, Settings, Source
from backup_snapshots import Snapshot, pick

VOLUME = Path("/volume")
"""Where the whole volume is mounted for the moment in which a folder is made on it."""

_DIRECTORY = "dir"
_PERMISSIONS = 0o777
_SET_ID = ((1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000))
"""Go's bits of set-user-id, set-group-id and sticky, and Unix'."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser()
    result.add_argument("source")
    result.add_argument("--look", action="store_true", help="only say whether there is anything")
    result.add_argument("--snapshot", default="latest")
    result.add_argument("--before", default="")
    result.add_argument("--folder", default="", help="of the volume in the snapshot; all of it if left out")
    result.add_argument("--path", default="", help="in the folder; all of it if left out")
    result.add_argument("--to", help="in the folder that is mounted; where it was if left out")
    result.add_argument("--overwrite", action="store_true")
    result.add_argument("--prepare", metavar="FOLDER", help="only make this folder of the whole volume")
    result.add_argument("--mode", default="0700", help="of that folder, if it is made")
    return result


class Tree:
    """Restores files of one snapshot.

    Parameters
    ----------
    restic
        The repository.
    snapshot
        The snapshot.
    """

    def __init__(self, restic: Restic, snapshot: Snapshot) -> None:
        self.restic, self.snapshot = restic, snapshot
        self.failed = 0
        self.summary: Mapping[str, Any] = {}

    def node(self, path: str) -> Mapping[str, Any]:
        """Return what the snapshot has at a path.

        Raises
        ------
        BackupError
            It has nothing there.
        """
        found: list[Mapping[str, Any]] = []

        def take(message: Mapping[str, Any]) -> None:
            if message.get("message_type") == "node" and message["path"] == path:
                found.append(message)

        self.restic.require("ls", "--no-lock", self.snapshot.identifier, path, on_message=take)
        if not found:
            shown = path.removeprefix(f"{SOURCE}/")
            raise BackupError(
                f"{shown!r} is not in snapshot {self.snapshot.words}: try an older one (python -m stacks backup "
                "SITE --list), or an upper folder"
            )
        return found[0]

    def content(self, path: str, target: Path, *, over: bool) -> None:
        """Restore what is in a folder of the snapshot."""
        self._restore(path, target, "--overwrite", "if-changed" if over else "never")

    def one(self, path: str, name: str, target: Path) -> None:
        """Restore one thing of a folder of the snapshot, whatever it is, as ``target/name``."""
        self._restore(path, target, "--include", f"/{_literally(name)}")

    def _restore(self, path: str, target: Path, *options: str) -> None:
        arguments = ["--target", str(target), "--sparse", "--no-lock", *options]
        outcome = self.restic.call(
            "restore", f"{self.snapshot.identifier}:{path}", *arguments, on_message=self._watch
        )
        if outcome.code != 0 and not self.failed:
            raise self.restic.failure(outcome)

    def _watch(self, message: Mapping[str, Any]) -> None:
        kind = message.get("message_type")
        if kind == "status" and message.get("total_files"):
            share, files = message.get("percent_done", 0), message.get("files_restored", 0)
            say(f"{share:.0%} of {amount(message.get('total_bytes', 0))}, {files} files")
        elif kind == "error":
            self.failed += 1
        elif kind == "summary":
            self.summary = message


def _literally(name: str) -> str:
    """Return a name as a pattern that matches nothing else."""
    return "".join(f"\\{letter}" if letter in "*?[\\" else letter for letter in name)


def prepare(
    restic: Restic, snapshot: Snapshot, options: argparse.Namespace, volume: Path = VOLUME
) -> dict[str, Any]:
    """Make the folder that is restored to, if the snapshot has what is asked for and the folder is missing.

    Only the platform writes to the top of a volume, so nobody can have planted a link there.

    Raises
    ------
    BackupError
        The snapshot has nothing there, or something else has the folder's name.
    """
    Tree(restic, snapshot).node("/".join([str(SOURCE), *_parts(options)]))
    folder = volume / options.prepare
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BackupError(f"{options.prepare!r} is not a folder on the volume")
    if not folder.exists():
        folder.mkdir()
        folder.chmod(int(options.mode, 8))
    return {}


def _parts(options: argparse.Namespace) -> list[str]:
    return [part for part in (clean(options.folder), clean(options.path)) if part]


def restore_tree(restic: Restic, snapshot: Snapshot, options: argparse.Namespace) -> dict[str, Any]:
    """Restore files; return where they are.

    Raises
    ------
    BackupError
        Something is in the way, or not everything could be restored.
    """
    tree = Tree(restic, snapshot)
    inside = "/".join([str(SOURCE), *_parts(options)])
    if not options.folder:
        if has_content(TARGET) and not options.overwrite:
            raise BackupError(
                f"{restic.source} has data: restore single folders, or everything over it with --overwrite"
            )
        tree.content(inside, TARGET, over=options.overwrite)
        place = Place(path="")
    else:
        node = tree.node(inside)
        place = choose(options.path, options.to, overwrite=options.overwrite, stamp=snapshot.stamp)
        _put(tree, inside, node, place)
    if tree.failed:
        raise BackupError(
            f"{tree.failed} things could not be restored (the store is damaged, the volume is full, or something of "
            "another kind is in their place); all else is there"
        )
    return {
        "path": place.path,
        "beside": place.beside,
        "files": tree.summary.get("files_restored", 0),
        "bytes": tree.summary.get("bytes_restored", 0),
    }


def _put(tree: Tree, inside: str, node: Mapping[str, Any], place: Place) -> None:
    """Restore one thing of a folder to its place; what is not put over something appears there at once."""
    is_folder, target = node["type"] == _DIRECTORY, TARGET / place.path
    if not place.path or (place.over and is_folder):
        if target.is_symlink() or not target.is_dir():
            raise BackupError(f"{place.path!r} is not a folder now: remove it, or give another --to")
        tree.content(inside, target, over=place.over)
        _like(node, target)
        return
    if place.over and target.is_dir() and not target.is_symlink():
        raise BackupError(f"{place.path!r} is a folder now: remove it, or give another --to")
    _remove_unfinished()
    scratch = TARGET / f"{UNFINISHED}{os.getpid()}-{time.time_ns()}"
    scratch.mkdir(mode=0o700)
    try:
        above, _, name = inside.rpartition("/")
        tree.one(above, name, scratch)
        target.parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).replace(target)
    except FileNotFoundError:
        raise BackupError("nothing was restored: is there room on the volume?") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _remove_unfinished() -> None:
    """Remove what a restoration that was killed has left."""
    for path in TARGET.glob(f"{UNFINISHED}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


def _like(node: Mapping[str, Any], target: Path) -> None:
    """Give a folder the mode and time that it has in the snapshot; restic does so for what is in it."""
    mode = node["mode"] & _PERMISSIONS
    for go, unix in _SET_ID:
        mode |= unix if node["mode"] & go else 0
    nanoseconds = Snapshot.nanoseconds(node["mtime"])
    try:
        target.chmod(mode)
        os.utime(target, ns=(nanoseconds, nanoseconds))
    except PermissionError:
        say("the folder itself keeps its mode and time: it belongs to somebody else than user 1000")


def restore(settings: Settings, source: Source, options: argparse.Namespace) -> dict[str, Any]:
    """Restore what is asked for; return what an operator is told of it.

    Raises
    ------
    BackupError
        It is not, or not wholly, restored.
    """
    if options.look:
        used = has_content(TARGET) if source.kind == TREE else database_in_use(source)
        return {"source": source.name, "used": bool(used)}
    started = time.monotonic()
    restic = Restic(settings, source.name)
    restic.require_repository()
    snapshot = pick(restic, options.snapshot, options.before)
    if options.prepare:
        return prepare(restic, snapshot, options)
    say(f"{source.name}: snapshot {snapshot.words}")
    if source.kind == TREE:
        done = restore_tree(restic, snapshot, options)
    else:
        done = restore_database(restic, source, snapshot, overwrite=options.overwrite)
    return {
        "source": source.name,
        "snapshot": snapshot.identifier[:8],
        "time": snapshot.time,
        **done,
        "seconds": round(time.monotonic() - started, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore; return the exit status."""
    options = parser().parse_args(arguments)
    settings = backup_settings.load()
    return run(lambda: restore(settings, settings.sources[options.source], options))


if __name__ == "__main__":
    sys.exit(main())
