"""TAP's Kubernetes objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.database.handle import Database
from components.edge.doors import Door
from components.objects import (
    Container,
    Manifest,
    Pod,
    Resources,
    claim,
    config_map,
    deployment,
    env,
    http_probe,
    secret_env,
    service,
)
from components.policies import DNS, Peer, ingress, policy
from components.tap.settings import FILES, PORT, ROOT, SECRETS, STATE, files
from components.tap.spec import TapSpec
from infra.cluster import VolumeSource

TAP = "tap"
RESULTS = "tap-results"
ROLES = "tap-database-roles"
PROGRAMS = Path(__file__).parent / "files"
AVAILABILITY = "/tap/availability"

DATABASE_ROLES = {"feed": "gavoadmin", "trustedquery": "gavo", "untrustedquery": "untrusted"}
"""DaCHS's profiles and the roles behind them: who loads data, who serves, and who runs people's queries."""


@dataclass(frozen=True, kw_only=True)
class TapParts:
    """What TAP's manifests are made of beside the spec.

    Parameters
    ----------
    site, title
        Name of the site, and as people read it.
    url
        What people open, without a path.
    image
        Reference of the image that has DaCHS.
    database
        Where tables are kept.
    priority_class
        Of the service's pod.
    """

    site: str
    title: str
    url: str
    image: str
    database: Database
    priority_class: str


def door(spec: TapSpec, site_host: str) -> Door:
    """Return TAP's door: a host of its own, since DaCHS cannot live below a path."""
    return Door(
        name=TAP,
        title="Catalogues",
        description="Tables by the Virtual Observatory's protocols (TAP, cone search)",
        service=TAP,
        port=PORT,
        pods=TAP,
        host=spec.host or f"tap.{site_host}",
        compress=True,
    )


def profile(role: str, password: str) -> str:
    """Return a database profile as DaCHS reads it; what all have in common is in ``dsn``."""
    return f"include dsn\nuser = {role}\npassword = {password}\n"


def configuration(spec: TapSpec, parts: TapParts) -> Manifest:
    """Return the ConfigMap of DaCHS's settings and of the programs around it."""
    programs = {path.name: path.read_text() for path in sorted(PROGRAMS.glob("*.py"))}
    return config_map(parts.site, TAP, TAP, {**files(spec, parts.title, parts.url), **programs})


def results_claim(spec: TapSpec, parts: TapParts, source: VolumeSource) -> Manifest:
    """Return the claim of the volume that results of asynchronous queries wait on."""
    return claim(
        parts.site,
        TAP,
        RESULTS,
        size=spec.results,
        # One pod has it, whatever else the class can do.
        access_mode="ReadWriteOnce",
        **source.claim_fields,
    )


ENVIRONMENT = {"GAVOSETTINGS": f"{FILES}/gavo.rc", "HOME": "/tmp", "PYTHONUNBUFFERED": "1"}  # noqa: S108 - an emptyDir


def mounts() -> dict[str, Mapping[str, Any]]:
    """Return where a container that uses DaCHS finds what: by path."""
    return {
        ROOT: {"name": "root"},
        FILES: {"name": "config", "readOnly": True},
        SECRETS: {"name": "roles", "readOnly": True},
        "/tmp": {"name": "tmp"},  # noqa: S108 - an emptyDir of the pod
    }


def volumes(spec: TapSpec, parts: TapParts) -> list[Manifest]:
    """Return the volumes behind `mounts`."""
    return [
        {"name": "root", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "config", "configMap": {"name": configuration(spec, parts)["metadata"]["name"]}},
        {"name": "roles", "secret": {"secretName": ROLES}},
        # Uploads and results on their way.
        {"name": "tmp", "emptyDir": {"sizeLimit": "4Gi"}},
    ]


def prepare(parts: TapParts, *arguments: str) -> Container:
    """Return the container that makes DaCHS's folders and tables ready, and alone has the administrator's address."""
    return Container(
        name="prepare",
        image=parts.image,
        command=["python3", f"{FILES}/prepare.py", *arguments],
        resources=Resources(cpu="200m", memory="256Mi", cpu_limit="2", memory_limit="512Mi"),
        env=[*env(ENVIRONMENT), *secret_env({"DATABASE_URL": (parts.database.secret, "url")})],
        mounts=mounts(),
    )


def workload(spec: TapSpec, parts: TapParts) -> Manifest:
    """Return the Deployment: one pod, since results lie on a volume of its own."""
    server = Container(
        name=TAP,
        image=parts.image,
        command=["python3", f"{FILES}/serve.py"],
        resources=Resources(cpu="100m", memory="512Mi", cpu_limit=f"{spec.cpu:g}", memory_limit=spec.memory),
        ports={"http": PORT},
        env=env(ENVIRONMENT),
        mounts={**mounts(), STATE: {"name": "results"}},
        startup=http_probe(PORT, AVAILABILITY, periodSeconds=1, failureThreshold=180, timeoutSeconds=5),
        readiness=http_probe(PORT, AVAILABILITY, periodSeconds=5, failureThreshold=3, timeoutSeconds=10),
        # One that is busy answers late, and must not be killed for it.
        liveness=http_probe(PORT, AVAILABILITY, periodSeconds=20, failureThreshold=6, timeoutSeconds=15),
    )
    pod = Pod(
        containers=[server],
        init_containers=[prepare(parts)],
        volumes=[
            *volumes(spec, parts),
            {"name": "results", "persistentVolumeClaim": {"claimName": RESULTS}},
        ],
        priority_class=parts.priority_class,
    )
    return deployment(parts.site, TAP, pod, recreate=True)


def others(parts: TapParts, callers: Sequence[Peer]) -> dict[str, Manifest]:
    """Return the objects that no pod waits for, by kind.

    Parameters
    ----------
    callers
        Pods that may ask.
    """
    return {
        "service": service(parts.site, TAP, {"http": PORT}),
        "policy": policy(
            parts.site,
            TAP,
            ingress=[ingress(callers, PORT)],
            # A table that comes with a query may be at any address: none but these are reached.
            egress=[DNS, *parts.database.egress],
        ),
    }
