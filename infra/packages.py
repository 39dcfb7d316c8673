"""Debian packages that something needs on this machine, installed where they are missing."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from infra.progress import Progress

Needed = Mapping[str, str]
"""Package, and the file that shows it is there, whoever put it there."""


class PackagesError(Exception):
    """Packages are missing and could not be installed; the text names them and says what to do."""


def missing(needed: Needed, root: Path = Path("/")) -> list[str]:
    """Return the packages whose files are not there."""
    return [package for package, file in needed.items() if not (root / file.lstrip("/")).exists()]


def install(needed: Needed, progress: Progress, *, root: Path = Path("/")) -> None:
    """Install what is missing with apt-get, and say so; quick where nothing is.

    Raises
    ------
    PackagesError
        When there is no apt-get, or it fails.
    """
    packages = missing(needed, root)
    if not packages:
        return
    wanted = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise PackagesError(
            f"missing: {wanted} (Debian's names). There is no apt-get here: install them with this system's own "
            "package manager, so that these files exist: "
            + ", ".join(needed[package] for package in packages)
        )
    with progress.step(f"installing Debian packages: {wanted}", 30):
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            _apt_get(arguments, wanted)


def _apt_get(arguments: list[str], wanted: str) -> None:
    done = subprocess.run(
        ["apt-get", "--quiet", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise PackagesError(
            f"`apt-get {arguments[0]}` failed:\n{tail}\nInstall these packages as root, then try again: {wanted}"
        )
