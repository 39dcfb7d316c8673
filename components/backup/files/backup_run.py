"""Backs up one source: ``backup_run.py SOURCE``."""

import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import backup_settings
from backup_dump import MARK, SOURCE
from backup_report import BackupError, amount, run, say
from backup_restic import INCOMPLETE, Outcome, Restic
from backup_settings import TREE, Settings, Source

DUMP = "/dump"
"""Path of a database's stream in its snapshots."""

UNFINISHED = ".restoring-*"
"""Folders in which a restoration that goes on, or was killed, puts things together."""

_NAMED = 20


class Watch:
    """Follows restic's messages: says how far it is, and counts what could not be read.

    Parameters
    ----------
    source
        Name of the source.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.unread: Counter[str] = Counter()
        self.summary: Mapping[str, Any] = {}

    def __call__(self, message: Mapping[str, Any]) -> None:
        """Take one message."""
        kind = message.get("message_type")
        if kind == "status" and message.get("total_files"):
            share, files = message["percent_done"], message.get("files_done", 0)
            say(f"{self.source}: {share:.0%} of {amount(message['total_bytes'])}, {files} files")
        elif kind == "error" and message.get("during") != "scan":
            # The folder of the user or project, and not a name below it.
            parts = Path(message.get("item", "")).parts
            self.unread[parts[2] if len(parts) > 2 else "/"] += 1  # noqa: PLR2004 - /source/<folder>
        elif kind == "summary":
            self.summary = message

    def unread_in_words(self) -> str:
        """Return where how many files could not be read."""
        named = [f"{count} of {folder}" for folder, count in self.unread.most_common(_NAMED)]
        more = [f"and {len(self.unread) - _NAMED} more"] if len(self.unread) > _NAMED else []
        return ", ".join([*named, *more])


def arguments(settings: Settings, source: Source) -> list[str]:
    """Return what restic is told to back up a source."""
    command = ["backup", "--host", settings.site, "--group-by", "paths", "--tag", source.kind]
    if source.kind == TREE:
        patterns = [f"{SOURCE}/{UNFINISHED}", f"{SOURCE}/*/{UNFINISHED}", *settings.exclude]
        return [*command, *(f"--exclude={pattern}" for pattern in patterns), str(SOURCE)]
    program = [sys.executable, str(Path(__file__).parent / "backup_dump.py"), source.name]
    return [*command, "--stdin-filename", DUMP, "--stdin-from-command", "--", *program]


def back_up(settings: Settings, source: Source) -> dict[str, Any]:
    """Back up a source and return what an operator may know of it.

    Raises
    ------
    BackupError
        There is no new snapshot.
    """
    started = time.monotonic()
    restic = Restic(settings, source.name)
    if not restic.exists():
        say(f"{source.name}: the first backup, a new repository at {restic.store}")
        restic.require("init")
    watch = Watch(source.name)
    outcome = restic.patiently(*arguments(settings, source), on_message=watch)
    if outcome.code not in (0, INCOMPLETE):
        raise _dump_failure(source, outcome) or restic.failure(outcome)
    if not watch.summary.get("snapshot_id"):
        raise BackupError(f"{source.name}: restic made no snapshot")
    result = {
        "source": source.name,
        "snapshot": watch.summary["snapshot_id"][:8],
        "files": watch.summary["total_files_processed"],
        "bytes": watch.summary["total_bytes_processed"],
        "added": watch.summary["data_added_packed"],
        "seconds": round(time.monotonic() - started, 1),
        "unread": sum(watch.unread.values()),
    }
    say(
        f"{source.name}: snapshot {result['snapshot']}, {result['files']} files, {amount(result['bytes'])}; "
        f"{amount(result['added'])} new in the store; {result['seconds']} s"
    )
    if watch.unread:
        say(
            f"{source.name}: {result['unread']} could not be read and are not in it: {watch.unread_in_words()}"
        )
    return result


def _dump_failure(source: Source, outcome: Outcome) -> BackupError | None:
    """Return why the database could not be dumped, where that is it."""
    for line in outcome.text.splitlines():
        if MARK in line:
            return BackupError(f"{source.name}: {line.partition(MARK)[2]}")
    return None


def main() -> int:
    """Back up the source that is named; return the exit status."""
    settings = backup_settings.load()
    return run(lambda: back_up(settings, settings.sources[sys.argv[1]]))


if __name__ == "__main__":
    sys.exit(main())
