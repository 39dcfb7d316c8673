"""What breaks comes back, and people's kernels outlive it."""

from collections.abc import Iterator

import pytest

from stacks.journey.client import HubClient
from stacks.journey.server import Kernel, UserServer
from tests.support.processes import kill_container, kill_kubelet, kubelet_pid
from tests.support.site import DeployedSite, eventually

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def alice(twin: DeployedSite) -> Iterator[HubClient]:
    with twin.client(twin.people["alice"]) as client:
        client.spawn("small")
        yield client
        client.stop()


@pytest.fixture(scope="module")
def server(alice: HubClient) -> Iterator[UserServer]:
    with alice.server() as server:
        yield server


@pytest.fixture(scope="module")
def kernel(server: UserServer) -> Kernel:
    """Give a kernel with a variable that only it knows."""
    kernel = server.start_kernel()
    kernel.run("import os; secret = os.urandom(4).hex(); first = secret")
    return kernel


def remembers(kernel: Kernel) -> bool:
    return kernel.run("print(secret == first, len(secret))", timeout=10) == "True 8\n"


def restarts(site: DeployedSite, component: str) -> int:
    (pod,) = site.pods(component)
    return sum(status["restartCount"] for status in pod["status"]["containerStatuses"])


@pytest.mark.parametrize(("component", "within"), [("hub", 90), ("proxy", 90)])
def test_a_killed_part_comes_back_and_the_kernel_keeps_its_variables(
    twin: DeployedSite, alice: HubClient, kernel: Kernel, component: str, within: float
):
    servers, before = twin.lives(users=True), restarts(twin, component)

    kill_container(twin, component)
    eventually(
        lambda: restarts(twin, component) == before + 1, f"{component} is started again", within=within
    )
    took = eventually(
        lambda: remembers(kernel), f"the kernel answers after {component} was killed", within=within
    )

    eventually(lambda: list(alice.servers()) == [""], "the hub knows the server", within=within)
    assert twin.lives(users=True) == servers
    print(f"{component}: the kernel answered {took:.1f} s after the restart")


def test_people_can_sign_in_and_start_servers_after_hub_and_proxy_were_killed(twin: DeployedSite):
    with twin.client(twin.people["bob"]) as bob:
        bob.spawn()
        with bob.server() as server:
            assert server.run("6 * 7") == "42"
        bob.stop()


def test_a_killed_node_agent_comes_back_and_ends_no_pod(twin: DeployedSite, kernel: Kernel):
    platform, servers = twin.lives(), twin.lives(users=True)

    killed = kill_kubelet(twin)
    # While it is away the platform goes on: kernels do not need it.
    assert remembers(kernel)
    with twin.client(twin.people["bob"]) as bob:
        bob.spawn()  # needs the new one
        bob.stop()

    assert kubelet_pid(twin) != killed
    assert twin.lives() == platform
    assert twin.lives(users=True) == servers
    assert remembers(kernel)
