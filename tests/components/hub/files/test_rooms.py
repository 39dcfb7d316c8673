"""What a user's server mounts is what the gateways let the same user enter: both are held to one table."""

import json
from typing import Any

import pytest

import site_document
from infra.paths import ROOT
from server_folders import HOME, PROJECTS, folder_traits
from user_names import is_username

TABLE: dict[str, Any] = json.loads((ROOT / "services/rooms/testdata/rooms.json").read_text())


@pytest.fixture
def tables_site(document: dict[str, Any]) -> site_document.Site:
    document["projects"] = {"claim": "projects", "spaces": TABLE["document"]["spaces"]}
    return site_document.parse(document)


def rooms(traits: dict[str, Any]) -> dict[str, str]:
    """Return a pod's mounts in the words of the table: path at the door to access and folder."""
    places = {HOME: "/home"}
    return {
        places.get(mount["mountPath"], mount["mountPath"]): f"{'ro' if mount.get('readOnly') else 'rw'} "
        f"{mount['subPath']}"
        for mount in traits["volume_mounts"]
        if mount["mountPath"] == HOME or mount["mountPath"].startswith(f"{PROJECTS}/")
    }


@pytest.mark.parametrize("row", TABLE["rooms"], ids=lambda row: f"{row['user']}-{len(row['groups'])}")
def test_servers_mount_the_rooms_of_the_table(tables_site, row):
    assert rooms(folder_traits(tables_site, row["user"], set(row["groups"]))) == row["rooms"]


@pytest.mark.parametrize("name", TABLE["names"])
def test_names_are_possible_as_the_table_says(name):
    assert is_username(name) == TABLE["names"][name]
