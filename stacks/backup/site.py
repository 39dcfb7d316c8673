"""A site's backups as its cluster has them."""

from dataclasses import dataclass

from components.backup.manifests import COMPONENT, UPKEEP, component
from components.objects import namespace_of
from infra.kube import Kube
from stacks.backup.errors import BackupError
from stacks.backup.jobs import Object, Source, source_of


@dataclass(frozen=True, kw_only=True)
class Backups:
    """What is backed up on a site, and the CronJob that looks after the store."""

    sources: dict[str, Source]
    upkeep: Object


def cron_jobs(kube: Kube, site: str) -> list[Object]:
    """Return the CronJobs of a site's backup; none where it has no backup."""
    found = kube.list("batch/v1", "CronJob", namespace_of(site), labels={"app.kubernetes.io/instance": site})
    return [item for item in found if item["metadata"]["name"].startswith(f"{COMPONENT}-")]


def backups_of(kube: Kube, site: str) -> Backups:
    """Return what is backed up on a site.

    Raises
    ------
    BackupError
        Nothing is.
    """
    found = cron_jobs(kube, site)
    sources = [source for item in found if (source := source_of(item)) is not None]
    upkeep = [item for item in found if item["metadata"]["name"] == component(UPKEEP)]
    if not sources or not upkeep:
        raise BackupError(
            f"site {site} has no backup: give its file a section backup (docs/reference.md) and bring it up"
        )
    # Trees before the databases that speak of them.
    sources.sort(key=lambda source: (source.kind != "tree", source.name))
    return Backups(sources={source.name: source for source in sources}, upkeep=upkeep[0])


def active_jobs(kube: Kube, site: str, cron_job: Object) -> list[Object]:
    """Return a CronJob's Jobs that have not ended."""
    uid = cron_job["metadata"]["uid"]
    return [
        job
        for job in kube.list("batch/v1", "Job", namespace_of(site))
        if any(owner["uid"] == uid for owner in job["metadata"].get("ownerReferences", ()))
        and not any(
            condition["type"] in ("Complete", "Failed") and condition["status"] == "True"
            for condition in job.get("status", {}).get("conditions") or ()
        )
    ]
