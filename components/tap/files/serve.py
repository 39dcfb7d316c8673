"""Runs DaCHS's server, gives it the descriptors of what is published, says what it logs, and keeps its logs small.

DaCHS reads descriptors from files of its own pod, and catalogues are published by others; it writes its log to files
that it never deletes, and nothing to its output.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import psycopg2
import psycopg2.errors

INPUTS = Path("/var/gavo/inputs")
PROFILES = (Path("/var/gavo/etc/dsn"), Path("/secrets/dachs/trustedquery"))
LOGS = Path("/var/gavo/logs")
EVERY_SECONDS = 2
KEPT = 2
"""Old files of each log that stay."""


class Follower:
    """Follows a log file by name, through every rotation.

    Parameters
    ----------
    path
        The file; it need not be there yet. What it holds already is not shown.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: IO[str] | None = None
        self._open(end=True)

    def _open(self, *, end: bool) -> None:
        try:
            self._stream = self._path.open(errors="replace")
        except FileNotFoundError:
            return
        if end:
            self._stream.seek(0, 2)

    def news(self) -> str:
        """Return what was written since the last call."""
        text = ""
        if self._stream is not None:
            text = self._stream.read()
            if not self._is_current():
                self._stream.close()
                self._stream = None
        if self._stream is None:
            self._open(end=False)
            text += self._stream.read() if self._stream is not None else ""
        return text

    def _is_current(self) -> bool:
        assert self._stream is not None  # noqa: S101 - tells the type checker
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return True
        here = Path(f"/proc/self/fd/{self._stream.fileno()}").stat()
        return there.st_ino == here.st_ino


def forget_old(folder: Path, kept: int = KEPT) -> None:
    """Delete all but the newest old files of each log: ``web.log.3`` is older than ``web.log.2``."""
    by_log: dict[str, list[int]] = {}
    for path in folder.iterdir():
        name, _, number = path.name.rpartition(".")
        if name and number.isdigit():
            by_log.setdefault(name, []).append(int(number))
    for name, numbers in by_log.items():
        for number in sorted(numbers)[kept:]:
            (folder / f"{name}.{number}").unlink(missing_ok=True)


def parameters(texts: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters of a connection from DaCHS's profiles, ``key = value`` a line."""
    pairs = (line.split(" = ", 1) for text in texts for line in text.splitlines() if " = " in line)
    found = {key: value.strip("'") for key, value in pairs}
    return {("dbname" if key == "database" else key): value for key, value in found.items()}


def published() -> dict[str, str]:
    """Return the descriptors of all that is published, by catalogue."""
    connection = psycopg2.connect(
        **parameters(tuple(path.read_text() for path in PROFILES)), connect_timeout=5
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, descriptor FROM platform.catalogues")
            return dict(cursor.fetchall())
    except psycopg2.errors.UndefinedTable:
        return {}  # nothing has been published here yet
    finally:
        connection.close()


def write_descriptors(inputs: Path, descriptors: Mapping[str, str]) -> bool:
    """Write descriptors where DaCHS looks for them; return whether any was new."""
    changed = False
    for name, text in descriptors.items():
        path = inputs / name / "q.rd"
        if path.is_file() and path.read_text() == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole at once: DaCHS may look at any moment.
        (path.parent / "q.rd.new").write_text(text)
        (path.parent / "q.rd.new").rename(path)
        changed = True
    return changed


def watch(server: "subprocess.Popen[bytes]") -> None:
    """Say what the server logs, and tell it of what is published, for as long as it runs."""
    errors = Follower(LOGS / "dcErrors")
    while server.poll() is None:
        time.sleep(EVERY_SECONDS)
        try:
            if write_descriptors(INPUTS, published()):
                # It forgets what it has read, and what it has looked for in vain.
                server.send_signal(signal.SIGHUP)
        except psycopg2.Error:
            pass  # the database is away, which its own pod says; the next look comes soon
        sys.stderr.write(errors.news())
        sys.stderr.flush()
        forget_old(LOGS)


def main() -> int:
    """Run the server until it ends; return its exit status."""
    subprocess.run([sys.executable, Path(__file__).with_name("interrupted.py")], check=True)
    write_descriptors(INPUTS, published())
    server = subprocess.Popen(["dachs", "serve", "start", "-f"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, _: server.send_signal(given))
    threading.Thread(target=watch, args=(server,), daemon=True).start()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
