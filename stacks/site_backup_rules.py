"""The rules of backups that take more than one value of a site to see."""

from collections.abc import Iterator

from infra.fields import bytes_of
from stacks.site import Site
from stacks.site_errors import Problem

_REQUEST = "128Mi"
"""Memory that a backup's pod asks for; Kubernetes refuses a limit below it."""


def backup_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with a site's backups."""
    backup = site.backup
    if backup is None:
        return
    if not any(backup.retention.counts().values()):
        yield Problem(("backup", "retention"), "would keep nothing: set at least one of its counts above 0")
    if bytes_of(backup.memory) < bytes_of(_REQUEST):
        yield Problem(("backup", "memory"), f"must be at least {_REQUEST}, what the smallest backup needs")
    if backup.to.kind == "s3" and backup.to.endpoint.startswith("http:") and not site.disposable:
        rule = "must be https: only disposable sites may send their keys without encryption"
        yield Problem(("backup", "to", "endpoint"), rule)
    if backup.to.kind == "volume" and backup.to.keep is False and not site.disposable:
        rule = "must not be false: `down` would take the backups with what they are of"
        yield Problem(("backup", "to", "keep"), rule)
    volumes = site.cluster.volumes if site.cluster.kind == "existing" else {}
    if "backups" in volumes and backup.to.kind != "volume":
        yield Problem(("cluster", "volumes", "backups"), "is not used: backups go to an object store", "key")
