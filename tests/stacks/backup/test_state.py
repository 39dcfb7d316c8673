"""How backups are, from CronJobs, Jobs and pods."""

import json
from datetime import UTC, datetime
from typing import Any

from stacks.backup.state import BackupState, states

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
CRON = {
    "metadata": {"name": "backup-homes", "uid": "1"},
    "status": {"lastSuccessfulTime": "2026-03-01T02:00:00Z"},
}


def job(name: str, made: str, kind: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": made, "ownerReferences": [{"uid": "1"}]},
        "status": {"conditions": [{"type": kind, "status": "True"}]},
    }


def pod(name: str, **result: object) -> dict[str, Any]:
    ended = {"terminated": {"message": json.dumps(result)}}
    return {
        "metadata": {"labels": {"batch.kubernetes.io/job-name": name}},
        "status": {"containerStatuses": [{"state": ended}]},
    }


def test_a_failed_run_is_said_with_its_reason_and_how_old_the_last_good_one_is():
    jobs = [job("b", "2026-03-02", "Failed"), job("a", "2026-03-01", "Complete")]
    (state,) = states([CRON], jobs, [pod("a", files=3), pod("b", error="the store is full")])
    assert state == BackupState(
        name="backup-homes", succeeded="2026-03-01T02:00:00Z", failure="the store is full"
    )
    assert state.text(NOW) == "    FAILED  backup-homes: 1 d 3 h old; the newest run: the store is full"


def test_what_could_not_be_read_is_counted():
    (state,) = states([CRON], [job("a", "2026-03-01", "Complete")], [pod("a", unread=2)])
    assert state.text(NOW) == "        ok  backup-homes: 1 d 3 h old, 2 could not be read"


def test_before_the_first_there_is_none():
    (state,) = states([{"metadata": CRON["metadata"]}], [], [])
    assert state.text(NOW) == "  none yet  backup-homes"
