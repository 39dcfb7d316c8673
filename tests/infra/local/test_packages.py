"""Debian packages, with an apt-get of the test's own."""

from pathlib import Path
from typing import Any

import pytest

from infra.local import packages
from infra.local.errors import LocalClusterError
from infra.progress import Progress


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a file system that has all but the last two packages."""
    for file in list(packages.NEEDED.values())[:-2]:
        path = tmp_path / file.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_packages_whose_files_are_not_there_are_missing(root: Path):
    assert packages.missing(root) == ["pkgconf", "libseccomp-dev"]


def test_where_there_is_no_apt_the_operator_is_told_what_to_bring(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packages, "missing", lambda: ["socat"])
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LocalClusterError) as caught:
        packages.install(Progress())
    assert str(caught.value) == (
        "missing: socat (Debian's names). There is no apt-get here: install them with this system's own package "
        "manager, so that these files exist: /usr/bin/socat"
    )


def test_apts_own_complaint_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho 'E: Unable to locate package' >&2\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setattr(packages, "missing", lambda: ["socat", "conntrack"])
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(LocalClusterError) as caught:
        packages.install(Progress())
    assert str(caught.value) == (
        "`apt-get update` failed:\nE: Unable to locate package\n"
        "Install these packages yourself, then try again: socat conntrack"
    )


def test_what_is_missing_is_installed_after_the_lists_are_updated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    apt, calls = tmp_path / "apt-get", tmp_path / "calls"
    apt.write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> {calls}\n')
    apt.chmod(0o755)
    monkeypatch.setattr(packages, "missing", lambda: ["socat"])
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    packages.install(Progress())
    assert calls.read_text().splitlines() == [
        "noninteractive --quiet update",
        "noninteractive --quiet install --yes --no-install-recommends socat",
    ]


def test_nothing_is_done_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch):
    def called(*_: Any) -> None:  # noqa: ANN401 - whatever it is called with is wrong
        raise AssertionError

    monkeypatch.setattr(packages, "missing", list)
    monkeypatch.setattr(packages, "_apt_get", called)
    packages.install(Progress())
