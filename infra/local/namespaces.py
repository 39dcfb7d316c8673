"""The namespaces of a node, seen from the host: made, entered, joined to the host's network, and ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local.errors import LocalClusterError
from infra.local.layout import Layout, Link
from infra.paths import ROOT

_PROC = Path("/proc")
_END_WITHIN = 15.0
_UNSHARE = ("--kill-child", "--fork", "--pid", "--mount-proc", "--mount", "--net", "--uts", "--ipc")


@dataclass(frozen=True)
class Process:
    """A process that is recognised after its number was given to another: by its start and the boot.

    Parameters
    ----------
    pid
        Number in the host's PID namespace.
    started
        Field 22 of ``/proc/<pid>/stat``: clock ticks since boot.
    boot
        The kernel's random boot identifier.
    """

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """Return process ``pid`` as it is now; None if there is none, or only its zombie."""
        try:
            # The command in field 2 may hold spaces and brackets; what follows the last bracket is regular.
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        if fields[0] in "ZX":
            return None
        return cls(pid, int(fields[19]), (_PROC / "sys/kernel/random/boot_id").read_text().strip())

    def alive(self) -> bool:
        """Return whether this very process still runs."""
        return Process.of(self.pid) == self


@dataclass(frozen=True)
class Record:
    """What a cluster's record file holds.

    Parameters
    ----------
    link
        Number of its link.
    node
        Its process 1, where one was started.
    since
        When that was, in seconds of Unix time.
    settings
        `infra.local.files.settings_digest` of what it was started with.
    """

    link: int
    node: Process | None = None
    since: float = 0.0
    settings: str = ""

    def write(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        staging = path.with_suffix(".tmp")
        staging.write_text(json.dumps(asdict(self), indent=1) + "\n")
        staging.rename(path)

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        """Return the record, or None where there is none."""
        try:
            fields = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        return cls(**fields | {"node": Process(**fields["node"]) if fields["node"] else None})


def start(layout: Layout, link: Link, before: Callable[[int], None]) -> Process:
    """Start a node's namespaces and its supervisor, connected to the host; return its process 1.

    ``before`` is given its number, and its parent's, before anything runs inside.

    The process belongs to nobody's terminal and outlives the caller. Killing it, or the ``unshare`` that is its
    parent, ends everything inside.
    """
    host_network = os.open("/proc/self/ns/net", os.O_RDONLY)
    ready, inside = os.pipe()
    waiting, go = os.pipe()
    command = [sys.executable, "-m", "infra.local.node", layout.name, str(inside), str(host_network)]
    try:
        with (layout.logs / "supervisor.log").open("ab") as log:
            outer = subprocess.Popen(
                ["unshare", *_UNSHARE, "--", *command],
                cwd=ROOT,
                stdin=waiting,
                stdout=log,
                stderr=log,
                pass_fds=(inside, host_network),
                start_new_session=True,
            )
    finally:
        for descriptor in (host_network, inside, waiting):
            os.close(descriptor)
    with os.fdopen(ready, "rb") as done, os.fdopen(go, "wb") as started:
        try:
            done.read(1)
            node = _child(outer.pid, layout.logs / "supervisor.log")
            # The outer process too: it must not end with the session of whoever started the cluster.
            for process in (outer.pid, node.pid):
                before(process)
            connect(link, node.pid)
            started.write(b"1")
        except BaseException:
            outer.kill()
            outer.wait()
            raise
    return node


def _child(parent: int, log: Path) -> Process:
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent and (node := Process.of(int(stat.parent.name))):
            return node
    raise LocalClusterError(f"the node's namespaces did not start: see {log}")


def connect(link: Link, pid: int) -> None:
    """Join the network of process ``pid`` to the host's by the link's veth pair, and bring it up."""
    prefix = link.subnet.prefixlen
    host, node = link.host_interface, "eth0"
    disconnect(link)
    _ip("link", "add", host, "type", "veth", "peer", "name", node, "netns", str(pid))
    _ip("address", "add", f"{link.host_address}/{prefix}", "dev", host)
    _ip("link", "set", host, "up")
    inside = ["nsenter", f"--net=/proc/{pid}/ns/net", "--"]
    _ip("address", "add", f"{link.node_address}/{prefix}", "dev", node, within=inside)
    for interface in ("lo", node):
        _ip("link", "set", interface, "up", within=inside)
    _ip("route", "add", "default", "via", str(link.host_address), within=inside)


def disconnect(link: Link) -> None:
    """Remove the link's veth pair where there is one."""
    if Path("/sys/class/net", link.host_interface).exists():
        _ip("link", "delete", link.host_interface)


def _ip(*words: str, within: Sequence[str] = ()) -> None:
    done = subprocess.run([*within, "ip", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise LocalClusterError(f"`ip {' '.join(words)}` failed: {done.stderr.strip()}")


def enter(pid: int, *kinds: str) -> list[str]:
    """Return the command prefix that runs a program in namespaces (``net``, ``mount``) of process ``pid``."""
    return ["nsenter", "--target", str(pid), *(f"--{kind}" for kind in kinds), "--"]


def inhabitants(pid: int) -> list[int]:
    """Return the processes outside the node's PID namespace that stay in the network of process ``pid``.

    These are programs run with ``exec``: they would keep the network alive after the node has gone.
    """
    network, processes = ((_PROC / str(pid) / "ns" / kind).stat().st_ino for kind in ("net", "pid"))
    found = []
    for folder in _PROC.glob("[0-9]*"):
        try:
            same = (folder / "ns/net").stat().st_ino == network
            within = (folder / "ns/pid").stat().st_ino == processes
        except OSError:
            # It ended meanwhile, or not even root may look: neither is one of ours.
            continue
        if same and not within:
            found.append(int(folder.name))
    return found


def end(node: Process) -> None:
    """Kill a node and what was run in its network, and wait until all are gone."""
    if not node.alive():
        return
    waiting = [node, *filter(None, map(Process.of, inhabitants(node.pid)))]
    for process in waiting:
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + _END_WITHIN
    while any(process.alive() for process in waiting):
        if time.monotonic() > deadline:
            raise LocalClusterError(f"process {node.pid} does not end; it may hang on a disk: see `dmesg`")
        time.sleep(0.02)
