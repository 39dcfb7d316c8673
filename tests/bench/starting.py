"""Starting a cluster whose programs and images are built: a second one, beside the one that runs."""

import subprocess
import sys
import time

from infra.local import api
from infra.local.cluster import LocalCluster
from infra.local.errors import LocalClusterError
from infra.local.layout import Layout
from infra.paths import ROOT
from infra.progress import Progress
from tests.bench.figures import Beside, Figure, Samples

NAME = "bench"
LOOK_EVERY = 0.05


def figures(runs: int, progress: Progress) -> list[Figure]:
    """Return the figure of a cluster's start; the cluster is gone afterwards."""
    starts = []
    for run in range(runs):
        try:
            with progress.step(f"cluster {run + 1} of {runs}"):
                starts.append(_start())
        finally:
            _local("down")
    ready, answered = zip(*starts, strict=True)
    return [
        Figure(
            "a cluster's start, until DNS and volumes are ready",
            Samples(ready),
            Beside("its etcd and API server answer", Samples(answered)),
        )
    ]


def _start() -> tuple[float, float]:
    """Return the seconds until a new cluster is ready, and those until its API server was."""
    began = time.monotonic()
    command, quiet = _command("up"), subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=quiet, stderr=subprocess.PIPE) as process:
        while not _answers() and process.poll() is None:
            time.sleep(LOOK_EVERY)
        answered = time.monotonic() - began
        _, said = process.communicate()
    if process.returncode:
        raise LocalClusterError(f"cluster {NAME} did not start:\n{said}")
    return time.monotonic() - began, answered


def _answers() -> bool:
    authority = Layout(NAME).pki / "ca.crt"
    try:
        return authority.exists() and api.answers(LocalCluster(NAME).node_address, authority)
    except LocalClusterError:
        return False  # its address is not known yet


def _local(verb: str) -> None:
    subprocess.run(_command(verb), cwd=ROOT, check=True, stderr=subprocess.DEVNULL)


def _command(verb: str) -> list[str]:
    return [sys.executable, "-m", "infra.local", verb, "--name", NAME]
