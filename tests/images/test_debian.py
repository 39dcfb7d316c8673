"""Debian packages: lists, locks, drift, and what a root file system says of itself."""

import os
import platform
from pathlib import Path

import pytest

from images import debian
from infra.progress import Progress

STATUS = """\
Package: tini
Status: install ok installed
Version: 0.19.0-3+b8
Description: tiny but valid init
 for containers
 Version: of the description, not a field

Package: bash
Version: 5.2.37-2+b10
"""


def test_sources_are_the_release_its_updates_and_security_fixes():
    assert debian.sources() == (
        "deb http://deb.debian.org/debian trixie main\n"
        "deb http://deb.debian.org/debian trixie-updates main\n"
        "deb http://deb.debian.org/debian-security trixie-security main\n"
    )


def test_a_list_of_packages_may_have_comments(tmp_path: Path):
    (tmp_path / "packages.in").write_text("# why\ntini\n\nlibatomic1  # for Node\n")
    assert debian.read_list(tmp_path / "packages.in") == ("tini", "libatomic1")


def test_a_lock_is_read_as_it_is_written(tmp_path: Path):
    installed = {"tini": "0.19.0-3+b8", "bash": "5.2.37-2+b10"}
    (tmp_path / "packages.lock").write_text(debian.lock_text(installed))
    assert debian.read_lock(tmp_path / "packages.lock") == installed
    assert (tmp_path / "packages.lock").read_text().splitlines()[1:] == [
        "bash 5.2.37-2+b10",
        "tini 0.19.0-3+b8",
    ]


def test_drift_names_what_changed_came_and_went():
    locked = {"bash": "5.2-1", "gone": "1", "same": "3"}
    installed = {"bash": "5.2-2", "new": "2", "same": "3"}
    assert debian.drift(locked, installed) == ("bash 5.2-1 → 5.2-2", "gone 1 → (none)", "new (none) → 2")
    assert debian.drift(installed, installed) == ()


def test_versions_come_from_dpkg_and_from_unpacked_packages(tmp_path: Path):
    (tmp_path / "var/lib/dpkg/status.d").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(STATUS)
    (tmp_path / "var/lib/dpkg/status.d/busybox-static").write_text(
        "Package: busybox-static\nVersion: 1:1.37.0-6\n"
    )
    assert debian.versions(tmp_path) == {
        "bash": "5.2.37-2+b10",
        "busybox-static": "1:1.37.0-6",
        "tini": "0.19.0-3+b8",
    }


def test_cleaning_empties_caches_and_logs_but_keeps_their_folders(tmp_path: Path):
    for name in (
        "var/log/dpkg.log",
        "var/log/apt/history.log",
        "var/lib/dpkg/status-old",
        "etc/passwd-",
        "etc/passwd",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    debian.clean(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "etc", "etc/passwd", "var", "var/lib", "var/lib/dpkg", "var/log",
    ]  # fmt: skip


def test_another_machine_is_told_to_build_on_linux(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    with pytest.raises(debian.DebianError, match="Linux x86-64 only"):
        debian.require_host(Progress())


def test_without_root_the_error_says_sudo(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(debian.DebianError, match="sudo"):
        debian.require_host(Progress())
