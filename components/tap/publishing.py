"""The Jobs that publish catalogues: one each, and another when its section or what it runs with changes."""

import json
from collections.abc import Mapping

from components.objects import Container, Manifest, Pod, Resources, config_map, content_hash, env, metadata
from components.policies import DNS, policy
from components.storage.volumes import Collection
from components.tap.manifests import ENVIRONMENT, TapParts, mounts, prepare, volumes
from components.tap.settings import FILES
from components.tap.spec import TapSpec

PUBLISHER = "tap-publisher"
PYTHON = "/opt/tap/bin/python"
RETRIES = 1
"""A bad file stays bad, but a node may go away."""


def _plain(name: str) -> str:
    """Return a catalogue's name as a part of an object's."""
    return name.replace("_", "-").strip("-")


def configuration(spec: TapSpec, parts: TapParts, name: str) -> Manifest:
    """Return the ConfigMap of one catalogue; not the service's, which a new catalogue would roll."""
    said = {name: spec.catalogues[name].model_dump(mode="json")}
    files = {"catalogues.json": json.dumps(said, indent=1)}
    return config_map(parts.site, PUBLISHER, f"{PUBLISHER}-{_plain(name)}", files)


def job(spec: TapSpec, parts: TapParts, name: str, collections: Mapping[str, Collection]) -> Manifest:
    """Return the Job that publishes one catalogue; its pod stays, so that its log can be read."""
    catalogue = spec.catalogues[name]
    config = configuration(spec, parts, name)["metadata"]["name"]
    publisher = Container(
        name="publish",
        image=parts.image,
        command=[PYTHON, f"{FILES}/publish.py", name],
        resources=Resources(cpu="200m", memory="512Mi", cpu_limit="2", memory_limit=spec.publishing_memory),
        env=env(ENVIRONMENT),
        mounts={
            **mounts(),
            "/etc/catalogues": {"name": "catalogues", "readOnly": True},
            f"/data/{catalogue.collection}": {"name": "data", "readOnly": True},
        },
    )
    claim = {"claimName": collections[catalogue.collection].claim, "readOnly": True}
    pod = Pod(
        containers=[publisher],
        init_containers=[prepare(parts, "folders")],
        volumes=[
            *volumes(spec, parts),
            {"name": "catalogues", "configMap": {"name": config}},
            {"name": "data", "persistentVolumeClaim": claim},
        ],
        restart_policy="Never",
    )
    template = pod.template(parts.site, PUBLISHER)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        # A Job never changes: what would change it makes another.
        "metadata": metadata(parts.site, PUBLISHER, f"tap-publish-{_plain(name)}-{content_hash(template)}"),
        "spec": {"backoffLimit": RETRIES, "template": template},
    }


def publisher_policy(parts: TapParts) -> Manifest:
    """Return the policy of the Jobs' pods: the database, and nothing else."""
    return policy(parts.site, PUBLISHER, egress=[DNS, *parts.database.egress])
