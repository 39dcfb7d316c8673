"""What is used is counted: the Deployment that does it."""

import json
from pathlib import Path

from components.objects import Container, Manifest, Pod, Resources, config_map, deployment, http_probe
from components.policies import ingress, policy
from components.storage.limits import amounts
from components.storage.spec import StorageSpec, UsageSpec
from components.storage.volumes import Volumes
from infra.fields import seconds_of

USAGE = "usage"
PORT = 9180

_PROGRAM = Path(__file__).parent / "files" / "count_usage.py"
_MONITORING = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}


def configuration(site: str, storage: StorageSpec, spec: UsageSpec) -> Manifest:
    """Return the ConfigMap of the program and its settings."""
    settings = {
        "every": seconds_of(spec.every),
        "limits": amounts(storage.quotas) if storage.quotas else {},
    }
    files = {_PROGRAM.name: _PROGRAM.read_text(), "usage.json": json.dumps(settings, sort_keys=True)}
    return config_map(site, USAGE, USAGE, files)


def counter(site: str, config: Manifest, volumes: Volumes, *, image: str) -> Manifest:
    """Return the Deployment that counts; it can read everything and change nothing.

    Parameters
    ----------
    image
        Full reference of the base image.
    """
    claims = {"homes": volumes.homes, "projects": volumes.projects, "scratch": volumes.scratch}
    there = {volume: claim for volume, claim in claims.items() if claim is not None}
    container = Container(
        name=USAGE,
        image=image,
        command=["python3", f"/etc/usage/{_PROGRAM.name}"],
        resources=Resources(cpu="50m", memory="64Mi", cpu_limit="500m", memory_limit="512Mi"),
        ports={"metrics": PORT},
        mounts={
            "/etc/usage": {"name": "config", "readOnly": True},
            **{f"/volumes/{volume}": {"name": volume, "readOnly": True} for volume in there},
        },
        readiness=http_probe(PORT, "/health", periodSeconds=5),
        liveness=http_probe(PORT, "/health", periodSeconds=30, failureThreshold=6),
    )
    pod = Pod(
        containers=[container],
        volumes=[
            {"name": "config", "configMap": {"name": config["metadata"]["name"]}},
            *({"name": name, "persistentVolumeClaim": {"claimName": claim}} for name, claim in there.items()),
        ],
    )
    return deployment(site, USAGE, pod, recreate=True)


def counter_policy(site: str) -> Manifest:
    """Return the policy of the counter: Prometheus reads it, and it talks to nobody."""
    return policy(site, USAGE, ingress=[ingress([_MONITORING], PORT)])
