"""Whether an object does its work yet, from its status: pure functions, one for each kind that is waited for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SKIP = "pulumi.com/skipAwait"
"""The annotation by which an object is not waited for, here as under Pulumi's engine."""


@dataclass(frozen=True)
class State:
    """How far an object has come.

    Attributes
    ----------
    text
        For people: ``1 of 2 pods available``.
    failure
        Why it will never be ready; empty while it may.
    """

    ready: bool
    text: str = ""
    failure: str = ""


def state_of(live: Mapping[str, Any]) -> State:
    """Return how far ``live`` has come; kinds that have nothing to wait for are ready at once."""
    if (live["metadata"].get("annotations") or {}).get(SKIP) == "true":
        return State(ready=True)
    judge = _JUDGES.get(live["kind"])
    return judge(live) if judge else State(ready=True)


def is_probed(live: Mapping[str, Any]) -> bool:
    """Return whether pods say themselves that they are ready; without a probe, one that is about to crash is."""
    template = live.get("spec", {}).get("template") or {}
    return all(
        "readinessProbe" in container for container in template.get("spec", {}).get("containers") or ()
    )


def _observed(live: Mapping[str, Any]) -> bool:
    """Return whether the controller has seen the present specification."""
    return live.get("status", {}).get("observedGeneration", 0) >= live["metadata"].get("generation", 0)


def _deployment(live: Mapping[str, Any]) -> State:
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    available, updated = status.get("availableReplicas", 0), status.get("updatedReplicas", 0)
    old = status.get("replicas", 0) - updated
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    progressing = conditions.get("Progressing", {})
    failure = ""
    if _observed(live) and progressing.get("reason") == "ProgressDeadlineExceeded":
        failure = progressing.get("message", "it has made no progress within its deadline")
    text = f"{available} of {wanted} pods available" + (f", {old} of the old ones left" if old > 0 else "")
    return State(_observed(live) and updated == wanted == available and old <= 0, text, failure)


def _stateful_set(live: Mapping[str, Any]) -> State:
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    ready = status.get("readyReplicas", 0)
    by_hand = live["spec"].get("updateStrategy", {}).get("type") == "OnDelete"
    current = by_hand or not wanted or status.get("updatedReplicas", 0) == wanted
    return State(_observed(live) and current and ready == wanted, f"{ready} of {wanted} pods ready")


def _daemon_set(live: Mapping[str, Any]) -> State:
    status = live.get("status", {})
    wanted, available = status.get("desiredNumberScheduled", 0), status.get("numberAvailable", 0)
    by_hand = live["spec"].get("updateStrategy", {}).get("type") == "OnDelete"
    current = by_hand or status.get("updatedNumberScheduled", 0) == wanted
    return State(
        _observed(live) and current and available == wanted, f"{available} of {wanted} pods available"
    )


def _job(live: Mapping[str, Any]) -> State:
    status, wanted = live.get("status", {}), live["spec"].get("completions", 1)
    if live["spec"].get("suspend"):
        return State(ready=True, text="suspended")
    holds = {each["type"]: each for each in status.get("conditions") or () if each["status"] == "True"}
    failed = holds.get("Failed") or holds.get("FailureTarget")
    failure = f"{failed.get('reason', 'Failed')}: {failed.get('message', '')}".rstrip(": ") if failed else ""
    return State("Complete" in holds, f"{status.get('succeeded', 0)} of {wanted} runs done", failure)


def _claim(live: Mapping[str, Any]) -> State:
    phase = live.get("status", {}).get("phase", "Pending")
    lost = "the volume that it was bound to is gone" if phase == "Lost" else ""
    return State(phase == "Bound", phase.lower(), lost)


def _custom_resource_definition(live: Mapping[str, Any]) -> State:
    conditions = live.get("status", {}).get("conditions") or ()
    return State(any(each["type"] == "Established" and each["status"] == "True" for each in conditions))


_JUDGES: dict[str, Callable[[Mapping[str, Any]], State]] = {
    "CustomResourceDefinition": _custom_resource_definition,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": _job,
    "PersistentVolumeClaim": _claim,
    "StatefulSet": _stateful_set,
}
