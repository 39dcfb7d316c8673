"""What a user's pod mounts: the user's home and scratch, the project spaces and data of the user's groups, software."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server_access import Access, collection_access, software_access, space_access
from server_security import CONTAINER_SECURITY, GID, UID
from site_document import Site
from user_names import home_folder

HOME = "/home/jovyan"
PROJECTS = "/projects"
SCRATCH = "/scratch"
DATA = "/data"
SOFTWARE = "/software"
TMP = "/tmp"  # noqa: S108 - an emptyDir of the pod's own
TMP_SIZE = "10Gi"
"""Room in /tmp: a full one ends the pod that filled it instead of filling the node under everyone."""

PRIVATE, SHARED = "0700", "2770"
"""Modes of a folder of one user and of one that a group shares."""

MAKE_FOLDERS = """
while [ $# -gt 0 ]; do mkdir -p -m "$1" -- "$2"; shift 2; done
"""
"""Makes folders that are not there yet, each given as mode and path; those that are keep their modes."""

LINK_FOLDERS = 'for folder do ln -sT "/$folder" "$HOME/$folder" 2>/dev/null || true; done'
"""Makes ``~/projects`` and its like, since JupyterLab's file browser shows the home only. The user's own container
does it, which sees nothing of others; what a user has there already stays."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A folder in one user's pod.

    Parameters
    ----------
    path
        Where the user finds it.
    volume, claim
        The pod's volume that it is on, and the claim of that.
    folder
        Its place on the volume; empty for the volume's root.
    mode
        Mode to make it with where it is missing; None where nobody makes it.
    access
        Whether the user may write.
    """

    path: str
    volume: str
    claim: str
    folder: str = ""
    mode: str | None = None
    access: Access = "rw"

    def mount(self) -> dict[str, Any]:
        """Return the container's mount."""
        mount: dict[str, Any] = {"name": self.volume, "mountPath": self.path}
        if self.folder:
            mount["subPath"] = self.folder
        if self.access == "ro":
            mount["readOnly"] = True
        return mount


def rooms(site: Site, username: str, groups: Collection[str]) -> Iterator[Room]:
    """Yield the rooms of a user of these groups.

    Raises
    ------
    UnusableNameError
        The user's name cannot be a folder's.
    """
    own = home_folder(username)
    yield Room(path=HOME, volume="homes", claim=site.homes_claim, folder=own, mode=PRIVATE)
    if site.projects_claim is not None:
        for space in site.spaces:
            access = space_access(space, groups)
            if access is not None:
                yield Room(
                    path=f"{PROJECTS}/{space.name}",
                    volume="projects",
                    claim=site.projects_claim,
                    folder=space.name,
                    mode=SHARED,
                    access=access,
                )
    if site.scratch_claim is not None:
        yield Room(path=SCRATCH, volume="scratch", claim=site.scratch_claim, folder=own, mode=PRIVATE)
    for collection in site.collections:
        access = collection_access(collection, groups)
        if access is not None:
            name = collection.name
            yield Room(path=f"{DATA}/{name}", volume=f"data-{name}", claim=collection.claim, access=access)
    if site.software is not None:
        access = software_access(site.software, groups)
        yield Room(path=SOFTWARE, volume="software", claim=site.software.claim, access=access)


def _init_container(site: Site, made: Sequence[Room]) -> dict[str, Any]:
    """Return the container that makes the folders; it alone sees the volumes' roots, and no user's code."""
    folders = [part for room in made for part in (room.mode, f"/volumes/{room.volume}/{room.folder}")]
    volumes = dict.fromkeys(room.volume for room in made)
    return {
        "name": "folders",
        "image": site.folder_image,
        "imagePullPolicy": "IfNotPresent",
        # Names are arguments, never part of the script.
        "command": ["sh", "-ceu", MAKE_FOLDERS, "folders", *folders],
        "securityContext": {"runAsUser": UID, "runAsGroup": GID, **CONTAINER_SECURITY},
        "resources": {
            "requests": {"cpu": "10m", "memory": "16Mi"},
            "limits": {"cpu": "500m", "memory": "64Mi"},
        },
        "volumeMounts": [{"name": volume, "mountPath": f"/volumes/{volume}"} for volume in volumes],
    }


def _links(mine: Sequence[Room]) -> dict[str, Any]:
    """Return the hook that makes the links in the home; none where there is nothing to link to."""
    linked = [path for path in (PROJECTS, SCRATCH, DATA) if any(room.path.startswith(path) for room in mine)]
    if not linked:
        return {}
    names = [path.removeprefix("/") for path in linked]
    return {"postStart": {"exec": {"command": ["sh", "-c", LINK_FOLDERS, "links", *names]}}}


def folder_traits(site: Site, username: str, groups: Collection[str]) -> dict[str, Any]:
    """Return KubeSpawner's volumes, mounts, init container and lifecycle hooks for one user.

    Raises
    ------
    UnusableNameError
        The user's name cannot be a folder's.
    """
    mine = list(rooms(site, username, groups))
    claims = {room.volume: room.claim for room in mine}
    return {
        "lifecycle_hooks": _links(mine),
        "volumes": [
            *(
                {"name": name, "persistentVolumeClaim": {"claimName": claim}}
                for name, claim in claims.items()
            ),
            {"name": "tmp", "emptyDir": {"sizeLimit": TMP_SIZE}},
        ],
        "volume_mounts": [*(room.mount() for room in mine), {"name": "tmp", "mountPath": TMP}],
        "init_containers": [_init_container(site, [room for room in mine if room.mode is not None])],
    }
