"""Memory: of the hub, the proxy and a user's idle server, each beside what its runtime needs by itself."""

import time

from infra.progress import Progress
from tests.bench.bare import BarePods, Program
from tests.bench.benchsite import BenchSite
from tests.bench.figures import Beside, Figure, Samples
from tests.bench.resident import pod_memory
from tests.bench.spawning import BARE_LAB, LABELS, spawn

SAY = "ready"
BARE_PYTHON = Program(
    image="hub",
    arguments=["python", "-c", f"import jupyterhub.app, time; print('{SAY}', flush=True); time.sleep(600)"],
    env={},
    limits={"cpu": "2", "memory": "1Gi"},
)
BARE_NODE = Program(
    image="proxy",
    arguments=["node", "-e", f"console.log('{SAY}'); setTimeout(() => 0, 6e5)"],
    env={},
    limits={"cpu": "1", "memory": "512Mi"},
)
SETTLE = 3
"""Seconds after which a server that has just started is called idle."""


def figures(site: BenchSite, progress: Progress) -> list[Figure]:
    """Return the figures of memory."""
    site.ensure_up()
    with BarePods(site.cluster) as pods, progress.step("memory"):
        return [
            Figure(
                "memory of the hub's pod",
                _of(site, "hub"),
                Beside("Python that imports jupyterhub.app", _bare(pods, BARE_PYTHON)),
            ),
            Figure(
                "memory of the proxy's pod", _of(site, "proxy"), Beside("node, idle", _bare(pods, BARE_NODE))
            ),
            Figure(
                "memory of a user's idle server",
                _server(site),
                Beside("bare pod of jupyter lab", _bare(pods, BARE_LAB)),
            ),
        ]


def _of(site: BenchSite, component: str) -> Samples:
    (pod,) = site.deployed.pods(component)
    return Samples((pod_memory(pod),), "MiB")


def _server(site: BenchSite) -> Samples:
    with site.signed_in() as client:
        spawn(site, client)
        try:
            time.sleep(SETTLE)
            (pod,) = site.kube.list("v1", "Pod", site.deployed.namespace, labels=LABELS)
            return Samples((pod_memory(pod),), "MiB")
        finally:
            client.stop()


def _bare(pods: BarePods, program: Program) -> Samples:
    with pods.started(program) as (_, pod):
        if program.port is None:
            pods.await_line(pod, SAY)
        else:
            time.sleep(SETTLE)
        return Samples((pod_memory(pod),), "MiB")
