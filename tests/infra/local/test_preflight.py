"""Why a machine is refused, and what it is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.preflight import Machine, inspect, refusals

GOOD = Machine(
    system="Linux",
    uid=0,
    go="go1.26.8",
    namespaces=frozenset({"mnt", "net", "pid", "uts", "ipc", "user", "cgroup"}),
    missing_cgroups=frozenset(),
    disk_gb=50,
    memory_gb=8,
    state=Path("/home/x/.local/state/science-platform"),
)


def test_a_good_machine_is_not_refused():
    assert refusals(GOOD) == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"system": "Darwin"}, "needs Linux, this is Darwin: use a Linux machine or virtual machine."),
        ({"uid": 1000}, "needs root, to make namespaces, mounts and networks: use sudo -E."),
        (
            {"go": None},
            "there is no Go: install Go 1.26 or newer (https://go.dev/dl) and put it on root's PATH.",
        ),
        (
            {"go": "go1.25.3"},
            "Go is go1.25.3: install Go 1.26 or newer (https://go.dev/dl) and put it on root's PATH.",
        ),
        (
            {"namespaces": frozenset({"mnt", "uts", "ipc"})},
            (
                "the kernel has no net, pid namespaces: use one with CONFIG_NAMESPACES, CONFIG_NET_NS, "
                "CONFIG_PID_NS, CONFIG_UTS_NS and CONFIG_IPC_NS, as every distribution's has."
            ),
        ),
        (
            {"missing_cgroups": frozenset({"pids", "memory"})},
            (
                "cgroup controllers are missing: memory, pids. Mount the cgroup file systems at /sys/fs/cgroup; "
                "on a Raspberry Pi boot with cgroup_enable=memory."
            ),
        ),
        (
            {"disk_gb": 2.5},
            (
                "only 2.5 GB of disk are free, 10 are needed: free some, or set XDG_STATE_HOME and XDG_CACHE_HOME "
                "to folders on a bigger disk."
            ),
        ),
        (
            {"memory_gb": 1.25},
            (
                "only 1.2 GB of memory are free, 3 are needed: end what uses it (another local cluster: "
                "python -m infra.local status)."
            ),
        ),
        (
            {"state": Path("/var/lib/kubelet/state")},
            (
                "/var/lib/kubelet/state lies below /var/lib/kubelet, which is the node's own: set XDG_STATE_HOME "
                "elsewhere."
            ),
        ),
    ],
)
def test_each_lack_is_refused_alone_with_what_to_do(change: dict[str, object], refusal: str):
    (found,) = refusals(replace(GOOD, **change))  # type: ignore[arg-type] - each case names one field of its type
    assert found.removeprefix("a local cluster ") == refusal


def test_all_lacks_are_said_at_once():
    assert len(refusals(replace(GOOD, uid=1, go=None, disk_gb=0, memory_gb=0))) == 4


@pytest.mark.parametrize("version", ["go1.26", "go1.27rc1", "go2.0", "devel go1.30-abc"])
def test_newer_and_unknown_versions_of_go_are_taken(version: str):
    assert refusals(replace(GOOD, go=version)) == []


def test_this_machine_is_described():
    machine = inspect()
    assert machine.system == "Linux"
    assert machine.namespaces >= {"mnt", "net"}
    assert machine.memory_gb > 0.1
    assert machine.disk_gb > 0.1
