"""Which folders a user's pod mounts, and how they are made."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from server_folders import LINK_FOLDERS, MAKE_FOLDERS, Room, folder_traits, rooms
from user_names import UnusableNameError


def test_the_rooms_of_a_member_of_several_groups(site):
    assert list(rooms(site, "alice", {"galaxies", "students"})) == [
        Room(path="/home/jovyan", volume="homes", claim="homes", folder="alice", mode="0700"),
        Room(
            path="/projects/archive",
            volume="projects",
            claim="projects",
            folder="archive",
            mode="2770",
            access="ro",
        ),
        Room(path="/projects/survey", volume="projects", claim="projects", folder="survey", mode="2770"),
        Room(path="/scratch", volume="scratch", claim="scratch", folder="alice", mode="0700"),
        Room(path="/data/embargoed", volume="data-embargoed", claim="data-embargoed", access="ro"),
        Room(path="/data/sky", volume="data-sky", claim="data-sky", access="ro"),
        Room(path="/software", volume="software", claim="software"),
    ]


def test_who_is_in_no_group_has_what_is_open_to_everyone(site):
    assert [room.path for room in rooms(site, "bob", set())] == [
        "/home/jovyan",
        "/scratch",
        "/data/sky",
        "/software",
    ]


def test_a_curator_changes_a_collection_that_others_read(site):
    access = {room.path: room.access for room in rooms(site, "eve", {"curators"})}
    assert access["/data/sky"] == "rw"


def test_a_site_with_homes_alone_mounts_nothing_else(site):
    bare = replace(site, projects_claim=None, spaces=(), scratch_claim=None, software=None, collections=())
    assert folder_traits(bare, "bob", {"galaxies"}) == {
        "lifecycle_hooks": {},
        "volumes": [
            {"name": "homes", "persistentVolumeClaim": {"claimName": "homes"}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
        ],
        "volume_mounts": [
            {"name": "homes", "mountPath": "/home/jovyan", "subPath": "bob"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
        "init_containers": folder_traits(bare, "bob", set())["init_containers"],
    }


def test_the_container_that_makes_folders_sees_no_collection_and_no_software(site):
    (container,) = folder_traits(site, "alice", {"galaxies"})["init_containers"]
    assert [mount["name"] for mount in container["volumeMounts"]] == ["homes", "projects", "scratch"]


def test_a_name_that_is_no_folder_has_no_rooms(site):
    with pytest.raises(UnusableNameError):
        list(rooms(site, "../bob", set()))


def make(*folders):
    modes_and_paths = [str(part) for folder in folders for part in folder]
    subprocess.run(["sh", "-ceu", MAKE_FOLDERS, "folders", *modes_and_paths], check=True, umask=0o077)


def test_folders_are_made_with_their_modes_whatever_the_umask(tmp_path):
    home, space = tmp_path / "alice.smith@example.org", tmp_path / "survey"
    make(("0700", home), ("2770", space))
    assert [oct(folder.stat().st_mode & 0o7777) for folder in (home, space)] == ["0o700", "0o2770"]


def test_folders_that_are_there_keep_their_modes_and_files(tmp_path):
    home = tmp_path / "alice"
    home.mkdir(mode=0o755)
    (home / "work.ipynb").write_text("{}")
    make(("0700", home))
    make(("0700", home))
    assert (oct(home.stat().st_mode & 0o7777), (home / "work.ipynb").read_text()) == ("0o755", "{}")


def test_a_name_is_never_read_as_an_option_or_a_command(tmp_path):
    strange = tmp_path / "--mode=0777 $(touch pwned)"
    make(("0700", strange))
    assert [entry.name for entry in tmp_path.iterdir()] == [strange.name]


def link(home, *folders):
    command = ["sh", "-c", LINK_FOLDERS, "links", *folders]
    subprocess.run(command, check=True, env={"HOME": str(home), "PATH": os.defpath})


def test_what_a_file_browser_should_show_is_linked_into_the_home_once(tmp_path):
    link(tmp_path, "projects", "data")
    link(tmp_path, "projects", "data")
    assert {entry.name: entry.readlink() for entry in tmp_path.iterdir()} == {
        "projects": Path("/projects"),
        "data": Path("/data"),
    }


def test_a_folder_of_that_name_stays_as_it_is(tmp_path):
    (tmp_path / "projects").mkdir()
    link(tmp_path, "projects")
    assert ((tmp_path / "projects").is_symlink(), list((tmp_path / "projects").iterdir())) == (False, [])
