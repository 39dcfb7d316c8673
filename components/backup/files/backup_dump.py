"""A database as one stream, while it is in use: ``backup_dump.py SOURCE`` writes it to its standard output.

The first line is a JSON document with the Secrets that the database is of no use without; what follows is SQLite's
file, or PostgreSQL's custom format (``pg_dump -Fc``), uncompressed so that equal parts are stored once.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import backup_settings
from backup_report import BackupError
from backup_settings import SQLITE, Source

SOURCE = Path("/source")
"""Where the source's volume is mounted, read-only."""

MARK = "dump: "
"""What a failure's text begins with: restic's own output is around it."""

DATABASE_URL = "DATABASE_URL"
BUSY_SECONDS = 60


def copy_sqlite(database: Path, copy: Path) -> None:
    """Copy a database that others write to, as it is between two of their transactions.

    SQLite's online backup (https://www.sqlite.org/backup.html) holds a read lock meanwhile, of milliseconds for a
    hub's few megabytes. A writer that was killed leaves a journal that has to be played back; on a read-only volume
    that is done with a copy of both, and nobody writes then.

    Raises
    ------
    BackupError
        The file is not there, or is not a sound database.
    """
    if not database.is_file():
        raise BackupError(f"there is no {database.name} on the volume yet: has the hub ever started?")
    try:
        _online_backup(database, copy, "ro")
    except sqlite3.OperationalError:
        journals = [Path(f"{database}{suffix}") for suffix in ("-journal", "-wal")]
        if not any(journal.exists() for journal in journals):
            raise
        with tempfile.TemporaryDirectory(dir=copy.parent) as scratch:
            for path in (database, *journals):
                if path.exists():
                    shutil.copy(path, scratch)
            _online_backup(Path(scratch) / database.name, copy, "rw")
    require_sound(copy)


def _online_backup(database: Path, copy: Path, mode: str) -> None:
    copy.unlink(missing_ok=True)
    with (
        contextlib.closing(
            sqlite3.connect(f"file:{quote(str(database))}?mode={mode}", uri=True, timeout=BUSY_SECONDS)
        ) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def require_sound(database: Path) -> None:
    """Raise `BackupError` unless SQLite finds nothing wrong with the file."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as opened:
            (answer,) = opened.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        raise BackupError(f"the database is damaged: {answer}")


def postgresql_access(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL of SQLAlchemy's as libpq takes it, without the password, and the variable that holds that."""
    parts = urlsplit(url)
    user = f"{quote(unquote(parts.username))}@" if parts.username else ""
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(f"{quote(key)}={quote(value)}" for key, value in parse_qsl(parts.query))
    plain = f"postgresql://{user}{host}{parts.path}" + (f"?{query}" if query else "")
    return plain, {"PGPASSWORD": unquote(parts.password)} if parts.password else {}


def run_postgresql(
    program: str,
    *arguments: str,
    environment: Mapping[str, str] = os.environ,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> str:
    """Run a program of PostgreSQL's on the database and return what it printed.

    Raises
    ------
    BackupError
        It failed; with the first line of why.
    """
    url, password = postgresql_access(environment[DATABASE_URL])
    done = subprocess.run(
        [program, "--dbname", url, *arguments],
        env={**environment, **password, "PGCONNECT_TIMEOUT": "30"},
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise BackupError(f"{program}: {why[0][:300]}")
    return done.stdout.decode() if done.stdout else ""


def dump(source: Source, out: IO[bytes]) -> None:
    """Write the source's secrets and its database."""
    out.write(json.dumps({"secrets": source.kept_secrets()}).encode() + b"\n")
    out.flush()
    if source.kind == SQLITE:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "copy"
            copy_sqlite(SOURCE / source.file, copy)
            with copy.open("rb") as opened:
                shutil.copyfileobj(opened, out)
    else:
        run_postgresql("pg_dump", "--format=custom", "--compress=0", stdout=out)
    out.flush()


def main() -> int:
    """Dump the source that is named; return the exit status."""
    try:
        dump(backup_settings.load().sources[sys.argv[1]], sys.stdout.buffer)
    except (BackupError, sqlite3.Error) as error:
        print(f"{MARK}{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
