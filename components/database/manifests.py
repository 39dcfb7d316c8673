"""PostgreSQL's Kubernetes objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.database.settings import FILES, MIB, SOCKETS, files, shared_memory
from components.database.spec import EmbeddedDatabaseSpec
from components.objects import (
    Container,
    Manifest,
    Pod,
    Resources,
    claim,
    config_map,
    env,
    service,
    stateful_set,
)
from components.policies import ingress, pods, policy
from infra.cluster import VolumeSource
from infra.fields import bytes_of

PORT = 5432
VOLUME = "/data"
DATA = f"{VOLUME}/postgres"
"""A folder of the volume, whose own top may hold what the file system puts there."""

PREPARE = Path(__file__).parent / "files/prepare.sh"


@dataclass(frozen=True, kw_only=True)
class DatabaseParts:
    """What a database's manifests are made of beside the spec.

    Parameters
    ----------
    site
        Name of the site.
    component
        Label of its pods, and name of all of its objects; each layer that wants a database has its own.
    database
        Name of the database in the server.
    image
        Reference of the image that has PostgreSQL.
    priority_class
        Of its pod.
    """

    site: str
    component: str
    database: str
    image: str
    priority_class: str | None = None

    @property
    def secret(self) -> str:
        """Name of the Secret of the administrator."""
        return f"{self.component}-admin"


def configuration(spec: EmbeddedDatabaseSpec, parts: DatabaseParts) -> Manifest:
    """Return the ConfigMap that the server and what prepares its volume read."""
    return config_map(
        parts.site, parts.component, parts.component, {**files(spec), PREPARE.name: PREPARE.read_text()}
    )


def state_claim(spec: EmbeddedDatabaseSpec, parts: DatabaseParts, source: VolumeSource) -> Manifest:
    """Return the claim of the server's volume."""
    return claim(
        parts.site,
        parts.component,
        parts.component,
        size=spec.size,
        # One pod has it, whatever else the class can do.
        access_mode="ReadWriteOnce",
        **source.claim_fields,
    )


def _mounts() -> dict[str, Mapping[str, Any]]:
    return {
        VOLUME: {"name": "data"},
        FILES: {"name": "config", "readOnly": True},
        SOCKETS: {"name": "tmp", "subPath": "sockets"},
        "/tmp": {"name": "tmp", "subPath": "tmp"},  # noqa: S108 - an emptyDir of the pod
    }


def _prepare(parts: DatabaseParts) -> Container:
    return Container(
        name="prepare",
        image=parts.image,
        command=["sh", f"{FILES}/{PREPARE.name}"],
        resources=Resources(cpu="100m", memory="128Mi", cpu_limit="1", memory_limit="256Mi"),
        env=env({"DATA": DATA, "DATABASE": parts.database, "PASSWORDS": "/administrator/password"}),
        mounts={**_mounts(), "/administrator": {"name": "administrator", "readOnly": True}},
    )


def _server(spec: EmbeddedDatabaseSpec, parts: DatabaseParts) -> Container:
    answers = {"exec": {"command": ["pg_isready", "--quiet", f"--host={SOCKETS}"]}}
    alive = {"tcpSocket": {"port": PORT}}
    return Container(
        name="postgres",
        image=parts.image,
        command=["postgres", "-D", DATA, "-c", f"config_file={FILES}/postgresql.conf"],
        resources=Resources(
            cpu="200m",
            # Its cache and its processes: what it is sure of is what it will use.
            memory=f"{bytes_of(spec.memory) // MIB // 2}Mi",
            cpu_limit=f"{spec.cpu:g}",
            memory_limit=spec.memory,
        ),
        ports={"postgres": PORT},
        mounts={**_mounts(), "/dev/shm": {"name": "shared"}},  # noqa: S108 - memory of the pod
        # After a crash the log of the last minutes is worked through before anybody is let in.
        startup={**alive, "periodSeconds": 1, "failureThreshold": 1800, "timeoutSeconds": 3},
        readiness={**answers, "periodSeconds": 5, "timeoutSeconds": 5},
        liveness={**alive, "periodSeconds": 10, "failureThreshold": 6, "timeoutSeconds": 5},
        # On SIGTERM the server would wait for every client to go by itself.
        before_stop=["pg_ctl", "stop", "-D", DATA, "--mode=fast", "--wait", "--timeout=90"],
    )


def workload(spec: EmbeddedDatabaseSpec, parts: DatabaseParts) -> Manifest:
    """Return the StatefulSet: never two servers on one volume."""
    volumes: list[Manifest] = [
        {"name": "data", "persistentVolumeClaim": {"claimName": parts.component}},
        {"name": "config", "configMap": {"name": configuration(spec, parts)["metadata"]["name"]}},
        {
            "name": "administrator",
            "secret": {"secretName": parts.secret, "items": [{"key": "password", "path": "password"}]},
        },
        {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
        {"name": "shared", "emptyDir": {"medium": "Memory", "sizeLimit": f"{shared_memory(spec)}Mi"}},
    ]
    pod = Pod(
        containers=[_server(spec, parts)],
        init_containers=[_prepare(parts)],
        volumes=volumes,
        priority_class=parts.priority_class,
        grace_seconds=120,
    )
    return stateful_set(parts.site, parts.component, pod)


def others(parts: DatabaseParts, callers: Sequence[str]) -> dict[str, Manifest]:
    """Return the objects that no pod waits for, by kind.

    Parameters
    ----------
    callers
        Components that may connect.
    """
    return {
        "service": service(parts.site, parts.component, {"postgres": PORT}),
        "policy": policy(
            parts.site,
            parts.component,
            ingress=[ingress(pods(parts.site, *callers), PORT)],
        ),
    }
