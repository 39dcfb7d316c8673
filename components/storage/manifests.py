"""The claims of homes and project spaces."""

from components.objects import Manifest, claim
from components.storage.spec import StorageSpec, VolumeSpec
from infra.cluster import VolumeSource

COMPONENT = "storage"
HOMES = "homes"
PROJECTS = "projects"


def volume_claim(site: str, name: str, spec: VolumeSpec, source: VolumeSource) -> Manifest:
    """Return the claim of one volume."""
    return claim(
        site,
        COMPONENT,
        name,
        size=spec.size,
        access_mode=source.access_mode,
        **source.claim_fields,
    )


def claims(site: str, spec: StorageSpec, homes: VolumeSource, projects: VolumeSource) -> dict[str, Manifest]:
    """Return the claims of a site by name."""
    result = {HOMES: volume_claim(site, HOMES, spec.homes, homes)}
    if spec.projects is not None:
        result[PROJECTS] = volume_claim(site, PROJECTS, spec.projects, projects)
    return result
