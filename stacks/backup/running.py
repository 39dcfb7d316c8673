"""Running a Job: made, followed by its log, and judged by what its pod says at its end."""

import time
from collections.abc import Callable
from typing import Any

from infra.kube import Kube
from infra.kube_errors import KubeError
from infra.progress import Progress
from stacks.backup.errors import BackupError
from stacks.backup.jobs import Object, result_of
from stacks.readiness_pods import troubles

MANAGER = "science-platform-backup"
_POLL = 1.0


class Running:
    """A Job that is followed to its end.

    Parameters
    ----------
    job
        As the cluster has it.
    out
        Takes each line that its pods write.
    """

    def __init__(self, kube: Kube, job: Object, out: Callable[[str], None]) -> None:
        self._kube, self._job, self._out = kube, job, out
        self._said: dict[tuple[str, str], int] = {}
        self._troubled: dict[str, float] = {}

    def result(self) -> dict[str, Any]:
        """Follow the Job and return what it said at its end.

        Raises
        ------
        BackupError
            It failed, or cannot start.
        """
        name, namespace = self._job["metadata"]["name"], self._job["metadata"]["namespace"]
        while True:
            job = self._kube.get("batch/v1", "Job", name, namespace)
            pods = self._pods()
            for pod in pods:
                self._say_log(pod)
            ended = _ended(job)
            if ended is not None:
                return self._judge(ended, pods)
            self._refuse_hopeless(pods)
            time.sleep(_POLL)

    def _pods(self) -> list[Object]:
        meta = self._job["metadata"]
        return self._kube.list(
            "v1", "Pod", meta["namespace"], labels={"batch.kubernetes.io/job-name": meta["name"]}
        )

    def _say_log(self, pod: Object) -> None:
        status = pod.get("status", {})
        for container in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
            if not {"running", "terminated"} & container.get("state", {}).keys():
                continue
            place = (pod["metadata"]["name"], container["name"])
            try:
                text = self._kube.logs(place[0], pod["metadata"]["namespace"], container=place[1])
            except KubeError:
                continue  # not there yet, or not any more: the pod's end tells how it went
            lines = text.splitlines()
            for line in lines[self._said.get(place, 0) :]:
                # Why it failed is told at the end.
                if not line.startswith("FAILED: "):
                    self._out(line)
            self._said[place] = len(lines)

    def _judge(self, ended: str, pods: list[Object]) -> dict[str, Any]:
        results = [result for pod in pods if (result := result_of(pod)) is not None]
        errors = [result["error"] for result in results if "error" in result]
        if ended:
            raise BackupError(errors[-1] if errors else f"Job {self._job['metadata']['name']}: {ended}")
        return results[-1] if results else {}

    def _refuse_hopeless(self, pods: list[Object]) -> None:
        """Raise `BackupError` where a pod has not started for so long that it will not."""
        now = time.monotonic()
        found = {
            trouble.key: trouble
            for trouble in troubles((pod for pod in pods if not _has_ended(pod)), self._events())
        }
        self._troubled = {key: self._troubled.get(key, now) for key in found}
        for key, trouble in found.items():
            if now - self._troubled[key] > trouble.patience:
                raise BackupError(trouble.what)

    def _events(self) -> list[Object]:
        return self._kube.list("v1", "Event", self._job["metadata"]["namespace"], fields="type=Warning")


def _has_ended(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _ended(job: Object | None) -> str | None:
    """Return why a Job failed, an empty text if it did not, None if it has not ended."""
    if job is None:
        return "it was deleted"
    for condition in job.get("status", {}).get("conditions") or ():
        if condition["status"] == "True" and condition["type"] == "Complete":
            return ""
        if condition["status"] == "True" and condition["type"] == "Failed":
            return condition.get("message") or condition.get("reason") or "it failed"
    return None


def run(kube: Kube, job: Object, progress: Progress, *, remove: bool = True) -> dict[str, Any]:
    """Make a Job, follow it, and return what it said at its end.

    Parameters
    ----------
    remove
        Whether it is removed at its end, and when this is interrupted.

    Raises
    ------
    BackupError
        It failed, or cannot start.
    """
    made = kube.create(job, manager=MANAGER)
    try:
        return Running(kube, made, progress.say).result()
    finally:
        if remove:
            meta = made["metadata"]
            kube.delete("batch/v1", "Job", meta["name"], meta["namespace"])
