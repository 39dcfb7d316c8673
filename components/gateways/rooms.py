"""What gateways are told of a site's rooms: one JSON document, read by ``services/rooms``.

Who may enter which room is the hub's rule for mounts (``components/hub/files/server_folders.py``); both are held to
the examples of ``services/rooms/testdata/rooms.json``.
"""

import json
from typing import Any

from components.objects import Manifest, config_map
from components.storage.volumes import Volumes

VOLUMES = "/volumes"
"""Where gateways mount whole claims."""

ROOMS_FOLDER = "/etc/rooms"
ROOMS_FILE = "rooms.json"

CACHE_SECONDS = 30
"""How long a gateway takes an answer of the hub for true: a revoked token opens a door no longer than this."""


def rooms_document(site: str, title: str, volumes: Volumes, hub: str) -> dict[str, Any]:
    """Return the document.

    Parameters
    ----------
    hub
        URL of the hub's API, without a final slash.
    """
    spaces = {name: space.model_dump(mode="json", by_alias=True) for name, space in volumes.spaces.items()}
    return {
        "site": site,
        "title": title,
        "hub": hub,
        "cacheSeconds": CACHE_SECONDS,
        "homes": f"{VOLUMES}/homes",
        "projects": f"{VOLUMES}/projects" if volumes.projects else "",
        "spaces": spaces if volumes.projects else {},
        "data": {
            name: {
                "title": each.title,
                "path": f"{VOLUMES}/data/{name}",
                "groups": list(each.groups),
                "readWrite": list(each.read_write),
            }
            for name, each in volumes.collections.items()
        },
    }


def rooms_config(site: str, component: str, document: dict[str, Any]) -> Manifest:
    """Return the ConfigMap of the document, for one gateway."""
    text = json.dumps(document, indent=1, sort_keys=True)
    return config_map(site, component, f"{component}-rooms", {ROOMS_FILE: text})


def rooms_volumes(volumes: Volumes) -> tuple[list[Manifest], dict[str, Manifest]]:
    """Return a gateway pod's volumes of the rooms, and the mounts by path."""
    claims = {"homes": volumes.homes, **({"projects": volumes.projects} if volumes.projects else {})}
    mounted: list[Manifest] = [
        {"name": name, "persistentVolumeClaim": {"claimName": claim}} for name, claim in claims.items()
    ]
    mounts: dict[str, Manifest] = {f"{VOLUMES}/{name}": {"name": name} for name in claims}
    for name, collection in volumes.collections.items():
        source = {"claimName": collection.claim, "readOnly": True}
        mounted.append({"name": f"data-{name}", "persistentVolumeClaim": source})
        mounts[f"{VOLUMES}/data/{name}"] = {"name": f"data-{name}", "readOnly": True}
    return mounted, mounts
