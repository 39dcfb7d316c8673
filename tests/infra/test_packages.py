"""Debian packages, with an apt-get of the test's own."""

from pathlib import Path

import pytest

from infra import packages
from infra.packages import PackagesError
from infra.progress import Progress

NEEDED = {"socat": "/usr/bin/socat", "conntrack": "/usr/sbin/conntrack"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a file system that has conntrack."""
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "usr/sbin/conntrack").touch()
    return tmp_path


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of an apt-get that is the only one."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    return tmp_path / "apt-get"


def write(apt: Path, script: str) -> None:
    apt.write_text(f"#!/bin/sh\n{script}\n")
    apt.chmod(0o755)


def test_packages_whose_files_are_not_there_are_missing(root: Path):
    assert packages.missing(NEEDED, root) == ["socat"]


def test_where_there_is_no_apt_the_operator_is_told_what_to_bring(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PackagesError) as caught:
        packages.install(NEEDED, Progress(), root=root)
    assert str(caught.value) == (
        "missing: socat (Debian's names). There is no apt-get here: install them with this system's own package "
        "manager, so that these files exist: /usr/bin/socat"
    )


def test_apts_own_complaint_is_passed_on(tmp_path: Path, apt: Path):
    write(apt, "echo 'E: Unable to locate package' >&2\nexit 100")
    with pytest.raises(PackagesError) as caught:
        packages.install(NEEDED, Progress(), root=tmp_path)
    assert str(caught.value) == (
        "`apt-get update` failed:\nE: Unable to locate package\n"
        "Install these packages as root, then try again: socat conntrack"
    )


def test_what_is_missing_is_installed_after_the_lists_are_updated(root: Path, apt: Path):
    calls = root / "calls"
    write(apt, f'echo "$DEBIAN_FRONTEND $*" >> {calls}')
    packages.install(NEEDED, Progress(), root=root)
    assert calls.read_text().splitlines() == [
        "noninteractive --quiet update",
        "noninteractive --quiet install --yes --no-install-recommends socat",
    ]


def test_nothing_is_done_where_nothing_is_missing(root: Path, apt: Path):
    write(apt, "exit 1")
    packages.install({"conntrack": NEEDED["conntrack"]}, Progress(), root=root)
