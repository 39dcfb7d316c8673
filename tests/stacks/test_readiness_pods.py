"""What is said of pods that do not get ready."""

from typing import Any

from stacks.readiness_pods import Trouble, troubles

NEVER = float("inf")


def pod(*containers: dict[str, Any], **status: Any) -> dict[str, Any]:  # noqa: ANN401 - a pod's status
    return {
        "metadata": {"name": "p", "uid": "1", "creationTimestamp": "2026-05-01T12:00:00Z"},
        "status": {
            "containerStatuses": [{"name": "c", "restartCount": 0, **each} for each in containers],
            **status,
        },
    }


def event(reason: str, message: str = "", *, at: str = "2026-05-01T12:00:01Z") -> dict[str, Any]:
    involved = {"uid": "1", "name": "p"}
    return {"reason": reason, "message": message, "lastTimestamp": at, "involvedObject": involved}


def waiting(reason: str, message: str) -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def test_images_that_cannot_be_had_are_given_a_while():
    found = troubles([pod(waiting("ImagePullBackOff", "no such tag"))], [])
    assert found == [Trouble("container c of pod p: ImagePullBackOff, no such tag", "p/c image", 90)]


def test_settings_that_are_missing_are_given_less():
    found = troubles([pod(waiting("CreateContainerConfigError", 'secret "s" not found'))], [])
    text = 'container c of pod p: CreateContainerConfigError, secret "s" not found'
    assert found == [Trouble(text, "p/c start", 30)]


def crashed(restarts: int, state: dict[str, Any], **ended: object) -> dict[str, Any]:
    return {"restartCount": restarts, "state": state, "lastState": {"terminated": {"exitCode": 1, **ended}}}


BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff"}}


def test_crashes_are_forgiven_a_few_times():
    (first,) = troubles([pod(crashed(1, BACK_OFF, reason="Error"))], [])
    (last,) = troubles([pod(crashed(4, BACK_OFF, reason="Error", message="no database\n"))], [])
    said = "container c of pod p ended: Error, exit code 1"
    assert first == Trouble(f"{said}, 2 times", "p/c crash", NEVER, "p", "c")
    assert last == Trouble(f"{said}: no database, 5 times", "p/c crash", 0, "p", "c")


def test_the_log_is_that_of_the_run_before_once_another_has_begun():
    (found,) = troubles([pod(crashed(1, {"running": {}}))], [])
    assert found.previous is True


def test_want_of_memory_is_not_forgiven_often():
    (found,) = troubles([pod(crashed(2, BACK_OFF, exitCode=137, reason="OOMKilled"))], [])
    text = "container c of pod p was killed: it needs more memory than its limit, 3 times"
    assert found == Trouble(text, "p/c crash", 0, "p", "c")


def test_a_pod_that_works_again_is_no_trouble():
    assert troubles([pod({**crashed(3, {"running": {}}), "ready": True})], []) == []


UNSCHEDULABLE = {"type": "PodScheduled", "reason": "Unschedulable", "message": "insufficient cpu"}


def test_pods_that_fit_nowhere_are_given_two_minutes_or_all_the_time_that_a_new_node_takes():
    text = "pod p fits on no node: insufficient cpu"
    stuck = pod(conditions=[UNSCHEDULABLE])
    assert troubles([stuck], []) == [Trouble(text, "p unschedulable", 120)]
    assert troubles([stuck], [event("TriggeredScaleUp")]) == [Trouble(text, "p unschedulable", NEVER)]


def test_volumes_that_cannot_be_mounted_are_said():
    found = troubles([pod()], [event("FailedMount", "no such export")])
    assert found == [Trouble("pod p: no such export", "p volumes", NEVER)]


def test_pods_that_a_quota_refuses_are_said_only_while_that_lasts():
    refused = event("FailedCreate", "exceeded quota: cpu")
    text = "its pods are refused: exceeded quota: cpu: raise the quota, or ask for less"
    assert troubles([], [refused]) == [Trouble(text, "refused", 45)]
    assert troubles([pod({"ready": True})], [refused]) == [Trouble(text, "refused", 45)]
    assert troubles([pod({"ready": True})], [{**refused, "lastTimestamp": "2026-05-01T11:59:59Z"}]) == []


def test_pods_that_are_being_deleted_do_not_matter():
    going = pod(waiting("ImagePullBackOff", "x"))
    going["metadata"]["deletionTimestamp"] = "2026-05-01T12:00:00Z"
    assert troubles([going], []) == []
