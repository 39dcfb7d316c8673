"""Which folders a user's pod mounts, and how they are made."""

import os
import subprocess
from pathlib import Path

from server_folders import LINK_PROJECTS, MAKE_FOLDERS, SpaceMount, folder_traits, space_mounts


def test_who_may_write_by_one_group_and_read_by_another_may_write(site):
    assert space_mounts(site.spaces, {"students", "galaxies"}) == [
        SpaceMount(name="archive", read_only=True),
        SpaceMount(name="survey", read_only=False),
    ]


def test_readers_only_read(site):
    assert space_mounts(site.spaces, {"students"}) == [SpaceMount(name="survey", read_only=True)]


def test_who_is_in_no_group_does_not_mount_the_projects_volume(site):
    assert folder_traits(site, "bob", set())["volumes"] == [
        {"name": "homes", "persistentVolumeClaim": {"claimName": "homes"}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
    ]


def make(*folders):
    subprocess.run(["sh", "-ceu", MAKE_FOLDERS, "folders", *map(str, folders)], check=True, umask=0o077)


def test_folders_are_made_with_their_modes_whatever_the_umask(tmp_path):
    home, space = tmp_path / "alice.smith@example.org", tmp_path / "survey"
    make(home, space)
    assert [oct(folder.stat().st_mode & 0o7777) for folder in (home, space)] == ["0o700", "0o2770"]


def test_folders_that_are_there_keep_their_modes_and_files(tmp_path):
    home = tmp_path / "alice"
    home.mkdir(mode=0o755)
    (home / "work.ipynb").write_text("{}")
    make(home)
    make(home)
    assert (oct(home.stat().st_mode & 0o7777), (home / "work.ipynb").read_text()) == ("0o755", "{}")


def test_a_name_is_never_read_as_an_option_or_a_command(tmp_path):
    strange = tmp_path / "--mode=0777 $(touch pwned)"
    make(strange)
    assert [entry.name for entry in tmp_path.iterdir()] == [strange.name]


def link(home):
    subprocess.run(["sh", "-c", LINK_PROJECTS], check=True, env={"HOME": str(home), "PATH": os.defpath})


def test_project_spaces_are_linked_into_the_home_once(tmp_path):
    link(tmp_path)
    link(tmp_path)
    assert {entry.name: entry.readlink() for entry in tmp_path.iterdir()} == {"projects": Path("/projects")}


def test_a_folder_of_that_name_stays_as_it_is(tmp_path):
    (tmp_path / "projects").mkdir()
    link(tmp_path)
    assert ((tmp_path / "projects").is_symlink(), list((tmp_path / "projects").iterdir())) == (False, [])
