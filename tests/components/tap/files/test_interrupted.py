"""Jobs that ran when the service ended end as failed, and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from interrupted import REASON, end_interrupted

NOW = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - DaCHS's times have no zone


class Job:
    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}

    def change(self, **changes: object) -> None:
        self.changes |= changes


class System:
    def __init__(self, phases: dict[str, str]) -> None:
        self.phases, self.jobs = phases, {name: Job() for name in phases}

    def getIdsAndPhases(self) -> Iterator[tuple[str, str]]:  # noqa: N802 - DaCHS's name
        yield from self.phases.items()

    @contextmanager
    def changeableJob(self, name: str) -> Iterator[Job]:  # noqa: N802 - DaCHS's name
        yield self.jobs[name]


def test_what_ran_has_failed_and_what_waits_or_is_done_stays():
    system = System({"a": "EXECUTING", "b": "QUEUED", "c": "COMPLETED", "d": "PENDING", "e": "EXECUTING"})
    assert list(end_interrupted(system, "ERROR", NOW)) == ["a", "e"]
    failed = {"phase": "ERROR", "endTime": NOW, "error": REASON}
    assert {name: job.changes for name, job in system.jobs.items() if job.changes} == {
        "a": failed,
        "e": failed,
    }
