"""A restore drill: a file, a home, then everything onto a site that is new."""

import hashlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from infra.paths import ROOT
from tests.support.site import CommandError, DeployedSite

pytestmark = pytest.mark.cluster

ENVIRONMENT = {"SCIENCE_PLATFORM_BACKUP_PASSWORD": "drill"}
EVERYTHING = ("--what", "everything")


def site_file(folder: Path, name: str, port: int) -> Path:
    """Write the file of a disposable site that backs up to a volume."""
    document = yaml.safe_load((ROOT / "stacks/Pulumi.local.yaml").read_text())
    site = document["config"]["science-platform:site"]
    site["edge"] |= {"host": f"{name}.localhost", "nodePort": port}
    site["storage"]["homes"]["keep"] = site["storage"]["projects"]["keep"] = False
    site["backup"] = {"to": {"kind": "volume", "size": "5Gi"}}
    path = folder / f"Pulumi.{name}.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def deployed(folder: Path, name: str, port: int) -> Iterator[DeployedSite]:
    site = DeployedSite(site_file(folder, name, port), ENVIRONMENT)
    try:
        site.up()
        yield site
    finally:
        site.down(everything=True)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSite]:
    yield from deployed(tmp_path_factory.mktemp("old"), "drill-old", 31541)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSite]:
    yield from deployed(tmp_path_factory.mktemp("new"), "drill-new", 31542)


def volume(site: DeployedSite, claim: str) -> Path:
    """Return the folder on this machine that a claim of a local cluster is."""
    found = site.kube.get("v1", "PersistentVolumeClaim", claim, site.namespace)
    assert found is not None
    made = site.kube.get("v1", "PersistentVolume", found["spec"]["volumeName"])
    assert made is not None
    return Path(made["spec"]["hostPath"]["path"])


def plant(homes: Path) -> None:
    """Make a home with everything that a home can hold, as its user would."""
    alice = homes / "alice"
    (alice / "ünï code").mkdir(parents=True)
    (alice / "thesis.txt").write_text("chapter one")
    (alice / "thesis.txt").chmod(0o640)
    (alice / "ünï code" / "[a]*?.txt").write_text("glob")
    (alice / "passwd").symlink_to("/etc/passwd")
    (alice / "bob").symlink_to("../bob")
    os.mkfifo(alice / "pipe")
    with (alice / "sparse").open("wb") as sparse:
        sparse.truncate(2**31)
        sparse.seek(2**30)
        sparse.write(b"in the middle")
    (homes / "bob").mkdir()
    (homes / "bob" / "empty").touch()
    for path in (*homes.rglob("*"),):
        os.chown(path, 1000, 1000, follow_symlinks=False)
        os.utime(path, ns=(10**18 + 1, 10**18 + 123456789), follow_symlinks=False)
    alice.chmod(0o700)


def described(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return what there is of each thing in a folder: mode, time, size, and content or target."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content: object = None
        if stat.S_ISLNK(status.st_mode):
            content = str(path.readlink())
        elif stat.S_ISREG(status.st_mode):
            with path.open("rb") as opened:
                content = hashlib.file_digest(opened, "sha256").hexdigest()
        size = status.st_size if stat.S_ISREG(status.st_mode) else None
        found[str(path.relative_to(folder))] = (oct(status.st_mode), status.st_mtime_ns, size, content)
    return found


def users(site: DeployedSite) -> set[tuple[str, str | None]]:
    """Return who the hub knows, and when they were there last."""
    with closing(sqlite3.connect(volume(site, "hub-state") / "jupyterhub.sqlite")) as opened:
        return set(opened.execute("SELECT name, created FROM users").fetchall())


@pytest.fixture(scope="module")
def planted(old: DeployedSite) -> dict[str, tuple[object, ...]]:
    """Back up a site with work on it, and return what there was."""
    old.client(old.people["alice"]).close()
    plant(volume(old, "homes"))
    before = described(volume(old, "homes"))
    said = old.command("backup").stderr
    assert "thesis" not in said
    return before


def test_a_file_comes_back_where_it_was_and_then_beside_it(
    old: DeployedSite, planted: dict[str, tuple[object, ...]]
):
    alice = volume(old, "homes") / "alice"
    (alice / "thesis.txt").unlink()
    old.command("restore", "--what", "home/alice/thesis.txt")
    assert described(volume(old, "homes"))["alice/thesis.txt"] == planted["alice/thesis.txt"]
    (alice / "thesis.txt").write_text("chapter two")
    said = old.command("restore", "--what", "home/alice/thesis.txt").stdout
    (beside,) = alice.glob("thesis.restored-*.txt")
    assert f"home/alice/{beside.name} (beside what is there)" in said
    assert (beside.read_text(), (alice / "thesis.txt").read_text()) == ("chapter one", "chapter two")


def test_a_home_comes_back_whole(old: DeployedSite, planted: dict[str, tuple[object, ...]]):
    homes = volume(old, "homes")
    shutil.rmtree(homes / "alice")
    old.command("restore", "--what", "home/alice")
    assert described(homes) == planted
    assert (homes / "alice/sparse").stat().st_blocks * 512 < 2**25


def test_a_site_with_data_is_not_restored_over(old: DeployedSite, planted: dict[str, tuple[object, ...]]):
    with pytest.raises(CommandError, match="there is data in homes"):
        old.command("restore", *EVERYTHING)
    assert described(volume(old, "homes")) == planted


def test_everything_comes_back_on_a_new_site(
    old: DeployedSite, new: DeployedSite, planted: dict[str, tuple[object, ...]]
):
    # As a share that both sites have in turn; the list is the first to mount it.
    assert "no snapshot" in new.command("backup", "--list").stdout
    shutil.copytree(volume(old, "backups"), volume(new, "backups"), dirs_exist_ok=True)
    for path in volume(new, "backups").rglob("*"):
        os.chown(path, 1000, 1000)
    said = new.command("restore", *EVERYTHING).stdout
    assert "hub of" in said
    assert described(volume(new, "homes")) == planted
    assert users(old) <= users(new)
    keys = [site.kube.get("v1", "Secret", "hub-keys", site.namespace) for site in (old, new)]
    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0]["data"] == keys[1]["data"]
    with new.client(new.people["alice"]) as alice:
        assert alice.servers() == {}
