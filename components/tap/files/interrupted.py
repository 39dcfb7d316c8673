"""Marks asynchronous queries as failed that ran when the service ended: nobody computes them any more."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

REASON = {"msg": "The service was restarted while this query ran.", "hint": "Run it again."}


def end_interrupted(system: Any, failed: str, now: dt.datetime) -> Sequence[str]:  # noqa: ANN401 - DaCHS has no types
    """End jobs that claim to run, and return their names; those that wait in the queue stay there.

    Parameters
    ----------
    system
        DaCHS's worker system.
    failed
        Its name for the phase of failed jobs.
    now
        When they ended, in UTC without a zone, as DaCHS has its times.
    """
    running = [name for name, phase in system.getIdsAndPhases() if phase == "EXECUTING"]
    for name in running:
        with system.changeableJob(name) as job:
            job.change(phase=failed, endTime=now, error=REASON)
    return running


def main() -> None:
    """End the jobs of the life before this one."""
    from gavo import api  # noqa: F401 - DaCHS's modules need to be imported in its own order
    from gavo.protocols import tap, uws

    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    ended = end_interrupted(tap.WORKER_SYSTEM, uws.ERROR, now)
    if ended:
        print(f"ended as failed, since they ran when the service ended: {', '.join(ended)}")


if __name__ == "__main__":
    main()
