"""Putting a database back, from the stream that `backup_dump` has made of it; nobody uses it meanwhile.

The Secrets that belong to it are for the operator's command line to put back: this pod has no access to Kubernetes.
It gets them sealed with a one-time pad, which only the command line and this pod know, so that no log and no status
holds them.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from backup_dump import require_sound, run_postgresql
from backup_places import TARGET
from backup_report import BackupError, say
from backup_restic import Restic, ended_with_us
from backup_settings import SQLITE, Source
from backup_snapshots import Snapshot

DUMP = "/dump"
PAD = "RESTORE_PAD"
"""Variable of the pad: random bytes, in hexadecimal digits."""

_LONGEST_HEADER = 64 * 1024


def database_in_use(source: Source) -> int:
    """Return how much people have done in the database; 0 for one that is not there or as good as new."""
    if source.kind == SQLITE:
        path = TARGET / source.file
        if not path.exists():
            return 0
        try:
            with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True)) as opened:
                return opened.execute(source.used).fetchone()[0]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return 0
            raise BackupError(f"the database that is there cannot be read ({error}): --overwrite") from None
    try:
        return int(run_postgresql("psql", "--no-psqlrc", "--tuples-only", "--command", source.used))
    except BackupError as error:
        if "does not exist" in str(error):
            return 0
        raise


def restore_database(
    restic: Restic, source: Source, snapshot: Snapshot, *, overwrite: bool
) -> dict[str, Any]:
    """Put a database back; return its secrets, sealed.

    Raises
    ------
    BackupError
        It is in use and may not be overwritten, or cannot be restored; then it is as it was.
    """
    if not overwrite and database_in_use(source):
        raise BackupError(f"the database of {source.name} is in use: --overwrite puts the old one over it")
    command = restic.command("dump", "--no-lock", snapshot.identifier, DUMP)
    with ended_with_us(
        # Unbuffered: what follows the first line is read by others.
        subprocess.Popen(command, env=restic.environment, cwd="/", stdout=subprocess.PIPE, bufsize=0)
    ) as process:
        assert process.stdout is not None  # noqa: S101 - tells the type checker
        header = process.stdout.readline(_LONGEST_HEADER)
        if not header.endswith(b"\n"):
            raise BackupError(f"{source.name}: snapshot {snapshot.words} cannot be read")
        if source.kind == SQLITE:
            size = _restore_sqlite(process, TARGET / source.file)
        else:
            size = 0
            _restore_postgresql(process.stdout)
    if process.returncode:
        raise BackupError(f"{source.name}: the snapshot could not be read to its end")
    say(f"{source.name}: the database of {snapshot.words} is back")
    return {"bytes": size, "sealed": sealed(json.loads(header)["secrets"])}


def _restore_sqlite(process: subprocess.Popen[bytes], database: Path) -> int:
    """Write the stream beside the database, and take its place when it is whole; the old one is kept beside."""
    assert process.stdout is not None  # noqa: S101 - tells the type checker
    new = database.with_name(f"{database.name}.restoring")
    try:
        with new.open("wb") as out:
            shutil.copyfileobj(process.stdout, out)
            out.flush()
            os.fsync(out.fileno())
        if process.wait():
            raise BackupError("the snapshot could not be read to its end; the database is as it was")
        require_sound(new)
        # With its journals, which would be taken for the new one's.
        for suffix in ("-journal", "-wal", "-shm", ""):
            old = Path(f"{database}{suffix}")
            if old.exists():
                old.replace(f"{database}.before-restore{suffix}")
        new.replace(database)
    finally:
        new.unlink(missing_ok=True)
    return database.stat().st_size


def _restore_postgresql(stream: IO[bytes]) -> None:
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction")
    run_postgresql("pg_restore", *options, stdin=stream)


def sealed(secrets: Mapping[str, Mapping[str, str]], environment: Mapping[str, str] = os.environ) -> str:
    """Return secrets so that only who knows the pad can read them, in hexadecimal digits.

    Raises
    ------
    BackupError
        The pad is shorter than they are: it would not hide them.
    """
    pad = bytes.fromhex(environment.get(PAD, ""))
    plain = json.dumps(secrets).encode()
    if len(pad) < len(plain):
        raise BackupError("the pad for the secrets is too short")
    return bytes(one ^ other for one, other in zip(plain.ljust(len(pad)), pad, strict=True)).hex()
