"""Scratch is cleaned by age: the CronJob that does it."""

from pathlib import Path

from components.cron_jobs import cron_job
from components.objects import Container, Manifest, Pod, Resources, config_map
from components.policies import policy
from components.storage.spec import ScratchSpec
from infra.fields import seconds_of

CLEANER = "scratch-cleaner"

_SCRIPT = Path(__file__).parent / "files" / "clean.sh"
_HOUR = 3600
_AT_NIGHT = "17 3 * * *"
_TIME_LIMIT = 6 * _HOUR


def script(site: str) -> Manifest:
    """Return the ConfigMap of the script."""
    return config_map(site, CLEANER, CLEANER, {_SCRIPT.name: _SCRIPT.read_text()})


def cleaner(site: str, spec: ScratchSpec, *, claim: str, image: str) -> Manifest:
    """Return the CronJob that removes files which nobody has read or changed for as long as the site says.

    Parameters
    ----------
    claim
        Claim with one folder per user.
    image
        Full reference of the base image.
    """
    container = Container(
        name=CLEANER,
        image=image,
        command=["sh", f"/scripts/{_SCRIPT.name}", "/scratch", str(seconds_of(spec.clean_after) // _HOUR)],
        resources=Resources(cpu="50m", memory="64Mi", cpu_limit="1", memory_limit="256Mi"),
        mounts={"/scratch": {"name": "scratch"}, "/scripts": {"name": "scripts", "readOnly": True}},
    )
    pod = Pod(
        containers=[container],
        volumes=[
            {"name": "scratch", "persistentVolumeClaim": {"claimName": claim}},
            {"name": "scripts", "configMap": {"name": script(site)["metadata"]["name"]}},
        ],
        restart_policy="Never",
    )
    return cron_job(site, CLEANER, pod, schedule=_AT_NIGHT, time_zone="Etc/UTC", time_limit=_TIME_LIMIT)


def cleaner_policy(site: str) -> Manifest:
    """Return the policy of the cleaner: it talks to nobody."""
    return policy(site, CLEANER)
