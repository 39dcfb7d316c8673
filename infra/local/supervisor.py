"""Process 1 of a node: starts the components, restarts what dies, reaps what is orphaned.

A folder holds one JSON file per component. The folder is read at the start and again on SIGHUP: new files are
started, removed ones are stopped. Only the standard library, so that process 1 is small.
"""

import contextlib
import json
import os
import signal
import socket
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where components find the system's programs."""

_FIRST_DELAY = 0.1
_LONGEST_DELAY = 5.0
_SETTLED = 10.0
"""Seconds after which a component counts as having run, so that its next restart is prompt again."""
_GATE_INTERVAL = 0.05
_IDLE_INTERVAL = 30.0
_LOG_LIMIT = 16 * 1024 * 1024
_TRIM_INTERVAL = 30.0


@dataclass(frozen=True)
class Component:
    """One supervised process.

    Parameters
    ----------
    name
        Names its file and its log.
    argv
        The command; the first word is an absolute path.
    after
        Sockets that must accept connections before its first start: ``host:port``, or an absolute path.
    host_network
        Whether it runs in the host's network instead of the node's.
    """

    name: str
    argv: tuple[str, ...]
    after: tuple[str, ...] = ()
    host_network: bool = False

    def write(self, folder: Path) -> None:
        """Write the component's file, whole or not at all."""
        staging = folder / f".{self.name}.tmp"
        staging.write_text(json.dumps(asdict(self), indent=1) + "\n")
        staging.rename(folder / f"{self.name}.json")

    @classmethod
    def read(cls, path: Path) -> "Component":
        """Return the component of one file."""
        fields = json.loads(path.read_text())
        return cls(**fields | {"argv": tuple(fields["argv"]), "after": tuple(fields["after"])})


def next_delay(delay: float, lived: float) -> float:
    """Return how many seconds to wait before a restart.

    Parameters
    ----------
    delay
        The wait before the previous start; 0 for none.
    lived
        Seconds the process ran this time.
    """
    if lived >= _SETTLED or not delay:
        return _FIRST_DELAY
    return min(delay * 2, _LONGEST_DELAY)


@dataclass
class _Slot:
    component: Component
    pid: int | None = None
    started: float = 0.0
    due: float = 0.0
    delay: float = 0.0
    awaits: tuple[str, ...] = field(default=())


class Supervisor:
    """Keeps the components of a folder running.

    Parameters
    ----------
    folder
        Component files.
    logs
        Where each component's output is appended, as ``<name>.log``.
    environment
        For every component.
    host_network
        Command prefix that enters the host's network, for components that ask for it.
    """

    def __init__(
        self, folder: Path, logs: Path, environment: dict[str, str], host_network: tuple[str, ...] = ()
    ) -> None:
        self._folder = folder
        self._logs = logs
        self._environment = environment
        self._host_network = host_network
        self._slots: dict[str, _Slot] = {}
        self._trim_due = 0.0

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT, then stop what runs and return."""
        signals = {signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
        for one in signals:
            # The kernel drops a signal to process 1 that has no handler.
            signal.signal(one, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        self._read_folder()
        while True:
            self._reap()
            self._trim_logs()
            got = signal.sigtimedwait(signals, self._start_due())
            if got is None or got.si_signo == signal.SIGCHLD:
                continue
            if got.si_signo != signal.SIGHUP:
                self._stop(self._slots)
                return
            self._read_folder()

    def _read_folder(self) -> None:
        wanted = {c.name: c for c in map(Component.read, sorted(self._folder.glob("[!.]*.json")))}
        changed = {n for n, slot in self._slots.items() if wanted.get(n) != slot.component}
        self._stop({name: self._slots.pop(name) for name in changed})
        for name, component in wanted.items():
            if name not in self._slots:
                self._slots[name] = _Slot(component, awaits=component.after)

    def _stop(self, slots: dict[str, _Slot]) -> None:
        for name, slot in slots.items():
            if slot.pid is not None:
                self._log(f"stopping {name}")
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(slot.pid, signal.SIGTERM)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for name, slot in self._slots.items():
                if slot.pid == pid:
                    self._ended(name, slot, os.waitstatus_to_exitcode(status))

    def _ended(self, name: str, slot: _Slot, code: int) -> None:
        now = time.monotonic()
        lived = now - slot.started
        slot.pid, slot.delay = None, next_delay(slot.delay, lived)
        slot.due = now + slot.delay
        how = f"signal {-code}" if code < 0 else f"exit status {code}"
        self._log(f"{name} ended with {how} after {lived:.1f} s; starting it again in {slot.delay:.1f} s")

    def _start_due(self) -> float:
        """Start what may start; return the seconds until the next look."""
        now = time.monotonic()
        waits = [_IDLE_INTERVAL]
        for slot in self._slots.values():
            if slot.pid is not None:
                continue
            slot.awaits = tuple(place for place in slot.awaits if not accepts(place))
            if slot.awaits:
                waits.append(_GATE_INTERVAL)
            elif slot.due > now:
                waits.append(slot.due - now)
            else:
                self._start(slot)
        return min(waits)

    def _start(self, slot: _Slot) -> None:
        component = slot.component
        argv = [*self._host_network, *component.argv] if component.host_network else component.argv
        log = str(self._logs / f"{component.name}.log")
        slot.started = time.monotonic()
        try:
            slot.pid = os.posix_spawn(
                argv[0],
                argv,
                self._environment,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
                setsid=True,
                setsigmask=(),
            )
        except OSError as error:
            slot.delay = next_delay(slot.delay, 0)
            slot.due = slot.started + slot.delay
            self._log(f"{component.name} does not start: {error}")
        else:
            self._log(f"started {component.name}")

    def _trim_logs(self) -> None:
        if time.monotonic() < self._trim_due:
            return
        self._trim_due = time.monotonic() + _TRIM_INTERVAL
        for log in self._logs.glob("*.log"):
            if log.stat().st_size > _LOG_LIMIT:
                trim(log, _LOG_LIMIT // 2)

    @staticmethod
    def _log(text: str) -> None:
        print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, flush=True)


def trim(log: Path, keep: int) -> None:
    """Cut a log in place to its last ``keep`` bytes; writers that append go on in the same file."""
    with log.open("r+b") as file:
        file.seek(-keep, os.SEEK_END)
        tail = file.read()
        file.truncate(0)
    with log.open("ab") as file:
        file.write(tail)


def accepts(place: str) -> bool:
    """Return whether a socket, ``host:port`` or an absolute path, takes connections now."""
    if place.startswith("/"):
        family, address = socket.AF_UNIX, place
    else:
        host, port = place.rsplit(":", 1)
        family, address = socket.AF_INET, (host, int(port))
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(address) == 0
