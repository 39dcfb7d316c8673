"""Making a database on an empty volume, with the real programs of PostgreSQL."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.database.manifests import PREPARE
from tests.support.database import ACCOUNT, programs

pytestmark = pytest.mark.cluster  # needs root, and the programs that `make test` installs for it


@pytest.fixture
def volume() -> Iterator[Path]:
    # Not below pytest's own folder, which is closed to the server's account.
    folder = Path("/tmp/science-platform-test-volume")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "password").write_text("only-for-tests")
    for path in (folder, folder / "password"):
        shutil.chown(path, ACCOUNT, ACCOUNT)
    yield folder
    shutil.rmtree(folder)


def prepare(volume: Path) -> subprocess.CompletedProcess[str]:
    values = {"DATA": volume / "db", "DATABASE": "catalogue-1", "PASSWORDS": volume / "password"}
    environment = [f"{name}={value}" for name, value in values.items()]
    script = volume / "prepare.sh"
    shutil.copy(PREPARE, script)
    script.chmod(0o644)
    return subprocess.run(
        [
            "runuser",
            "-u",
            ACCOUNT,
            "--",
            "env",
            *environment,
            f"PATH={programs()}:{os.defpath}",
            "sh",
            script,
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=volume,
    )


def databases(volume: Path) -> str:
    command = [programs() / "postgres", "--single", "-D", volume / "db", "postgres"]
    query = "SELECT datname FROM pg_database\n"
    return subprocess.run(
        ["runuser", "-u", ACCOUNT, "--", *command],
        input=query,
        check=True,
        capture_output=True,
        text=True,
        cwd=volume,
    ).stdout


def test_an_empty_volume_gets_a_database_and_keeps_it(volume: Path):
    assert prepare(volume).returncode == 0
    made = (volume / "db/PG_VERSION").stat()
    assert '"catalogue-1"' in databases(volume)

    # As a server leaves it that was killed.
    (volume / "db/postmaster.pid").write_text("1\n")
    assert prepare(volume).returncode == 0
    assert (volume / "db/PG_VERSION").stat() == made
    assert not (volume / "db/postmaster.pid").exists()


def test_what_is_half_made_is_made_anew(volume: Path):
    (volume / "db.new").mkdir()
    (volume / "db.new/PG_VERSION").write_text("17\n")
    shutil.chown(volume / "db.new", ACCOUNT, ACCOUNT)
    assert prepare(volume).returncode == 0
    assert '"catalogue-1"' in databases(volume)
    assert not (volume / "db.new").exists()


def test_the_volume_of_another_version_is_left_alone(volume: Path):
    (volume / "db").mkdir()
    (volume / "db/PG_VERSION").write_text("9\n")
    done = prepare(volume)
    assert done.returncode == 1
    assert "the volume holds a database of PostgreSQL 9, and this is" in done.stderr
    assert [path.name for path in (volume / "db").iterdir()] == ["PG_VERSION"]
