"""The machine that figures are of."""

import os
import platform
import re
from pathlib import Path


def describe() -> str:
    """Return cores, processor, memory, kernel and load of this machine, in one line."""
    cores = len(os.sched_getaffinity(0))
    return ", ".join(
        [
            f"{cores} cores ({processor(Path('/proc/cpuinfo').read_text())})",
            f"{memory_gib(Path('/proc/meminfo').read_text()):.0f} GiB of memory",
            f"Linux {platform.release()}",
            f"Python {platform.python_version()}",
            f"load {os.getloadavg()[0]:.1f} before",
        ]
    )


def processor(cpuinfo: str) -> str:
    """Return the processor's name from ``/proc/cpuinfo``, the architecture where it has none there."""
    found = re.search(r"^model name\s*: (.+)$", cpuinfo, re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()


def memory_gib(meminfo: str) -> float:
    """Return the memory from ``/proc/meminfo``, in GiB."""
    found = re.search(r"^MemTotal:\s+(\d+) kB$", meminfo, re.MULTILINE)
    if found is None:
        raise ValueError("/proc/meminfo has no MemTotal")
    return int(found.group(1)) / 2**20
