"""Starting a user's server, beside a bare pod of the same image that runs JupyterLab."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.kube import Kube
from infra.progress import Progress
from stacks.journey.client import HubClient
from tests.bench.bare import BarePods, Program, Start, runs
from tests.bench.benchsite import BenchSite
from tests.bench.figures import Aim, Beside, Figure, Samples

BARE_LAB = Program(
    image="lab",
    arguments=["jupyter", "lab", "--ip=0.0.0.0", "--no-browser"],
    port=8888,
    path="/api",
    env={},
    limits={"cpu": "2", "memory": "1Gi"},
)
"""As the profile of the site that is measured has them."""

LABELS = {"app.kubernetes.io/component": "singleuser-server"}


@dataclass
class FirstRun:
    """Notes when the container of a user's pod is first seen to run: monotonic seconds."""

    kube: Kube
    namespace: str
    at: float = 0

    def watch(self) -> None:
        """Watch until it runs, for a minute at most."""
        for _, pod in self.kube.watch("v1", "Pod", self.namespace, labels=LABELS, timeout=60):
            if runs(pod) and "deletionTimestamp" not in pod["metadata"]:
                self.at = time.monotonic()
                return


@contextmanager
def _noting(site: BenchSite) -> Iterator[FirstRun]:
    first = FirstRun(site.kube, site.deployed.namespace)
    thread = threading.Thread(target=first.watch, daemon=True)
    thread.start()
    yield first
    thread.join(timeout=10)


def spawn(site: BenchSite, client: HubClient) -> Start:
    """Start the person's server as a browser does, and return how long it took; it is left running."""
    with _noting(site) as first:
        began = time.monotonic()
        client.spawn()
        ready = time.monotonic() - began
    return Start(first.at - began, ready)


def figures(site: BenchSite, count: int, progress: Progress) -> list[Figure]:
    """Return the figures of starting a server."""
    site.ensure_up()
    ours, bare = [], []
    with BarePods(site.cluster) as pods, site.signed_in() as client:
        spawn(site, client)  # makes the home
        client.stop()
        for run in range(count):
            with progress.step(f"server {run + 1} of {count}"):
                ours.append(spawn(site, client))
                client.stop()
            with pods.started(BARE_LAB) as (start, _):
                bare.append(start)
    return [
        Figure(
            "a user's server, from the button until it is ready",
            Samples(tuple(start.answered for start in ours)),
            Beside(
                "bare pod of jupyter lab until it answers", Samples(tuple(start.answered for start in bare))
            ),
            Aim(1.5, of="ratio"),
        ),
        Figure(
            "of that, until its container runs",
            Samples(tuple(start.running for start in ours)),
            Beside("the same of the bare pod", Samples(tuple(start.running for start in bare))),
        ),
    ]
