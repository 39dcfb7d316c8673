"""Holding folders to limits, on file systems of the kernel's own: skipped where it has no project quotas."""

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.storage.files import keep_quotas
from components.storage.files.keep_quotas import CannotHoldError, attributes, hold, hold_cephfs, main, refusal
from infra.paths import ROOT

MI = 2**20
MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-F", "-O", "project,quota", "-E", "quotatype=prjquota"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
}
LIMITS = {"homes": {"default": 10 * MI, "limits": {"bob": 50 * MI}}}


@pytest.fixture(params=MAKE)
def homes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Give a folder of homes on a file system that is mounted with project quotas."""
    image, place = tmp_path / "image", tmp_path / "mounted"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(400 * MI)
    try:
        subprocess.run([*MAKE[request.param], str(image)], check=True, capture_output=True)
        mount = ["mount", "-o", "loop,prjquota", str(image), str(place)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this machine does not mount {request.param} with project quotas: {error}")
    try:
        for name in ("alice", "bob"):
            (place / "homes" / name).mkdir(parents=True)
        if not hold(LIMITS, {"homes": str(place / "homes")})[1]:
            pytest.skip(f"this kernel has no project quotas on {request.param}")
        yield place / "homes"
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(path: Path, size: int) -> int:
    """Write a file as large as it is allowed to be, up to ``size``; return its size."""
    # Root's right to go beyond limits apart; XFS says of a full project what it says of a full file system.
    copy = ["dd", "if=/dev/urandom", f"of={path}", "bs=1M", f"count={size // MI}"]
    subprocess.run(["setpriv", "--bounding-set=-sys_resource", *copy], check=False, capture_output=True)
    return path.stat().st_size


def test_who_is_over_the_limit_is_stopped_and_others_are_not(homes: Path):
    assert 9 * MI < fill(homes / "alice" / "large", 30 * MI) <= 10 * MI
    assert fill(homes / "bob" / "large", 30 * MI) == 30 * MI


def test_a_folder_s_size_is_its_limit(homes: Path):
    sizes = {path.name: os.statvfs(path) for path in homes.iterdir()}
    assert {name: size.f_blocks * size.f_frsize for name, size in sizes.items()} == {
        "alice": 10 * MI,
        "bob": 50 * MI,
    }


def test_what_is_held_is_left_alone_and_another_limit_is_set(homes: Path):
    again, _ = hold(LIMITS, {"homes": str(homes)})
    more, _ = hold({"homes": {"default": 20 * MI, "limits": {}}}, {"homes": str(homes)})
    assert [lines[0].partition(", ")[2] for lines in (again, more)] == [
        "0 limits changed",
        "2 limits changed",
    ]


def test_what_was_there_before_counts_and_links_are_not_followed(homes: Path):
    deep = homes / "eve" / "deep" / "er"
    deep.mkdir(parents=True)
    fill(deep / "old", 5 * MI)
    (homes / "eve" / "link").symlink_to(homes / "bob")
    os.mkfifo(homes / "eve" / "pipe")
    hold(LIMITS, {"homes": str(homes)})
    assert fill(homes / "eve" / "new", 30 * MI) < 6 * MI
    assert fill(homes / "bob" / "large", 30 * MI) == 30 * MI


def test_a_new_folder_is_held_to_the_default_until_the_next_run(homes: Path):
    (homes / "newcomer").mkdir()
    assert fill(homes / "newcomer" / "large", 30 * MI) <= 10 * MI
    assert hold(LIMITS, {"homes": str(homes)})[0][0].endswith("1 limits changed")


def test_no_two_folders_are_one_project(homes: Path):
    (homes / "newcomer").mkdir()
    hold(LIMITS, {"homes": str(homes)})
    found = []
    for path in [homes, *homes.iterdir()]:
        folder = os.open(path, os.O_RDONLY)
        found.append(attributes(folder)[1])
        os.close(folder)
    assert len(set(found)) == len(found)
    assert min(found) >= keep_quotas.FIRST_PROJECT


def test_where_there_are_no_quotas_it_is_said_what_to_do(tmp_path: Path):
    (line,), well = hold(LIMITS, {"homes": str(tmp_path)})
    assert (line.startswith("homes: NOT HELD: "), well) == (True, False)


def test_nfs_is_sent_to_its_server_and_others_are_told_what_would_do():
    assert refusal(keep_quotas.NFS) == (
        "this is NFS, mounted from elsewhere: run this on the server that exports it"
    )
    assert refusal(0x01021994) == (
        "no quotas of folders are known of this file system (0x1021994); ext4, XFS and CephFS have them"
    )


def test_a_volume_without_limits_is_not_held(tmp_path: Path):
    assert hold({}, {"homes": str(tmp_path)}) == (
        ["homes: NOT HELD: no limits are given for a volume of this name"],
        False,
    )


def test_folders_on_cephfs_get_an_attribute_where_it_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("alice", "bob"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("alice")
    kept: dict[int, bytes] = {}

    def get(folder: int, name: str) -> bytes:
        assert name == "ceph.quota.max_bytes"
        if os.fstat(folder).st_ino not in kept:
            raise OSError(errno.ENODATA, "no data")
        return kept[os.fstat(folder).st_ino]

    monkeypatch.setattr(keep_quotas.os, "getxattr", get)
    monkeypatch.setattr(
        keep_quotas.os, "setxattr", lambda folder, _, value: kept.update({os.fstat(folder).st_ino: value})
    )
    volume = os.open(tmp_path, os.O_RDONLY)
    try:
        assert hold_cephfs(volume, LIMITS["homes"]) == (2, 2)
        assert hold_cephfs(volume, LIMITS["homes"]) == (0, 2)
    finally:
        os.close(volume)
    assert sorted(kept.values()) == [str(10 * MI).encode(), str(50 * MI).encode()]


@pytest.mark.parametrize("arguments", [[], ["limits.json"], ["limits.json", "/export/homes"]])
def test_how_it_is_used_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    assert capsys.readouterr().err == "usage: keep_quotas.py LIMITS.json NAME=FOLDER ...\n"


def test_it_runs_by_itself_with_nothing_of_the_project(tmp_path: Path):
    (tmp_path / "limits.json").write_text(json.dumps({}))
    program = ROOT / "components/storage/files/keep_quotas.py"
    command = ["python3", "-I", str(program), "limits.json", f"homes={tmp_path}"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.startswith("homes: NOT HELD")) == (1, True)


def test_a_tree_that_is_moved_meanwhile_is_not_followed_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "home" / "a" / "b").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    opened = tmp_path / "home" / "a" / "b"
    top = os.open(tmp_path / "home", os.O_RDONLY)
    monkeypatch.setattr(keep_quotas, "_assign_one", _entering(opened, tmp_path / "elsewhere"))
    try:
        with pytest.raises(CannotHoldError, match="moved"):
            keep_quotas.assign_below(top, 1)
    finally:
        os.close(top)


def _entering(moved: Path, into: Path):  # noqa: ANN202 - a double of the function it stands for
    """Return what enters every folder, and moves one away as soon as it has been entered."""

    def enter(folder: int, name: str, _project: int, _device: int) -> int | None:
        entered = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        if name == moved.name:
            moved.rename(into / name)
        return entered

    return enter
