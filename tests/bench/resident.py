"""Memory of what runs in containers, as the machine's own ``/proc`` says."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def container_ids(pod: Mapping[str, Any]) -> list[str]:
    """Return the identifiers of a pod's containers, without the runtime's name before them."""
    return [each["containerID"].rpartition("//")[2] for each in pod["status"]["containerStatuses"]]


def resident_kib(status: str) -> int:
    """Return the resident memory from ``/proc/<pid>/status``, in KiB; 0 of a process that has none."""
    return _kib(status, "VmRSS:")


def peak_kib(status: str) -> int:
    """Return the most resident memory that there was at a time, in KiB, likewise."""
    return _kib(status, "VmHWM:")


def _kib(status: str, key: str) -> int:
    lines = (line.split() for line in status.splitlines())
    return next((int(words[1]) for words in lines if words and words[0] == key), 0)


def pod_memory(pod: Mapping[str, Any], proc: Path = Path("/proc")) -> float:
    """Return the resident memory of all processes in a pod's containers, in MiB.

    Pages that two of its processes share count twice.
    """
    identifiers = container_ids(pod)
    statuses = (
        _text(folder / "status")
        for folder in _processes(proc)
        if any(identifier in _text(folder / "cgroup") for identifier in identifiers)
    )
    return sum(map(resident_kib, statuses)) / 1024


def _processes(proc: Path) -> Iterator[Path]:
    return (folder for folder in proc.iterdir() if folder.name.isdigit())


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""  # it has ended
