"""Restoring: one thing beside what is there, or whole sources onto a site that is as good as new."""

import base64
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from components.objects import labels, namespace_of
from infra.kube import Kube
from infra.progress import Progress
from stacks.backup.errors import BackupError
from stacks.backup.jobs import PAD_KEY, Source, look, restoration, unsealed
from stacks.backup.running import MANAGER, run
from stacks.backup.site import Backups, active_jobs
from stacks.backup.stopping import stop_servers, stopped
from stacks.backup.what import EVERYTHING, What, parse

PAD_BYTES = 1536
"""What is sealed with it, in hexadecimal digits, has to fit into a pod's termination message of 4096 bytes."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an operator wants restored.

    Attributes
    ----------
    what
        As `stacks.backup.what` reads it.
    snapshot, before
        Which snapshot; or the newest until a time (ISO 8601).
    to
        Where to; None for where it was.
    overwrite
        Whether what is there may be overwritten.
    stop_servers
        Whether people's servers may be stopped.
    """

    what: str
    snapshot: str = "latest"
    before: str = ""
    to: str | None = None
    overwrite: bool = False
    stop_servers: bool = False

    def arguments(self) -> list[str]:
        """Return those of the pod's program that do not depend on what is restored."""
        chosen = [f"--snapshot={self.snapshot}"]
        chosen += [f"--before={self.before}"] if self.before else []
        return [*chosen, *(["--overwrite"] if self.overwrite else [])]


def suffix() -> str:
    """Return the end of a name that nothing has yet."""
    return secrets.token_hex(4)


def restore(kube: Kube, site: str, backups: Backups, request: Request, progress: Progress) -> list[str]:
    """Restore; return what an operator is told at the end, a line for each thing.

    Raises
    ------
    BackupError
        It was refused, with nothing changed; or it failed, with what is to be done.
    """
    _refuse_beside_upkeep(kube, site, backups)
    if request.what != EVERYTHING:
        what = parse(request.what, backups.sources)
        if what.folder:
            return [_restore_folder(kube, backups, what, request, progress)]
        chosen = [backups.sources[what.source]]
    else:
        chosen = list(backups.sources.values())
    if request.to is not None:
        raise BackupError(f"--to goes with one folder or file: {request.what} is restored to where it was")
    return _restore_whole(kube, site, chosen, request, progress)


def _refuse_beside_upkeep(kube: Kube, site: str, backups: Backups) -> None:
    # Restorations take no lock, so that none that a killed run left can hold them up; the upkeep deletes data.
    if active_jobs(kube, site, backups.upkeep):
        raise BackupError(
            "the store's upkeep runs: wait until it has ended (python -m stacks status), or delete its Job"
        )


def _restore_folder(kube: Kube, backups: Backups, what: What, request: Request, progress: Progress) -> str:
    source = backups.sources[what.source]
    if source.kind != "tree":
        raise BackupError(
            f"{source.name} is a database: it is restored as a whole, with --what {source.name}"
        )
    to = None if request.to is None else parse(request.to, backups.sources)
    if to is not None and (to.source != what.source or not to.folder):
        raise BackupError(f"--to has to be in the {what.source} too, in a folder: {what}")
    arguments = [*request.arguments(), f"--folder={what.folder}", f"--path={what.path}"]
    arguments += [f"--to={to.path}"] if to else []
    mounted = to.folder if to else what.folder
    with progress.step(f"restoring {what}"):
        done = run(kube, restoration(source, suffix(), arguments, folder=mounted), progress)
    place = What(source=what.source, folder=mounted, path=done["path"])
    why = " (beside what is there)" if done["beside"] else ""
    return f"{what} of {_when(done)} is restored as {place}{why}: {done['files']} files, {done['seconds']} s"


def _when(done: dict[str, Any]) -> str:
    return f"{done['time'][:19].replace('T', ' ')} UTC"


def _restore_whole(
    kube: Kube, site: str, sources: Sequence[Source], request: Request, progress: Progress
) -> list[str]:
    if not request.overwrite:
        _refuse_used(kube, sources, progress)
    stop_servers(kube, site, progress, allowed=request.stop_servers)
    lines = []
    with stopped(kube, site, sources, progress):
        # Someone may have started one before the hub was stopped.
        stop_servers(kube, site, progress, allowed=request.stop_servers)
        for source in sources:
            with progress.step(f"restoring {source.name}"):
                lines.append(_restore_source(kube, site, source, request, progress))
    return lines


def _refuse_used(kube: Kube, sources: Sequence[Source], progress: Progress) -> None:
    with progress.step("looking at what is there"), ThreadPoolExecutor() as pool:
        looks = list(pool.map(lambda source: run(kube, look(source, suffix()), progress), sources))
    used = [source.name for source, found in zip(sources, looks, strict=True) if found["used"]]
    if used:
        raise BackupError(
            f"there is data in {', '.join(used)}: nothing was restored. Restore single folders, or put the backup "
            "over it with --overwrite: files that are in the backup are as they were then, others stay; a database is "
            "replaced"
        )


def _restore_source(kube: Kube, site: str, source: Source, request: Request, progress: Progress) -> str:
    if source.kind == "tree":
        done = run(kube, restoration(source, suffix(), request.arguments()), progress)
        return f"{source.name} of {_when(done)}: {done['files']} files, {done['seconds']} s"
    name, pad = f"restore-{source.name}-{suffix()}", secrets.token_bytes(PAD_BYTES)
    namespace = namespace_of(site)
    kube.create(_pad_secret(site, name, pad), manager=MANAGER)
    try:
        done = run(kube, restoration(source, suffix(), request.arguments(), pad_secret=name), progress)
    finally:
        kube.delete("v1", "Secret", name, namespace)
    for secret, values in unsealed(done["sealed"], pad).items():
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        kube.merge("v1", "Secret", secret, namespace, {"data": data})
    return f"{source.name} of {_when(done)}: database and keys, {done['seconds']} s"


def _pad_secret(site: str, name: str, pad: bytes) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace_of(site), "labels": labels(site, "backup")},
        "stringData": {PAD_KEY: pad.hex()},
    }
