"""What a user's pod mounts: the user's home, the project spaces of the user's groups, room for temporary files."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from server_security import CONTAINER_SECURITY, GID, UID
from site_document import ProjectSpace, Site
from user_names import home_folder

HOME = "/home/jovyan"
PROJECTS = "/projects"
TMP = "/tmp"  # noqa: S108 - an emptyDir of the pod's own
TMP_SIZE = "10Gi"
"""Room in /tmp: a full one ends the pod that filled it instead of filling the node under everyone."""

MAKE_FOLDERS = """
mkdir -p -m 0700 -- "$1"
shift
for space do mkdir -p -m 2770 -- "$space"; done
"""
"""Makes a home and project spaces that are not there yet; those that are keep their modes."""


LINK_PROJECTS = f'ln -sT {PROJECTS} "$HOME/projects" 2>/dev/null || true'
"""Makes ``~/projects``, since JupyterLab's file browser shows the home only. The user's own container does it, which
sees nothing of others; what a user has there already stays."""


@dataclass(frozen=True, kw_only=True)
class SpaceMount:
    """A project space in one user's pod."""

    name: str
    read_only: bool


def space_mounts(spaces: Collection[ProjectSpace], groups: Collection[str]) -> list[SpaceMount]:
    """Return the project spaces that a member of these groups sees; who may write anyhow may write."""
    mounts = []
    for space in spaces:
        if not space.read_write.isdisjoint(groups):
            mounts.append(SpaceMount(name=space.name, read_only=False))
        elif not space.read_only.isdisjoint(groups):
            mounts.append(SpaceMount(name=space.name, read_only=True))
    return mounts


def _claim(name: str, claim: str) -> dict[str, Any]:
    return {"name": name, "persistentVolumeClaim": {"claimName": claim}}


def _init_container(site: Site, folders: list[str], mounts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the container that makes the folders; it alone sees the volumes' roots, and no user's code."""
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
        "volumeMounts": mounts,
    }


def folder_traits(site: Site, username: str, groups: Collection[str]) -> dict[str, Any]:
    """Return KubeSpawner's volumes, mounts, init container and lifecycle hooks for one user.

    Raises
    ------
    UnusableNameError
        The user's name cannot be a folder's.
    """
    home = home_folder(username)
    spaces = space_mounts(site.spaces, groups)
    volumes = [_claim("homes", site.homes_claim), {"name": "tmp", "emptyDir": {"sizeLimit": TMP_SIZE}}]
    mounts: list[dict[str, Any]] = [
        {"name": "homes", "mountPath": HOME, "subPath": home},
        {"name": "tmp", "mountPath": TMP},
    ]
    roots = [{"name": "homes", "mountPath": "/volumes/homes"}]
    folders = [f"/volumes/homes/{home}"]
    if spaces and site.projects_claim is not None:
        volumes.append(_claim("projects", site.projects_claim))
        roots.append({"name": "projects", "mountPath": "/volumes/projects"})
    for space in spaces:
        folders.append(f"/volumes/projects/{space.name}")
        mounts.append(
            {
                "name": "projects",
                "mountPath": f"{PROJECTS}/{space.name}",
                "subPath": space.name,
                "readOnly": space.read_only,
            }
        )
    link = {"postStart": {"exec": {"command": ["sh", "-c", LINK_PROJECTS]}}} if spaces else {}
    return {
        "lifecycle_hooks": link,
        "volumes": volumes,
        "volume_mounts": mounts,
        "init_containers": [_init_container(site, folders, roots)],
    }
