"""Runs DaCHS's server, says what it logs, and keeps its logs small.

DaCHS writes its log to files that it never deletes, and nothing to its output.
"""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

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


def watch(server: "subprocess.Popen[bytes]") -> None:
    """Say what the server logs, for as long as it runs."""
    errors = Follower(LOGS / "dcErrors")
    while server.poll() is None:
        time.sleep(EVERY_SECONDS)
        sys.stderr.write(errors.news())
        sys.stderr.flush()
        forget_old(LOGS)


def main() -> int:
    """Run the server until it ends; return its exit status."""
    subprocess.run([sys.executable, Path(__file__).with_name("interrupted.py")], check=True)
    server = subprocess.Popen(["dachs", "serve", "start", "-f"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, _: server.send_signal(given))
    threading.Thread(target=watch, args=(server,), daemon=True).start()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
