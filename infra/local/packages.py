"""The Debian packages a node needs, installed where they are missing."""

import os
import shutil
import subprocess
from pathlib import Path

from infra.local.errors import LocalClusterError
from infra.progress import Progress

CNI_PLUGINS = Path("/usr/lib/cni")

NEEDED = {
    "containernetworking-plugins": "/usr/lib/cni/ptp",
    "nftables": "/usr/sbin/nft",
    "conntrack": "/usr/sbin/conntrack",
    "iproute2": "/usr/bin/ip",
    "socat": "/usr/bin/socat",
    "util-linux": "/usr/bin/unshare",
    "mount": "/usr/bin/mount",
    # To build runc, which links libseccomp.
    "gcc": "/usr/bin/gcc",
    "libc6-dev": "/usr/include/stdlib.h",
    "pkgconf": "/usr/bin/pkg-config",
    "libseccomp-dev": "/usr/include/seccomp.h",
}
"""Package, and the file that shows it is there, whoever put it there."""


def missing(root: Path = Path("/")) -> list[str]:
    """Return the packages whose files are not there."""
    return [package for package, file in NEEDED.items() if not (root / file.lstrip("/")).exists()]


def install(progress: Progress) -> None:
    """Install what is missing with apt-get.

    Raises
    ------
    LocalClusterError
        When apt-get is not there or fails; the text names the packages.
    """
    packages = missing()
    if not packages:
        return
    wanted = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise LocalClusterError(
            f"missing: {wanted} (Debian's names). There is no apt-get here: install them with this system's own "
            "package manager, so that these files exist: "
            + ", ".join(NEEDED[package] for package in packages)
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
        raise LocalClusterError(
            f"`apt-get {arguments[0]}` failed:\n{tail}\nInstall these packages yourself, then try again: {wanted}"
        )
