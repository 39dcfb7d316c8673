"""The Jobs of backups and restorations, made from a site's CronJobs: pure functions."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.backup.manifests import ABOUT, FOLDER, SOURCE_VOLUME

Object = dict[str, Any]

RUN = "science-platform/backup-run"
"""Annotation of a Job that the command line made: what it does."""

PAD_KEY = "pad"
KEPT_SECONDS = 3600
"""How long a finished Job stays if nobody removes it."""

_MODES = {"homes": "0700", "projects": "2770"}
"""Modes of folders that are made, as the hub makes them."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source of a site's backups, as its CronJob says.

    Attributes
    ----------
    kind
        ``tree``, ``sqlite`` or ``postgresql``.
    user
        Deployment that uses the database; empty for a tree.
    secrets
        Secrets that are kept with the database.
    claim
        Claim that it is on; empty where it is elsewhere.
    cron_job
        The CronJob.
    """

    name: str
    kind: str
    user: str
    secrets: Sequence[str]
    claim: str
    cron_job: Object


def source_of(cron_job: Object) -> Source | None:
    """Return the source of a CronJob, or None for one that backs nothing up."""
    about = json.loads((cron_job["metadata"].get("annotations") or {}).get(ABOUT, "null"))
    if about is None:
        return None
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["volumes"]
        if volume["name"] == SOURCE_VOLUME
    ]
    return Source(
        name=about["name"],
        kind=about["kind"],
        user=about.get("user", ""),
        secrets=about.get("secrets", ()),
        claim=claims[0] if claims else "",
        cron_job=cron_job,
    )


def _job(cron_job: Object, suffix: str, run: str) -> Object:
    template = cron_job["spec"]["jobTemplate"]
    meta = cron_job["metadata"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{meta['name']}-{suffix}",
            "namespace": meta["namespace"],
            "labels": dict(template["metadata"]["labels"]),
            "annotations": {RUN: run},
        },
        "spec": {**copy.deepcopy(template["spec"]), "backoffLimit": 0},
    }


def scheduled(cron_job: Object, suffix: str) -> Object:
    """Return the Job that a CronJob would make, now; it counts as one of its own."""
    job = _job(cron_job, suffix, "backup")
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": cron_job["metadata"]["name"],
        "uid": cron_job["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    job["metadata"]["ownerReferences"] = [owner]
    # As `kubectl create job --from` says it.
    job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] = "manual"
    return job


def _container(job: Object) -> Object:
    return job["spec"]["template"]["spec"]["containers"][0]


def _command(program: str, *arguments: str) -> list[str]:
    return ["tini", "--", "python3", f"{FOLDER}/{program}", *arguments]


def listing(upkeep: Object, suffix: str) -> Object:
    """Return the Job that lists snapshots, from the upkeep's CronJob: it mounts no source."""
    job = _job(upkeep, suffix, "list")
    job["spec"]["ttlSecondsAfterFinished"] = KEPT_SECONDS
    _container(job)["command"] = _command("backup_list.py")
    return job


def look(source: Source, suffix: str) -> Object:
    """Return the Job that says whether there is anything that a restoration would overwrite."""
    job = _job(source.cron_job, suffix, "look")
    job["spec"]["ttlSecondsAfterFinished"] = KEPT_SECONDS
    _container(job)["command"] = _command("backup_restore.py", source.name, "--look")
    _mount(_container(job), "/target", read_only=False)
    return job


def restoration(
    source: Source,
    suffix: str,
    arguments: Sequence[str],
    *,
    folder: str = "",
    pad_secret: str = "",
) -> Object:
    """Return the Job that restores.

    Parameters
    ----------
    arguments
        Of ``files/backup_restore.py``, after the source.
    folder
        Of the volume, which alone is mounted; an init container, which sees the whole volume and runs before, makes
        it where it is missing. Empty for the whole volume.
    pad_secret
        Secret with the pad for the secrets that are kept with a database.
    """
    job = _job(source.cron_job, suffix, "restore")
    job["spec"]["ttlSecondsAfterFinished"] = KEPT_SECONDS
    pod, container = job["spec"]["template"]["spec"], _container(job)
    # Who has the volume open is stopped; what is beside nobody would wait for ever.
    pod.pop("affinity", None)
    container["command"] = _command("backup_restore.py", source.name, *arguments)
    if pad_secret:
        reference = {"name": pad_secret, "key": PAD_KEY}
        container["env"] = [
            *container.get("env", []),
            {"name": "RESTORE_PAD", "valueFrom": {"secretKeyRef": reference}},
        ]
    if folder:
        first = copy.deepcopy(container) | {"name": "folder"}
        first["command"] = [
            *container["command"],
            "--prepare",
            folder,
            "--mode",
            _MODES.get(source.name, "0700"),
        ]
        _mount(first, "/volume", read_only=False)
        pod["initContainers"] = [first]
    _mount(container, "/target", read_only=False, folder=folder)
    return job


def _mount(container: Object, path: str, *, read_only: bool, folder: str = "") -> None:
    """Mount the source's volume elsewhere and otherwise."""
    for mount in container.get("volumeMounts", []):
        if mount["name"] == SOURCE_VOLUME:
            mount.pop("subPath", None)
            mount["mountPath"] = path
            mount["readOnly"] = read_only
            if folder:
                mount["subPath"] = folder


def unsealed(text: str, pad: bytes) -> dict[str, dict[str, str]]:
    """Return the secrets that ``files/backup_database.py`` has sealed with the pad."""
    return json.loads(bytes(one ^ other for one, other in zip(bytes.fromhex(text), pad, strict=True)))


def result_of(pod: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a pod of a Job has said at its end, or None if it said nothing."""
    status = pod.get("status", {})
    for container in (*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())):
        ended = container.get("state", {}).get("terminated") or {}
        message = ended.get("message", "").strip()
        if message.startswith("{"):
            try:
                return json.loads(message)
            except json.JSONDecodeError:
                continue
        if ended.get("reason") == "OOMKilled":
            return {"error": "it needs more memory than its limit: raise backup.memory"}
    return None
