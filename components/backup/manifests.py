"""The Kubernetes objects of backups: a CronJob for each source, one for the upkeep, and what they read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components import policies
from components.backup.sources import BackupSource, PostgresqlSource, SqliteSource, TreeSource
from components.backup.spec import BackupSpec, S3TargetSpec
from components.cron_jobs import cron_job
from components.objects import (
    Container,
    Manifest,
    Pod,
    Resources,
    config_map,
    env,
    secret_env,
    selector,
)
from components.policies import DNS, INTERNET, Rule, egress
from components.storage.manifests import Kept, volume_pair
from infra.cluster import VolumeSource
from infra.fields import bytes_of, seconds_of

COMPONENT = "backup"
SECRET = "backup-store"  # noqa: S105 - the name of a Secret
STORE = "backups"
UPKEEP = "upkeep"
FOLDER = "/etc/backup"
SOURCE_VOLUME = "source"
ABOUT = "science-platform/backup"
"""Annotation of a source's CronJob that tells the command line what it is: name, kind, and whose database."""

SECRETS = {"RESTIC_PASSWORD": "backupPassword"}
S3_SECRETS = {"AWS_ACCESS_KEY_ID": "backupAccessKey", "AWS_SECRET_ACCESS_KEY": "backupSecretKey"}
"""Variables of restic's, and the secret configuration keys that they come from."""

_CA_FILE = "store-ca.pem"
_KINDS = {TreeSource: "tree", SqliteSource: "sqlite", PostgresqlSource: "postgresql"}


@dataclass(frozen=True, kw_only=True)
class BackupParts:
    """What backups are made of beside the spec.

    Parameters
    ----------
    files
        The programs of the pods, by name.
    sources
        What is backed up.
    image
        Full reference.
    """

    site: str
    files: Mapping[str, str]
    sources: Sequence[BackupSource]
    image: str


def component(name: str) -> str:
    """Return the component, CronJob and policy of a source, or of the upkeep."""
    return f"{COMPONENT}-{name}"


def secret_keys(spec: BackupSpec) -> dict[str, str]:
    """Return the variables that the pods get from Secret `SECRET`, and the configuration keys of their values."""
    return SECRETS | (S3_SECRETS if spec.to.kind == "s3" else {})


def store(site: str, to: S3TargetSpec) -> str:
    """Return where an object store's repositories are, in restic's words."""
    return f"s3:{to.endpoint}/{to.bucket}/{to.prefix or site}"


def _kept(source: BackupSource) -> dict[str, tuple[str, str]]:
    """Return the variables of the secret values that are kept with a source, each with its Secret and key."""
    secrets = {} if isinstance(source, TreeSource) else source.secrets
    places = [(secret, key) for secret, keys in secrets.items() for key in keys]
    return {f"KEPT_{number}": place for number, place in enumerate(places)}


def document(spec: BackupSpec, parts: BackupParts) -> dict[str, Any]:
    """Return what the pods' programs read: ``files/backup_settings.py`` is the reader."""
    s3 = spec.to if spec.to.kind == "s3" else None
    sources = {
        source.name: {
            "kind": _KINDS[type(source)],
            "kept": {variable: list(place) for variable, place in _kept(source).items()},
            **({"file": source.file} if isinstance(source, SqliteSource) else {}),
            **({} if isinstance(source, TreeSource) else {"used": source.used}),
        }
        for source in parts.sources
    }
    return {
        "site": parts.site,
        "store": store(parts.site, s3) if s3 else f"/{STORE}",
        "caCertificate": f"{FOLDER}/{_CA_FILE}" if s3 and s3.ca_certificate else None,
        "sources": sources,
        "keep": spec.retention.counts(),
        "exclude": list(spec.exclude),
        "check": spec.upkeep.check,
    }


def configuration(spec: BackupSpec, parts: BackupParts) -> Manifest:
    """Return the ConfigMap of the pods' programs and settings."""
    files = {**parts.files, "backup.json": json.dumps(document(spec, parts), indent=1, sort_keys=True)}
    if spec.to.kind == "s3" and spec.to.ca_certificate:
        files[_CA_FILE] = spec.to.ca_certificate
    return config_map(parts.site, COMPONENT, "backup-config", files)


def store_volume(site: str, spec: BackupSpec, source: VolumeSource, *, disposable: bool) -> Kept | None:
    """Return the volume that backups are kept on, where they are kept on one."""
    if spec.to.kind != "volume":
        return None
    return volume_pair(site, STORE, source, size=spec.to.size, keep=spec.to.kept(disposable=disposable))


def _pod(spec: BackupSpec, parts: BackupParts, command: Sequence[str], source: BackupSource | None) -> Pod:
    volumes: list[Manifest] = [
        {"name": "config", "configMap": {"name": configuration(spec, parts)["metadata"]["name"]}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
    ]
    mounts: dict[str, Mapping[str, Any]] = {
        FOLDER: {"name": "config", "readOnly": True},
        "/tmp": {"name": "tmp"},  # noqa: S108 - an emptyDir of the pod
    }
    variables = {variable: (SECRET, key) for variable, key in secret_keys(spec).items()}
    if spec.to.kind == "volume":
        volumes.append({"name": "store", "persistentVolumeClaim": {"claimName": STORE}})
        mounts[f"/{STORE}"] = {"name": "store"}
    if isinstance(source, (TreeSource, SqliteSource)):
        volumes.append({"name": SOURCE_VOLUME, "persistentVolumeClaim": {"claimName": source.claim}})
        mounts["/source"] = {"name": SOURCE_VOLUME, "readOnly": True}
    if isinstance(source, PostgresqlSource):
        variables["DATABASE_URL"] = source.url
    if source is not None:
        variables |= _kept(source)
    settings = {
        "HOME": "/tmp",  # noqa: S108 - an emptyDir of the pod
        "RESTIC_CACHE_DIR": "/tmp/cache",  # noqa: S108 - as above
        # Go collects its garbage in earnest before Kubernetes ends the pod.
        "GOMEMLIMIT": str(bytes_of(spec.memory) * 4 // 5),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    container = Container(
        name=COMPONENT,
        image=parts.image,
        command=["tini", "--", "python3", *command],
        resources=Resources(cpu="100m", memory="128Mi", cpu_limit="2", memory_limit=spec.memory),
        env=[*secret_env(variables), *env(settings)],
        mounts=mounts,
    )
    beside = selector(parts.site, source.user) if isinstance(source, SqliteSource) else None
    # A killed run has a minute to remove its lock from the store.
    return Pod(
        containers=[container], volumes=volumes, grace_seconds=60, beside=beside, restart_policy="Never"
    )


def _about(source: BackupSource) -> dict[str, Any]:
    """Return what the command line is told of a source."""
    result: dict[str, Any] = {"name": source.name, "kind": _KINDS[type(source)]}
    if not isinstance(source, TreeSource):
        result |= {"user": source.user, "secrets": sorted(source.secrets)}
    return result


def source_job(spec: BackupSpec, parts: BackupParts, source: BackupSource) -> Manifest:
    """Return the CronJob that backs up a source."""
    job = cron_job(
        parts.site,
        component(source.name),
        _pod(spec, parts, [f"{FOLDER}/backup_run.py", source.name], source),
        schedule=spec.schedule,
        time_zone=spec.time_zone,
        time_limit=seconds_of(spec.time_limit),
    )
    job["metadata"]["annotations"] = {ABOUT: json.dumps(_about(source), sort_keys=True)}
    return job


def upkeep_job(spec: BackupSpec, parts: BackupParts) -> Manifest:
    """Return the CronJob that looks after the store."""
    return cron_job(
        parts.site,
        component(UPKEEP),
        _pod(spec, parts, [f"{FOLDER}/backup_upkeep.py"], None),
        schedule=spec.upkeep.schedule,
        time_zone=spec.time_zone,
        time_limit=seconds_of(spec.time_limit),
    )


def _store_rules(spec: BackupSpec) -> list[Rule]:
    if spec.to.kind == "volume":
        return []
    return [DNS, egress(policies.network(spec.to.cidr) if spec.to.cidr else INTERNET, spec.to.port)]


def network_policies(spec: BackupSpec, parts: BackupParts) -> list[Manifest]:
    """Return the policies: who sees everybody's files connects to the store, and a dump to its database."""
    result = []
    for source in parts.sources:
        rules = [*_store_rules(spec)]
        if isinstance(source, PostgresqlSource):
            rules += [rule for rule in (DNS, *source.egress) if rule not in rules]
        result.append(policies.policy(parts.site, component(source.name), egress=rules))
    return [*result, policies.policy(parts.site, component(UPKEEP), egress=_store_rules(spec))]
