"""What the cleaning of scratch removes and what it leaves, among users who would rather it removed something else.

Nobody can set when a file was last changed, so here the time after which it goes is none, and what is to stay was
read in the future.
"""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from infra.paths import ROOT

SCRIPT = ROOT / "components/storage/files/clean.sh"
MINUTE, DAY = 60, 86400
AS_USER = (
    "setpriv",
    "--reuid=1000",
    "--regid=1000",
    "--clear-groups",
    "--no-new-privs",
    "--bounding-set=-all",
)

root = pytest.mark.skipif(os.getuid() != 0, reason="makes files of the user that servers run as")


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch" / "alice"
    folder.mkdir(parents=True)
    return folder


def clean(alice: Path, *, hours: int = 0, prefix: tuple[str, ...] = ()) -> str:
    """Return what the cleaning says of what it removed."""
    command = [*prefix, "sh", str(SCRIPT), str(alice.parent), str(hours)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.partition(", unused for")[0]


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def read_at(path: Path, seconds: float) -> None:
    """Say that a file was last read so many seconds from now."""
    now = time.time()
    os.utime(path, (now + seconds, now))


def test_what_was_changed_within_the_time_stays(alice: Path):
    (alice / "old-by-name.fits").write_text("x")
    os.utime(alice / "old-by-name.fits", (0, 0))
    assert clean(alice, hours=1) == "removed 0 files and 0 empty folders"
    assert names(alice) == ["old-by-name.fits"]


def test_what_is_old_goes_with_its_folder_and_the_user_s_own_folder_stays(alice: Path):
    (alice / "run" / "1").mkdir(parents=True)
    (alice / "run" / "1" / "image.fits").write_text("x")
    (alice / "new\nline").write_text("x")
    (alice / "link").symlink_to("run")
    assert clean(alice) == "removed 3 files and 2 empty folders"
    assert (names(alice), alice.is_dir()) == ([], True)


def test_what_was_read_within_the_time_stays(alice: Path):
    (alice / "in-use").mkdir()
    (alice / "in-use" / "table").write_text("x")
    read_at(alice / "in-use" / "table", MINUTE)
    assert clean(alice) == "removed 0 files and 0 empty folders"
    assert names(alice) == ["in-use", "in-use/table"]


def test_a_reading_that_is_yet_to_come_keeps_nothing(alice: Path):
    (alice / "for-ever").write_text("x")
    read_at(alice / "for-ever", 3650 * DAY)
    assert clean(alice) == "removed 1 files and 0 empty folders"


def test_what_a_link_leads_to_is_left(alice: Path, tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis").write_text("x")
    (alice / "folder").symlink_to(home)
    (alice / "file").symlink_to(home / "thesis")
    assert clean(alice) == "removed 2 files and 0 empty folders"
    assert names(home) == ["thesis"]


def test_a_folder_deeper_than_any_path_is_long_is_removed(alice: Path):
    here = os.open(alice, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("d" * 20, dir_fd=here)
        below = os.open("d" * 20, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    assert clean(alice) == "removed 0 files and 2000 empty folders"


def test_a_folder_swapped_for_a_link_leads_to_no_one_else(alice: Path, tmp_path: Path):
    home, stop = tmp_path / "home", Event()
    (home / "x").mkdir(parents=True)
    (home / "x" / "thesis").write_text("x")

    def swap() -> None:
        trap, away = alice / "trap", alice / "away"
        (trap / "x").mkdir(parents=True, exist_ok=True)
        (trap / "x" / "thesis").write_text("bait")
        trap.rename(away)
        trap.symlink_to(home)
        trap.unlink()
        shutil.rmtree(away, ignore_errors=True)

    def until_stopped() -> None:
        while not stop.is_set():
            # The cleaning takes things away at every step of this.
            with suppress(OSError):
                swap()
            with suppress(OSError):
                (alice / "trap").unlink()

    attacker = Thread(target=until_stopped)
    attacker.start()
    try:
        for _ in range(60):
            clean(alice)
            assert (home / "x" / "thesis").exists()
    finally:
        stop.set()
        attacker.join()


@root
def test_a_folder_that_is_closed_to_its_owner_hides_nothing(alice: Path):
    help_text = subprocess.run(["chmod", "--help"], check=True, capture_output=True, text=True).stdout
    if "--no-dereference" not in help_text:
        pytest.skip("chmod of the platform's images has --no-dereference, this machine's has not")
    (alice / "closed").mkdir()
    (alice / "closed" / "hoard").write_text("x")
    (alice / "closed").chmod(0)
    for path in (alice.parent, alice, alice / "closed", alice / "closed" / "hoard"):
        os.chown(path, 1000, 1000)
    for path in alice.parents:
        path.chmod(path.stat().st_mode | 0o055)
    assert clean(alice, prefix=AS_USER) == "removed 1 files and 1 empty folders"


@root
def test_what_cannot_be_removed_is_said_and_hinders_nothing_else(alice: Path):
    (alice / "root").mkdir()
    (alice / "root" / "file").write_text("x")
    (alice / "mine").write_text("x")
    for path in (alice.parent, alice, alice / "mine"):
        os.chown(path, 1000, 1000)
    for path in alice.parents:
        path.chmod(path.stat().st_mode | 0o055)
    assert clean(alice, prefix=AS_USER) == "removed 1 files and 0 empty folders, not all of them"
    assert names(alice) == ["root", "root/file"]
