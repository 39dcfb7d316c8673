"""How a site's backups are: when each last succeeded, and what became of the newest run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from components.objects import namespace_of
from infra.kube import Kube
from stacks.backup.jobs import Object, result_of
from stacks.backup.site import cron_jobs


@dataclass(frozen=True, kw_only=True)
class BackupState:
    """How one source's backup, or the upkeep, is.

    Attributes
    ----------
    succeeded
        When it last did (ISO 8601); None if it never has.
    failure
        Why the newest run failed; empty where it did not.
    unread
        Files that could not be read the last time.
    """

    name: str
    succeeded: str | None
    failure: str = ""
    unread: int = 0

    def text(self, now: datetime) -> str:
        """Return it for people."""
        mark = "FAILED" if self.failure else "ok" if self.succeeded else "none yet"
        line = f"{mark:>10}  {self.name}"
        if self.succeeded:
            line += f": {_ago(now - datetime.fromisoformat(self.succeeded))} old"
        if self.unread:
            line += f", {self.unread} could not be read"
        return line + (f"; the newest run: {self.failure}" if self.failure else "")


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h"  # noqa: PLR2004 - hours of a day


def states(
    found: Iterable[Object], jobs: Sequence[Object], pods: Sequence[Mapping[str, Any]]
) -> list[BackupState]:
    """Return the state of each CronJob, given all Jobs and pods of the namespace."""
    return [_state(each, jobs, pods) for each in found]


def _state(cron_job: Object, jobs: Sequence[Object], pods: Sequence[Mapping[str, Any]]) -> BackupState:
    uid = cron_job["metadata"]["uid"]
    own = [
        job
        for job in jobs
        if any(owner["uid"] == uid for owner in job["metadata"].get("ownerReferences", ()))
    ]
    own.sort(key=lambda job: job["metadata"]["creationTimestamp"])
    ended = [(job, kind) for job in own if (kind := _end(job))]
    results = {job["metadata"]["name"]: _result(job, pods) for job, _ in ended}
    failure, unread = "", 0
    if ended:
        job, kind = ended[-1]
        result = results[job["metadata"]["name"]]
        if kind == "Failed":
            failure = result.get("error", "see the log of its pod")
        unread = result.get("unread", 0)
    return BackupState(
        name=cron_job["metadata"]["name"],
        succeeded=cron_job.get("status", {}).get("lastSuccessfulTime"),
        failure=failure,
        unread=unread,
    )


def _end(job: Object) -> str:
    conditions = job.get("status", {}).get("conditions") or ()
    return next(
        (
            each["type"]
            for each in conditions
            if each["status"] == "True" and each["type"] in ("Complete", "Failed")
        ),
        "",
    )


def _result(job: Object, pods: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    name = job["metadata"]["name"]
    of_job = [
        pod for pod in pods if pod["metadata"].get("labels", {}).get("batch.kubernetes.io/job-name") == name
    ]
    results = [result for pod in of_job if (result := result_of(pod)) is not None]
    return results[-1] if results else {}


def states_of(kube: Kube, site: str) -> list[BackupState]:
    """Return how a site's backups are; none where it has none."""
    found = cron_jobs(kube, site)
    if not found:
        return []
    namespace = namespace_of(site)
    return states(found, kube.list("batch/v1", "Job", namespace), kube.list("v1", "Pod", namespace))


def in_words(found: Iterable[BackupState]) -> list[str]:
    """Return a line for each."""
    now = datetime.now(UTC)
    return [each.text(now) for each in found]
