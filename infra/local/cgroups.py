"""Control groups of a cluster, on cgroup v1 and v2: one for the node's own processes, beside it the pods'."""

import contextlib
import os
import time
from pathlib import Path

from infra.local.errors import LocalClusterError

ROOT = Path("/sys/fs/cgroup")
NEEDED_V1 = frozenset({"cpu", "cpuacct", "cpuset", "memory", "pids", "devices", "freezer"})
NEEDED_V2 = frozenset({"cpu", "cpuset", "memory", "pids"})
WANTED_V2 = NEEDED_V2 | {"hugetlb", "io"}
"""The kubelet insists on ``hugetlb`` in its group where the kernel has it."""

_NODE = "node"
_GONE_WITHIN = 10.0


def hierarchies(mountinfo: str) -> dict[str, Path]:
    """Return the mount point of every cgroup v1 controller; empty on a machine with v2 only.

    Beside v1 some machines mount v2 too, without controllers: it appears as ``unified``.

    Parameters
    ----------
    mountinfo
        Text of ``/proc/self/mountinfo``.
    """
    found: dict[str, Path] = {}
    unified: dict[str, Path] = {}
    for line in mountinfo.splitlines():
        mount, _, source = line.partition(" - ")
        kind, _, options = source.split(" ", 2)
        place = Path(mount.split(" ")[4])
        if kind == "cgroup":
            found |= {word: place for word in options.split(",") if word not in {"rw", "ro"}}
        elif kind == "cgroup2":
            unified["unified"] = place
    return found | unified if found else {}


def missing(v1: dict[str, Path], v2_controllers: str) -> set[str]:
    """Return the controllers that the machine lacks, judged by v1 where any v1 controller is mounted."""
    return set(NEEDED_V1 - v1.keys()) if v1 else set(NEEDED_V2 - set(v2_controllers.split()))


def detect() -> tuple[dict[str, Path], str]:
    """Return this machine's v1 hierarchies and its v2 controllers, as `missing` takes them."""
    controllers = ROOT / "cgroup.controllers"
    return (
        hierarchies(Path("/proc/self/mountinfo").read_text()),
        controllers.read_text() if controllers.exists() else "",
    )


def create(name: str, pid: int) -> None:
    """Make the cluster's groups and move ``pid``, and so all it will start, into the node's."""
    v1, _ = detect()
    if not v1:
        _delegate(ROOT)
    for place in _places(v1):
        group = place / name
        (group / _NODE).mkdir(parents=True, exist_ok=True)
        if v1:
            # A cpuset starts empty, and an empty one takes no process.
            for folder in (group, group / _NODE):
                _inherit_cpuset(folder)
        else:
            _delegate(group)
        (group / _NODE / "cgroup.procs").write_text(str(pid))


def remove(name: str) -> None:
    """Remove the cluster's groups; their processes must be gone or going.

    Raises
    ------
    LocalClusterError
        When processes are still there after ten seconds.
    """
    v1, _ = detect()
    deadline = time.monotonic() + _GONE_WITHIN
    for place in _places(v1):
        while not _removed(place / name):
            if time.monotonic() > deadline:
                raise LocalClusterError(
                    f"control group {place / name} still has processes: see its cgroup.procs files, end them, "
                    "and run `down` again."
                )
            time.sleep(0.05)


def _removed(group: Path) -> bool:
    for folder, _, _ in os.walk(group, topdown=False):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()
    return not group.exists()


def _places(v1: dict[str, Path]) -> list[Path]:
    return sorted(set(v1.values())) or [ROOT]


def _inherit_cpuset(folder: Path) -> None:
    for name in ("cpuset.cpus", "cpuset.mems"):
        file = folder / name
        if file.exists() and not file.read_text().strip():
            file.write_text((folder.parent / name).read_text())


def delegated(available: str) -> str:
    """Return what to write into ``cgroup.subtree_control`` where ``cgroup.controllers`` says ``available``."""
    return " ".join(f"+{name}" for name in sorted(WANTED_V2 & set(available.split())))


def _delegate(folder: Path) -> None:
    try:
        available = (folder / "cgroup.controllers").read_text()
        (folder / "cgroup.subtree_control").write_text(delegated(available))
    except OSError as error:
        raise LocalClusterError(
            f"cannot pass cgroup controllers on below {folder}: {error}. In a container, its own processes "
            "must first leave the root group; on a machine, see what holds the controllers there."
        ) from error
