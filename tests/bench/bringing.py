"""Bringing a site up: from nothing until somebody is signed in, and again when nothing has changed."""

from infra.progress import Progress
from stacks.bring import live_objects, plan_of
from tests.bench.bare import BarePods, Program
from tests.bench.benchsite import BenchSite
from tests.bench.clock import seconds
from tests.bench.figures import Aim, Beside, Figure, Samples

TOKEN = {"CONFIGPROXY_AUTH_TOKEN": "only-for-bare-pods"}
BARE_PROXY = Program(
    image="proxy",
    arguments=["configurable-http-proxy", "--ip=0.0.0.0", "--port=8000", "--api-ip=0.0.0.0"],
    port=8000,
    path="/_chp_healthz",
    env=TOKEN,
    limits={"cpu": "1", "memory": "512Mi"},
)


def bare_hub(proxy: str) -> Program:
    """Return JupyterHub with nothing configured: a site is not up before its hub, the slowest of its pods.

    Parameters
    ----------
    proxy
        Address of a proxy that is there already: without one no hub starts.
    """
    return Program(
        image="hub",
        arguments=[
            "jupyterhub",
            "--JupyterHub.db_url=sqlite://",
            "--JupyterHub.hub_bind_url=http://:8081",
            "--ConfigurableHTTPProxy.should_start=False",
            f"--ConfigurableHTTPProxy.api_url=http://{proxy}:8001",
        ],
        port=8081,
        path="/hub/health",
        env={"HOME": "/tmp", "JPY_COOKIE_SECRET": "00" * 32, **TOKEN},
        limits={"cpu": "2", "memory": "1Gi"},
    )


def figures(site: BenchSite, runs: int, progress: Progress) -> list[Figure]:
    """Return the figures of ``up``; the site is up afterwards."""
    return [_from_nothing(site, runs, progress), _unchanged(site, runs)]


def _from_nothing(site: BenchSite, runs: int, progress: Progress) -> Figure:
    site.ensure_cluster()
    values, floors = [], []
    with BarePods(site.cluster) as bare, bare.started(BARE_PROXY) as (_, proxy):
        for run in range(runs):
            site.down()
            with progress.step(f"up from nothing, {run + 1} of {runs}"):
                values.append(seconds(lambda: _up_and_sign_in(site)))
            with bare.started(bare_hub(proxy["status"]["podIP"])) as (start, _):
                floors.append(start.answered)
    return Figure(
        "up on a warm cluster, until someone is signed in",
        Samples(tuple(values)),
        Beside("bare pod of jupyterhub until it answers", Samples(tuple(floors))),
        Aim(90),
    )


def _up_and_sign_in(site: BenchSite) -> None:
    site.up()
    with site.signed_in():
        pass


def _unchanged(site: BenchSite, runs: int) -> Figure:
    planned = plan_of(site.file)
    values, floors = [], []
    for _ in range(runs):
        values.append(seconds(site.up))
        kube = site.kube
        kube.version()  # connected
        floors.append(seconds(lambda: live_objects(kube, planned)))  # noqa: B023 - called at once
    return Figure(
        "up where nothing has changed, as a command",
        Samples(tuple(values)),
        Beside(f"one GET for each of its {len(planned.manifests())} objects", Samples(tuple(floors))),
        Aim(10),
    )
