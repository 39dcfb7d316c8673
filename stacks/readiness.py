"""Waits until what was applied does its work, and says why when it will not.

Nothing of this happens while the program runs: an object may need another one, of which Pulumi does not know,
to get ready.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.kube import Kube, Object
from infra.kube_errors import KubeError
from infra.progress import Progress, in_words
from stacks.readiness_pods import Trouble, troubles
from stacks.readiness_states import State, is_probed, state_of

_LOG_LINES = 12
_SAY_EVERY = 15.0
_LOOK_EVERY = 3.0
_POLL = 1.0
_STEADY = 1.0
_STEADY_UNPROBED = 4.0
_STEADY_AFTER_TROUBLE = 15.0
_REPEAT_EVERY = 60.0
_LINE = 200


class NotReadyError(Exception):
    """Something that was applied does not work; the text says what, why, and its last words."""


@dataclass
class _Awaited:
    """One object that is waited for."""

    live: Object
    state: State
    troubles: list[Trouble] = field(default_factory=list)
    since: dict[str, float] = field(default_factory=dict)
    """When each trouble, by its key, was first seen."""
    ready_since: float | None = None
    crashed: bool = False

    @property
    def label(self) -> str:
        """What a person would call it."""
        meta = self.live["metadata"]
        return f"{self.live['kind']} {meta['namespace'] + '/' if meta.get('namespace') else ''}{meta['name']}"


def await_ready(
    kube: Kube,
    objects: Iterable[Mapping[str, Any]],
    progress: Progress,
    *,
    timeout: float = 600,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Wait until Deployments, StatefulSets, DaemonSets, Jobs and claims among ``objects`` are ready.

    Parameters
    ----------
    objects
        As they are in the cluster now. Those with the annotation ``pulumi.com/skipAwait: "true"`` are not waited
        for, nor are claims that wait for a first consumer.
    timeout
        Seconds, for all of them together.

    Raises
    ------
    NotReadyError
        As soon as one of them cannot get ready by itself any more, or at the end of the time.
    """
    pending = _pending(kube, objects)
    if not pending:
        return
    with progress.step(f"waiting for {len(pending)} objects to get ready"):
        _Waiting(kube, pending, progress, clock).until(clock() + timeout)


def _pending(kube: Kube, objects: Iterable[Mapping[str, Any]]) -> list[_Awaited]:
    lazy: set[str] | None = None
    found = []
    for live in objects:
        state = state_of(live)
        if state.ready:
            continue
        if live["kind"] == "PersistentVolumeClaim" and not state.failure:
            lazy = _lazy_classes(kube) if lazy is None else lazy
            if live["spec"].get("storageClassName") in lazy:
                continue
        found.append(_Awaited(dict(live), state))
    return found


def _lazy_classes(kube: Kube) -> set[str]:
    """Return the storage classes that make a volume only when a pod wants it."""
    classes = kube.list("storage.k8s.io/v1", "StorageClass")
    return {
        each["metadata"]["name"]
        for each in classes
        if each.get("volumeBindingMode") == "WaitForFirstConsumer"
    }


class _Waiting:
    """The loop: looks at every object each second, at the pods of those that are late now and then."""

    def __init__(
        self, kube: Kube, pending: list[_Awaited], progress: Progress, clock: Callable[[], float]
    ) -> None:
        self._kube = kube
        self._pending = pending
        self._all, self._done = len(pending), 0
        self._progress = progress
        self._clock = clock
        self._said = self._looked = clock()
        self._told: dict[str, float] = {}

    def until(self, end: float) -> None:
        """Return when all are ready; raise `NotReadyError` when one never will be, or at ``end``."""
        started = self._clock()
        while True:
            self._refresh()
            if not self._pending:
                return
            late = self._clock() >= end
            if late or self._clock() - self._looked >= _LOOK_EVERY:
                self._look_at_pods()
            hopeless = [each for each in self._pending if each.state.failure or self._is_hopeless(each)]
            if hopeless or late:
                self._look_at_pods()
                which = hopeless or self._pending
                raise NotReadyError(self._report(which, self._clock() - started, late=not hopeless))
            self._say()
            time.sleep(_POLL)

    def _refresh(self) -> None:
        left = []
        for each in self._pending:
            meta = each.live["metadata"]
            live = self._kube.get(
                each.live["apiVersion"], each.live["kind"], meta["name"], meta.get("namespace")
            )
            if live is None and each.live["kind"] == "Job":
                continue  # it was done, and deleted as its time to live says
            each.state = state_of(live) if live else State(ready=False, failure="someone has deleted it")
            each.live = live or each.live
            if self._stays_ready(each):
                self._done += 1
                self._progress.say(f"{each.label} is ready ({self._done} of {self._all})")
            else:
                left.append(each)
        self._pending = left

    def _stays_ready(self, each: _Awaited) -> bool:
        """Return whether it has been ready for a moment: what crashes at once is ready in between, too."""
        if not each.state.ready:
            each.ready_since = None
            return False
        if each.ready_since is None:
            each.ready_since = self._clock()
        return self._clock() - each.ready_since >= _steady(each)

    def _look_at_pods(self) -> None:
        """Find out what keeps the late ones from being ready."""
        self._looked = self._clock()
        seen: dict[str, tuple[list[Object], list[Object]]] = {}
        for each in self._pending:
            namespace = each.live["metadata"].get("namespace")
            selector = each.live["spec"].get("selector", {}).get("matchLabels")
            if not namespace or not selector:
                continue
            if namespace not in seen:
                warnings = self._kube.list("v1", "Event", namespace, fields="type=Warning")
                seen[namespace] = (self._kube.list("v1", "Pod", namespace), warnings)
            pods = [pod for pod in seen[namespace][0] if selector.items() <= _labels(pod).items()]
            each.troubles = troubles(pods, _about(each.live, pods, seen[namespace][1]))
            each.crashed |= any(trouble.pod for trouble in each.troubles)
            each.since = {trouble.key: each.since.get(trouble.key, self._looked) for trouble in each.troubles}

    def _is_hopeless(self, each: _Awaited) -> bool:
        return any(self._clock() - each.since[trouble.key] >= trouble.patience for trouble in each.troubles)

    def _say(self) -> None:
        if self._clock() - self._said < _SAY_EVERY:
            return
        self._said = self._clock()
        for each in self._pending:
            why = f" ({each.troubles[0].what[:_LINE]})" if each.troubles else ""
            line = f"{each.label}: {each.state.text}{why}"
            if line not in self._told or self._clock() - self._told[line] > _REPEAT_EVERY:
                self._progress.say(line)
                self._told[line] = self._clock()

    def _report(self, which: list[_Awaited], after: float, *, late: bool) -> str:
        lines = [f"after {in_words(after)} {'these are not ready' if late else 'these will not get ready'}:"]
        for each in which:
            lines.append(f"- {each.label}: {each.state.failure or each.state.text}")
            for trouble in each.troubles[:3]:
                lines.append(f"    {trouble.what}")
                lines += [f"      | {line}" for line in self._log(each, trouble)]
        return "\n".join(lines)

    def _log(self, each: _Awaited, trouble: Trouble) -> list[str]:
        if not trouble.pod:
            return []
        namespace = each.live["metadata"]["namespace"]
        try:
            text = self._kube.logs(
                trouble.pod,
                namespace,
                container=trouble.container,
                tail=_LOG_LINES,
                previous=trouble.previous,
            )
        except KubeError as error:
            return [f"(no log: {error})"]
        return text.rstrip().splitlines()


def _steady(each: _Awaited) -> float:
    """Return for how many seconds something has to be ready to be believed."""
    if each.crashed:
        return _STEADY_AFTER_TROUBLE
    return _STEADY if is_probed(each.live) else _STEADY_UNPROBED


def _labels(pod: Object) -> dict[str, str]:
    return pod["metadata"].get("labels") or {}


def _about(live: Object, pods: Iterable[Object], events: Iterable[Object]) -> list[Object]:
    """Return the events of a workload, of its pods, and of its present replica sets, which are named after it."""
    name, uids = (
        live["metadata"]["name"],
        {live["metadata"]["uid"], *(pod["metadata"]["uid"] for pod in pods)},
    )

    def concerns(involved: Mapping[str, Any]) -> bool:
        own_set = involved.get("kind") == "ReplicaSet" and involved.get("name", "").rpartition("-")[0] == name
        return involved.get("uid") in uids or own_set

    return [event for event in events if concerns(event["involvedObject"])]
