"""Idle servers are stopped by themselves, busy ones are not."""

import pytest

from tests.support.site import DeployedSite, eventually

pytestmark = pytest.mark.cluster

IDLE = 20
"""Seconds after which the site ``brief`` stops idle servers; it looks every 5 s."""

SILENT_WORK = "import time\nfor second in range(600): time.sleep(1)"


def test_an_idle_server_is_stopped_and_one_whose_kernel_computes_is_not(brief: DeployedSite):
    idler, worker = brief.people["idler"], brief.people["worker"]
    with brief.client(worker) as busy, brief.client(idler) as idle:
        busy.spawn()
        with busy.server() as server:
            kernel = server.start_kernel()
            kernel.start(SILENT_WORK)
            idle.spawn()
            took = eventually(lambda: not idle.servers(), "the idle server is stopped", within=4 * IDLE)
            # The busy one is older than the idle one ever was.
            assert busy.servers()[""]["ready"]
            assert server.request("GET", f"api/kernels/{kernel.id}").json()["execution_state"] == "busy"
        busy.stop()
    assert took > IDLE / 2, f"stopped after {took:.0f} s: too early for {IDLE} s of idleness"
