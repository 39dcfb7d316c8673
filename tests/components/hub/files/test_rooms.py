"""What a user's server mounts is what the gateways let the same user enter: both are held to one table."""

import json
from typing import Any

import pytest

import site_document
from infra.paths import ROOT
from server_folders import DATA, HOME, PROJECTS, folder_traits
from user_names import is_username

TABLE: dict[str, Any] = json.loads((ROOT / "services/rooms/testdata/rooms.json").read_text())


@pytest.fixture
def tables_site(document: dict[str, Any]) -> site_document.Site:
    document["collections"] = {
        name: {"claim": f"data-{name}", **{key: each[key] for key in ("groups", "readWrite")}}
        for name, each in TABLE["document"]["data"].items()
    }
    document["projects"] = {"claim": "projects", "spaces": TABLE["document"]["spaces"]}
    return site_document.parse(document)


def rooms(traits: dict[str, Any]) -> dict[str, str]:
    """Return a pod's mounts in the words of the table: path at the door to access and folder."""
    found = {}
    for mount in traits["volume_mounts"]:
        path = "/home" if mount["mountPath"] == HOME else mount["mountPath"]
        if path == "/home" or path.startswith((f"{PROJECTS}/", f"{DATA}/")):
            # Who may change a collection does so in a server; gateways let everyone read.
            access = "ro" if mount.get("readOnly") or path.startswith(f"{DATA}/") else "rw"
            found[path] = f"{access} {mount.get('subPath', '')}".strip()
    return found


@pytest.mark.parametrize("row", TABLE["rooms"], ids=lambda row: f"{row['user']}-{len(row['groups'])}")
def test_servers_mount_the_rooms_of_the_table(tables_site, row):
    assert rooms(folder_traits(tables_site, row["user"], set(row["groups"]))) == row["rooms"]


@pytest.mark.parametrize("name", TABLE["names"])
def test_names_are_possible_as_the_table_says(name):
    assert is_username(name) == TABLE["names"][name]
