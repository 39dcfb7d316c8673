"""What is wrong with a workload that does not get ready, from its pods and events: pure functions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_IMAGES = {
    "ErrImagePull": 90,
    "ImagePullBackOff": 90,
    "ErrImageNeverPull": 5,
    "InvalidImageName": 5,
    "ImageInspectError": 30,
}
_STARTS = {"CreateContainerConfigError": 30, "CreateContainerError": 60, "RunContainerError": 60}
_UNSCHEDULABLE = 120
_NOT_CREATED = 45
_CRASHES = 4
_OUT_OF_MEMORY = 2
_NEVER = float("inf")


@dataclass(frozen=True)
class Trouble:
    """One thing that keeps a workload from being ready.

    Attributes
    ----------
    what
        For people, with the advice where there is one.
    key
        What it is, whatever words it has just now: by it is known how long it lasts already.
    patience
        Seconds for which it may last before there is no hope that it ends by itself.
    pod, container
        Whose log tells more; empty where none does.
    previous
        Whether that is the log of the run before the present one.
    """

    what: str
    key: str
    patience: float
    pod: str = ""
    container: str = ""
    previous: bool = False


def troubles(pods: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]]) -> list[Trouble]:
    """Return what is wrong with a workload.

    Parameters
    ----------
    pods
        Its pods.
    events
        The warnings about the workload itself, its replica sets, and its pods.
    """
    pods, events = list(pods), list(events)
    found = [trouble for pod in pods for trouble in _of_pod(pod, events)]
    # Events stay for an hour: what happened before the last pod came is over.
    newest = max((pod["metadata"].get("creationTimestamp", "") for pod in pods), default="")
    refused = [event for event in events if event.get("reason") == "FailedCreate" and _when(event) > newest]
    return found or [_not_created(event) for event in refused[-1:]]


def _when(event: Mapping[str, Any]) -> str:
    return event.get("lastTimestamp") or event.get("eventTime") or ""


def _not_created(event: Mapping[str, Any]) -> Trouble:
    message = event.get("message", "")
    if "exceeded quota" in message:
        message += ": raise the quota, or ask for less"
    return Trouble(f"its pods are refused: {message}", "refused", _NOT_CREATED)


def _of_pod(pod: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> Iterator[Trouble]:
    name, status = pod["metadata"]["name"], pod.get("status", {})
    if "deletionTimestamp" in pod["metadata"]:
        return
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition.get("reason") == "Unschedulable":
            text = f"pod {name} fits on no node: {condition.get('message', '')}"
            growing = any(
                event.get("reason") == "TriggeredScaleUp" and event["involvedObject"].get("name") == name
                for event in events
            )
            yield Trouble(text, f"{name} unschedulable", _NEVER if growing else _UNSCHEDULABLE)
    if status.get("reason") == "Evicted":
        yield Trouble(f"pod {name} was evicted: {status.get('message', '')}", f"{name} evicted", _NEVER)
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for container in containers:
        yield from _of_container(name, container)
    if not containers:
        yield from _of_volumes(pod, events)


def _of_volumes(pod: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> Iterator[Trouble]:
    for event in events:
        of_this = event["involvedObject"].get("uid") == pod["metadata"].get("uid")
        if of_this and event.get("reason") in {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"}:
            name = pod["metadata"]["name"]
            yield Trouble(f"pod {name}: {event.get('message', '')}", f"{name} volumes", _NEVER)
            return


def _of_container(pod: str, status: Mapping[str, Any]) -> Iterator[Trouble]:
    container, state = status["name"], status.get("state", {})
    where, key = f"container {container} of pod {pod}", f"{pod}/{container}"
    waiting = state.get("waiting") or {}
    reason = waiting.get("reason", "")
    ended = state.get("terminated") or status.get("lastState", {}).get("terminated")
    if reason in _IMAGES:
        said = waiting.get("message") or f"the image {status.get('image', '')}"
        yield Trouble(f"{where}: {reason}, {said}", f"{key} image", _IMAGES[reason])
    elif reason in _STARTS:
        yield Trouble(f"{where}: {reason}, {waiting.get('message', '')}", f"{key} start", _STARTS[reason])
    elif ended and not status.get("ready") and (ended.get("exitCode") or reason == "CrashLoopBackOff"):
        restarts = status.get("restartCount", 0)
        out_of_memory = ended.get("reason") == "OOMKilled"
        why = "was killed: it needs more memory than its limit" if out_of_memory else f"ended: {_exit(ended)}"
        often = restarts >= (_OUT_OF_MEMORY if out_of_memory else _CRASHES)
        yield Trouble(
            f"{where} {why}{f', {restarts + 1} times' if restarts else ''}",
            f"{key} crash",
            0 if often else _NEVER,
            pod=pod,
            container=container,
            # Once it runs again, what tells is the log of the run before.
            previous="running" in state,
        )


def _exit(ended: Mapping[str, Any]) -> str:
    said = f": {ended['message'].strip()}" if ended.get("message") else ""
    return f"{ended.get('reason', 'Error')}, exit code {ended.get('exitCode')}{said}"
