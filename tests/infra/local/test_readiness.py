"""When a cluster is ready."""

from typing import Any

import pytest

from infra.local.readiness import node_ready, really_run, rolled_out

STARTED = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def deployment(**status: int) -> dict[str, Any]:
    return {"metadata": {"generation": 2}, "spec": {"replicas": 1}, "status": status}


def pod(
    started: str | None = "2026-01-01T00:00:00Z", *, ready: bool = True, **metadata: str
) -> dict[str, Any]:
    state = {"running": {"startedAt": started}} if started else {"waiting": {"reason": "ContainerCreating"}}
    return {"metadata": metadata, "status": {"containerStatuses": [{"ready": ready, "state": state}]}}


def test_a_node_is_ready_when_it_says_so():
    def node(status: str) -> dict[str, Any]:
        return {
            "status": {
                "conditions": [
                    {"type": "DiskPressure", "status": "True"},
                    {"type": "Ready", "status": status},
                ]
            }
        }

    assert node_ready(node("True"))
    assert not node_ready(node("Unknown"))
    assert not node_ready({"status": {}})
    assert not node_ready(None)


def test_a_deployment_is_rolled_out_when_all_pods_are_new_and_available():
    assert rolled_out(deployment(observedGeneration=2, updatedReplicas=1, availableReplicas=1))


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 1},
        {"observedGeneration": 2, "availableReplicas": 1},
        {"observedGeneration": 2, "updatedReplicas": 1},
    ],
)
def test_until_then_it_is_not(status: dict[str, int]):
    assert not rolled_out(deployment(**status))
    assert not rolled_out(None)


def test_pods_started_in_this_life_of_the_node_run():
    assert really_run([pod(), pod("2026-01-01T00:00:09Z")], STARTED + 0.7)


def test_pods_remembered_from_before_a_crash_do_not():
    assert not really_run([pod("2025-12-31T23:59:59Z")], STARTED)


@pytest.mark.parametrize("pods", [[], [pod(ready=False)], [pod(None)], [{"metadata": {}, "status": {}}]])
def test_pods_that_are_not_there_yet_do_not(pods: list[dict[str, Any]]):
    assert not really_run(pods, STARTED)


def test_pods_that_are_going_do_not_count():
    going = pod(None, ready=False, deletionTimestamp="2026-01-01T00:00:01Z")
    assert really_run([pod(), going], STARTED)
    assert not really_run([going], STARTED)
