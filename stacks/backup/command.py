"""The commands ``backup`` and ``restore``."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.kube import Kube
from infra.progress import Progress
from stacks.backup.errors import BackupError
from stacks.backup.jobs import Object, listing, scheduled
from stacks.backup.restoring import Request, restore, suffix
from stacks.backup.running import MANAGER, Running, run
from stacks.backup.site import active_jobs, backups_of


def back_up(kube: Kube, site: str, progress: Progress, *, names: Collection[str], upkeep: bool) -> None:
    """Back up now: all sources, or those that are named; or look after the store.

    A backup that runs already is followed instead. Interrupted, it goes on in the cluster.

    Raises
    ------
    BackupError
        One failed, or there is none of a name.
    """
    backups = backups_of(kube, site)
    unknown = set(names) - set(backups.sources)
    if unknown:
        raise BackupError(f"no source {', '.join(sorted(unknown))}: there is {', '.join(backups.sources)}")
    chosen = (
        [backups.upkeep]
        if upkeep
        else [source.cron_job for name, source in backups.sources.items() if not names or name in names]
    )
    what = "the upkeep of the store" if upkeep else f"backing up {', '.join(_short(job) for job in chosen)}"
    with progress.step(what), ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(lambda cron_job: _outcome(kube, site, cron_job, progress), chosen))
    failures = [str(outcome) for outcome in outcomes if isinstance(outcome, BackupError)]
    if failures:
        raise BackupError("\n".join(failures))


def _short(cron_job: Object) -> str:
    return cron_job["metadata"]["name"].partition("-")[2]


def _outcome(kube: Kube, site: str, cron_job: Object, progress: Progress) -> dict[str, Any] | BackupError:
    """Return how it went: one that fails does not keep others from being followed."""
    try:
        active = active_jobs(kube, site, cron_job)
        if active:
            progress.say(
                f"{_short(cron_job)}: runs already, since {active[0]['metadata']['creationTimestamp']}"
            )
        job = active[0] if active else kube.create(scheduled(cron_job, f"now-{suffix()}"), manager=MANAGER)
        return Running(kube, job, progress.say).result()
    except BackupError as error:
        return error


def list_snapshots(kube: Kube, site: str, progress: Progress) -> None:
    """Print the snapshots of a site's store.

    Raises
    ------
    BackupError
        They cannot be read.
    """
    run(kube, listing(backups_of(kube, site).upkeep, suffix()), progress)


def restore_from(kube: Kube, site: str, request: Request, progress: Progress) -> None:
    """Restore, and print what is where.

    Raises
    ------
    BackupError
        It was refused, or failed.
    """
    for line in restore(kube, site, backups_of(kube, site), request, progress):
        print(line)
