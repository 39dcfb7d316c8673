"""Homes and project spaces as a component."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.kubernetes import declare, keeping
from components.place import Place
from components.storage.manifests import HOMES, PROJECTS, claims
from components.storage.spec import ProjectSpaceSpec, StorageSpec


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """What other layers know of a site's storage: the names of its claims, and the project spaces.

    Parameters
    ----------
    homes
        Claim with one folder per user.
    projects
        Claim with one folder per project space; None where the site has none.
    spaces
        Project spaces by name.
    """

    homes: str
    projects: str | None
    spaces: Mapping[str, ProjectSpaceSpec]


class Storage(pulumi.ComponentResource):
    """The volumes that people's work is kept on."""

    volumes: Volumes

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: StorageSpec,
        options: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("science-platform:storage:Storage", name, None, options)
        keep = {HOMES: spec.homes.kept(disposable=place.disposable)}
        if spec.projects is not None:
            keep[PROJECTS] = spec.projects.kept(disposable=place.disposable)
        for claim_name, manifest in claims(
            place.site, spec, place.cluster.volumes["homes"], place.cluster.volumes["projects"]
        ).items():
            declare(manifest, name, keeping(place.child_of(self), keep=keep[claim_name]))
        self.volumes = Volumes(
            homes=HOMES,
            projects=PROJECTS if spec.projects else None,
            spaces=spec.projects.spaces if spec.projects else {},
        )
        self.register_outputs({})
