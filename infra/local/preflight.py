"""What a machine must have for a local cluster, checked before anything is done; every refusal says what to do."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from images.golang import GoError, go_version
from infra.local import cgroups
from infra.local.errors import LocalClusterError
from infra.paths import cache_dir, state_dir

GO_NEEDED = (1, 26)
DISK_NEEDED_GB = 10.0
MEMORY_NEEDED_GB = 3.0
NAMESPACES = ("mnt", "net", "pid", "uts", "ipc")
_OWN_IN_NODE = ("/run", "/var/log", "/var/lib/kubelet", "/var/lib/cni")


@dataclass(frozen=True)
class Machine:
    """What was found on a machine.

    Parameters
    ----------
    system, uid
        ``Linux`` and 0 are wanted.
    go
        Such as ``go1.26.8``; None where there is no Go.
    namespaces
        Kinds of namespace the kernel has.
    missing_cgroups
        Controllers it lacks.
    disk_gb, memory_gb
        Free, in 10⁹ bytes.
    state
        Folder of the clusters.
    """

    system: str
    uid: int
    go: str | None
    namespaces: frozenset[str]
    missing_cgroups: frozenset[str]
    disk_gb: float
    memory_gb: float
    state: Path


def refusals(machine: Machine) -> list[str]:
    """Return why ``machine`` cannot run a cluster, each with what to do; empty if it can."""
    if machine.system != "Linux":
        return [
            f"a local cluster needs Linux, this is {machine.system}: use a Linux machine or virtual machine."
        ]
    found = []
    if machine.uid != 0:
        found.append("a local cluster needs root, to make namespaces, mounts and networks: use sudo -E.")
    found += _go_refusals(machine.go)
    lacking = sorted(set(NAMESPACES) - machine.namespaces)
    if lacking:
        found.append(
            f"the kernel has no {', '.join(lacking)} namespaces: use one with CONFIG_NAMESPACES, CONFIG_NET_NS, "
            "CONFIG_PID_NS, CONFIG_UTS_NS and CONFIG_IPC_NS, as every distribution's has."
        )
    if machine.missing_cgroups:
        found.append(
            f"cgroup controllers are missing: {', '.join(sorted(machine.missing_cgroups))}. Mount the cgroup file "
            "systems at /sys/fs/cgroup; on a Raspberry Pi boot with cgroup_enable=memory."
        )
    if machine.disk_gb < DISK_NEEDED_GB:
        found.append(
            f"only {machine.disk_gb:.1f} GB of disk are free, {DISK_NEEDED_GB:.0f} are needed: free some, or set "
            "XDG_STATE_HOME and XDG_CACHE_HOME to folders on a bigger disk."
        )
    if machine.memory_gb < MEMORY_NEEDED_GB:
        found.append(
            f"only {machine.memory_gb:.1f} GB of memory are free, {MEMORY_NEEDED_GB:.0f} are needed: end what "
            "uses it (another local cluster: python -m infra.local status)."
        )
    for place in map(Path, _OWN_IN_NODE):
        if machine.state.is_relative_to(place):
            found.append(
                f"{machine.state} lies below {place}, which is the node's own: set XDG_STATE_HOME elsewhere."
            )
    return found


def _go_refusals(version: str | None) -> list[str]:
    needed = ".".join(map(str, GO_NEEDED))
    how = f"install Go {needed} or newer (https://go.dev/dl) and put it on root's PATH."
    if version is None:
        return [f"there is no Go: {how}"]
    numbers = re.match(r"go(\d+)\.(\d+)", version)
    if numbers and tuple(map(int, numbers.groups())) < GO_NEEDED:
        return [f"Go is {version}: {how}"]
    return []


def inspect() -> Machine:
    """Return what this machine has."""
    if platform.system() != "Linux":
        nothing = frozenset[str]()
        return Machine(platform.system(), os.getuid(), None, nothing, nothing, 0, 0, state_dir())
    try:
        go = go_version()
    except GoError:
        go = None
    return Machine(
        system="Linux",
        uid=os.geteuid(),
        go=go,
        namespaces=frozenset(path.name for path in Path("/proc/self/ns").iterdir()),
        missing_cgroups=frozenset(cgroups.missing(*cgroups.detect())),
        disk_gb=min(shutil.disk_usage(_existing(folder)).free for folder in (state_dir(), cache_dir())) / 1e9,
        memory_gb=_memory_available(Path("/proc/meminfo").read_text()) / 1e9,
        state=state_dir(),
    )


def check_machine() -> None:
    """Refuse a machine that cannot run a cluster."""
    found = refusals(inspect())
    if found:
        raise LocalClusterError(
            "this machine cannot run a local cluster:\n" + "\n".join(f"- {one}" for one in found)
        )


KERNEL_PROBES = {
    "veth pairs": ("ip", "link", "add", "probe0", "type", "veth", "peer", "name", "probe1"),
    "nf_tables with NAT": (
        "nft",
        (
            "add table ip probe; add chain ip probe nat { type nat hook postrouting priority srcnat; }; "
            "add rule ip probe nat ip saddr 10.0.0.0/8 masquerade"
        ),
    ),
}
"""What the kernel must be able to do, and a command that shows it, run in a network of its own."""


def check_kernel(folder: Path) -> None:
    """Refuse a kernel that lacks overlayfs (on the disk of ``folder``), veth or nf_tables; leaves no trace."""
    for feature, command in KERNEL_PROBES.items():
        _probe(feature, ["unshare", "--net", "--", *command])
    folder.mkdir(parents=True, exist_ok=True)
    script = (
        'mkdir -p "$1/lower" "$1/upper" "$1/work" "$1/merged" && mount -t overlay probe -o '
        '"lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged"'
    )
    place = folder / f".probe-{os.getpid()}"
    try:
        _probe(f"overlayfs on {folder}", ["unshare", "--mount", "--", "sh", "-c", script, "sh", str(place)])
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _probe(feature: str, command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise LocalClusterError(
            f"this machine cannot run a local cluster: its kernel lacks {feature} ({done.stderr.strip()}). Load the "
            "modules overlay, veth and nf_tables (modprobe), or use a kernel that has them; a folder that is itself "
            "an overlay (a container's) cannot hold one: set XDG_STATE_HOME to a real disk."
        )


def _memory_available(meminfo: str) -> int:
    """Return the bytes that ``/proc/meminfo`` says are available."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", meminfo, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
