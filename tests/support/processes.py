"""Ending processes of the platform from the machine, as a crash would: by pid, with SIGKILL."""

import os
import signal
from pathlib import Path

from tests.support.site import DeployedSite


def kill_container(site: DeployedSite, component: str) -> str:
    """Kill every process in the containers of a component's one pod, and return the pod's name."""
    (pod,) = site.pods(component)
    for status in pod["status"]["containerStatuses"]:
        identifier = status["containerID"].rpartition("//")[2]
        pids = [pid for pid in _pids() if identifier in _text(pid, "cgroup")]
        assert pids, f"no process in the container {status['name']} of {pod['metadata']['name']}"
        _kill(pids)
    return pod["metadata"]["name"]


def kubelet_pid(site: DeployedSite) -> int:
    """Return the pid of the kubelet of the site's cluster."""
    folder = str(site.cluster.kubeconfig.parent)
    kubelets = [pid for pid in _pids() if _text(pid, "comm").strip() == "kubelet"]
    (pid,) = (pid for pid in kubelets if folder in _text(pid, "cmdline"))
    return pid


def kill_kubelet(site: DeployedSite) -> int:
    """Kill the kubelet of the site's cluster, and return the pid it had."""
    pid = kubelet_pid(site)
    _kill([pid])
    return pid


def _kill(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # its parent's end was its own


def _pids() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _text(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return ""
