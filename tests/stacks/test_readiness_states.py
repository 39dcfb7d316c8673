"""When each kind of object is ready, by its status."""

from typing import Any

import pytest

from stacks.readiness_states import State, is_probed, state_of


def live(
    kind: str, spec: dict[str, Any] | None = None, status: dict[str, Any] | None = None, generation: int = 2
) -> dict[str, Any]:
    return {
        "kind": kind,
        "metadata": {"name": "it", "generation": generation},
        "spec": spec or {},
        "status": {"observedGeneration": 2, **(status or {})},
    }


ALL_NEW = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
STATEFUL = {"readyReplicas": 2, "updatedReplicas": 2}
DAEMON = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}
STUCK = {
    "type": "Progressing",
    "status": "False",
    "reason": "ProgressDeadlineExceeded",
    "message": "timed out",
}
FAILED = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}


@pytest.mark.parametrize(
    ("object_", "state"),
    [
        (live("Deployment", {"replicas": 2}, ALL_NEW), State(True, "2 of 2 pods available")),
        (live("Deployment", {"replicas": 2}, ALL_NEW, generation=3), State(False, "2 of 2 pods available")),
        (
            live("Deployment", {"replicas": 2}, {**ALL_NEW, "replicas": 3}),
            State(False, "2 of 2 pods available, 1 of the old ones left"),
        ),
        (
            live("Deployment", {"replicas": 2}, {**ALL_NEW, "availableReplicas": 1, "conditions": [STUCK]}),
            State(False, "1 of 2 pods available", "timed out"),
        ),
        (live("Deployment", {"replicas": 0}), State(True, "0 of 0 pods available")),
        (live("StatefulSet", {"replicas": 2}, STATEFUL), State(True, "2 of 2 pods ready")),
        (
            live("StatefulSet", {"replicas": 2}, {**STATEFUL, "updatedReplicas": 1}),
            State(False, "2 of 2 pods ready"),
        ),
        (
            live(
                "StatefulSet", {"replicas": 2, "updateStrategy": {"type": "OnDelete"}}, {"readyReplicas": 2}
            ),
            State(True, "2 of 2 pods ready"),
        ),
        (live("DaemonSet", {}, DAEMON), State(True, "2 of 2 pods available")),
        (live("DaemonSet", {}, {**DAEMON, "numberAvailable": 1}), State(False, "1 of 2 pods available")),
        (
            live("Job", {}, {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}),
            State(True, "1 of 1 runs done"),
        ),
        (
            live("Job", {"completions": 3}, {"conditions": [FAILED]}),
            State(False, "0 of 3 runs done", "BackoffLimitExceeded: too often"),
        ),
        (live("Job", {"suspend": True}), State(True, "suspended")),
        (live("PersistentVolumeClaim", {}, {"phase": "Bound"}), State(True, "bound")),
        (live("PersistentVolumeClaim"), State(False, "pending")),
        (
            live("PersistentVolumeClaim", {}, {"phase": "Lost"}),
            State(False, "lost", "the volume that it was bound to is gone"),
        ),
        (live("CustomResourceDefinition"), State(False)),
        (live("Service"), State(True)),
    ],
)
def test_states(object_: dict[str, Any], state: State):
    assert state_of(object_) == state


def test_what_is_annotated_is_not_waited_for():
    claim = live("PersistentVolumeClaim")
    claim["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    assert state_of(claim) == State(True)


def test_only_a_pod_whose_containers_all_have_probes_is_believed_at_once():
    def workload(*containers: dict[str, Any]) -> dict[str, Any]:
        return {"spec": {"template": {"spec": {"containers": list(containers)}}}}

    assert is_probed(workload({"readinessProbe": {}}))
    assert not is_probed(workload({"readinessProbe": {}}, {}))
