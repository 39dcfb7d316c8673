"""Debian packages in images: bootstrapping, adding and unpacking them, and holding them to a recorded list.

A release's mirror keeps only the newest version of a package, so a list of exact versions cannot be installed for
ever. What is promised instead: ``packages.lock`` records what an image holds, a build says where it differs, and an
image that differs is not pushed. To rebuild an old state, point ``DEBIAN_MIRROR`` and ``DEBIAN_SECURITY_MIRROR`` at
the snapshots (https://snapshot.debian.org) of the day the lock was made.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from images.catalog import SUITE
from images.chroot import run_in
from images.errors import ImageError
from images.oci import EPOCH
from infra import packages as host_packages
from infra.progress import Progress

MIRROR = "http://deb.debian.org/debian"
SECURITY_MIRROR = "http://deb.debian.org/debian-security"
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

_LEFT_OUT = (
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/lintian/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
)
"""dpkg options that stay in the image, so that packages added later are as small."""

_HOST_PACKAGES = {
    "mmdebstrap": "/usr/bin/mmdebstrap",
    "util-linux": "/usr/bin/unshare",
    "debian-archive-keyring": _KEYRING,
}
"""What this machine needs to make Debian root file systems: package, and the file that shows it is there."""

_VOLATILE = (
    "dev/*",
    "run/*",
    "tmp/*",
    "etc/*-",
    "etc/.pwd.lock",
    "var/cache/apt/*",
    "var/cache/debconf/*-old",
    "var/cache/ldconfig/*",
    "var/lib/apt/lists/*",
    "var/lib/dpkg/*-old",
    "var/lib/dpkg/lock*",
    "var/lib/systemd/*",
    "var/log/*",
)
"""What differs from one build to the next and is of no use in a container."""


class DebianError(ImageError):
    """Debian packages cannot be had here; the text says why and what to do."""


def sources(mirror: str = MIRROR, security: str = SECURITY_MIRROR) -> str:
    """Return apt's sources of the release with its updates and security fixes."""
    return (
        f"deb {mirror} {SUITE} main\n"
        f"deb {mirror} {SUITE}-updates main\n"
        f"deb {security} {SUITE}-security main\n"
    )


def _host_sources() -> str:
    return sources(
        os.environ.get("DEBIAN_MIRROR", MIRROR), os.environ.get("DEBIAN_SECURITY_MIRROR", SECURITY_MIRROR)
    )


def require_host(progress: Progress) -> None:
    """Make sure that this machine can make Debian root file systems; install ``mmdebstrap`` where it is missing.

    Raises
    ------
    DebianError
        It cannot, and why.
    infra.packages.PackagesError
        Something is missing and could not be installed.
    """
    if platform.machine() != "x86_64" or platform.system() != "Linux":
        raise DebianError("Images are built on Linux x86-64 only; build and push them from such a machine.")
    if os.geteuid() != 0:
        raise DebianError("Building Debian root file systems needs root: run the same command with sudo.")
    host_packages.install(_HOST_PACKAGES, progress)


def _run(command: Sequence[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "SOURCE_DATE_EPOCH": str(EPOCH)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise DebianError(f"{command[0]} failed:\n{tail}")


def _mmdebstrap(root: Path, packages: Sequence[str], *options: str) -> None:
    # Its mounts live in a namespace of their own, so an interrupted build leaves none behind.
    _run(
        [
            *("unshare", "--mount", "--fork", "--kill-child", "--propagation", "private"),
            *("mmdebstrap", "--mode=root", "--format=directory", f"--keyring={_KEYRING}"),
            *("--aptopt=Acquire::Check-Valid-Until false", f"--include={','.join(packages)}"),
            *options,
            *(SUITE, str(root), *_host_sources().splitlines()),
        ]
    )


def bootstrap(root: Path, packages: Sequence[str]) -> None:
    """Make a minimal Debian in the new folder ``root``, with the given packages and without documentation."""
    _mmdebstrap(root, packages, "--variant=minbase", *(f"--dpkgopt={option}" for option in _LEFT_OUT))
    (root / "etc/apt/sources.list").write_text(sources())
    (root / "etc/apt/apt.conf.d/99mmdebstrap").unlink(missing_ok=True)
    for name in ("resolv.conf", "hostname", "hosts"):
        # A runtime mounts its own over these; without them a read-only root has no place to mount on.
        (root / "etc" / name).write_text("")
        (root / "etc" / name).chmod(0o644)
    _add_user(root)
    # What packages compiled themselves depends on the version of mmdebstrap.
    for compiled in list(root.glob("usr/**/__pycache__")):
        shutil.rmtree(compiled)
    compile_python(root, "/usr/lib/python3.13", "/usr/lib/python3")
    clean(root)


def _add_user(root: Path) -> None:
    # Nobody logs in, so there is no password to keep in /etc/shadow.
    with (root / "etc/passwd").open("a") as passwd, (root / "etc/group").open("a") as group:
        passwd.write("jovyan:x:1000:1000::/home/jovyan:/bin/bash\n")
        group.write("jovyan:x:1000:\n")
    home = root / "home/jovyan"
    home.mkdir()
    home.chmod(0o755)
    os.chown(home, 1000, 1000)


def compile_python(root: Path, *folders: str, python: str = "/usr/bin/python3") -> None:
    """Compile Python modules so that their files' times do not matter: a layer's times are all the same."""
    # A folder with test data that is bad Python on purpose makes compileall report failure; what matters compiles.
    skip = r"/(lib2to3/tests/data|test)/"
    run_in(
        root,
        [
            python,
            "-m",
            "compileall",
            "-q",
            "-f",
            "-x",
            skip,
            "--invalidation-mode",
            "unchecked-hash",
            *folders,
        ],
    )


def install(root: Path, packages: Sequence[str]) -> None:
    """Add packages to the Debian in ``root``, with apt of that Debian itself."""
    lists = root.parent / "sources.list"
    lists.write_text(_host_sources())
    options = (
        "-qq",
        "-o",
        "Dir::Etc::SourceList=/tmp/sources.list",
        "-o",
        "Acquire::Check-Valid-Until=false",
    )
    binds = {"/tmp/sources.list": lists}  # noqa: S108 - inside the chroot, a file system of its own
    run_in(root, ["apt-get", *options, "update"], binds=binds)
    run_in(
        root,
        ["apt-get", *options, "install", "--no-install-recommends", "--no-upgrade", "-y", *packages],
        binds=binds,
        env={"DEBIAN_FRONTEND": "noninteractive"},
    )
    clean(root)


def extract(root: Path, packages: Sequence[str]) -> None:
    """Unpack packages into the new folder ``root`` without installing them; their control data is kept beside.

    The control data goes to ``var/lib/dpkg/status.d``, where image scanners look for it.
    """
    unpacked = root.parent / f"{root.name}.unpacked"
    _mmdebstrap(
        unpacked,
        packages,
        "--variant=extract",
        "--skip=essential/unlink,download/empty,cleanup/apt,cleanup/reproducible",
    )
    status = root / "var/lib/dpkg/status.d"
    status.mkdir(parents=True)
    for archive in sorted((unpacked / "var/cache/apt/archives").glob("*.deb")):
        fields = subprocess.run(
            ["dpkg-deb", "-f", archive], check=True, capture_output=True, text=True
        ).stdout
        (status / archive.name.partition("_")[0]).write_text(fields)
    shutil.move(unpacked / "usr", root / "usr")
    shutil.rmtree(unpacked)
    for folder in ("man", "info", "locale", "lintian", "bug", "initramfs-tools"):
        shutil.rmtree(root / "usr/share" / folder, ignore_errors=True)
    for path in sorted((root / "usr/share/doc").rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif not path.is_dir() and path.name != "copyright":
            path.unlink()


def clean(root: Path) -> None:
    """Remove what differs from build to build; folders themselves stay."""
    for pattern in _VOLATILE:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def stanzas(root: Path) -> Iterator[dict[str, str]]:
    """Yield the control fields of each package in ``root``, installed or unpacked."""
    database = root / "var/lib/dpkg"
    files = [*(database.glob("status")), *sorted(database.glob("status.d/*"))]
    for file in files:
        for stanza in file.read_text().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line)
            if "Package" in fields:
                yield fields


def versions(root: Path) -> dict[str, str]:
    """Return the version of each package in ``root``, by name."""
    return dict(sorted((fields["Package"], fields["Version"]) for fields in stanzas(root)))


def read_list(file: Path) -> tuple[str, ...]:
    """Return the lines of a list of packages, without comments."""
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    return tuple(line for line in lines if line)


def read_lock(file: Path) -> dict[str, str]:
    """Return the versions that ``packages.lock`` records, by name."""
    pairs = (line.split(" ") for line in read_list(file))
    return {name: version for name, version in pairs}  # noqa: C416 - a line without a version is an error


def lock_text(installed: dict[str, str]) -> str:
    """Return the text of a ``packages.lock``."""
    lines = (f"{name} {version}\n" for name, version in sorted(installed.items()))
    return "# What the image holds, written by `python -m images lock`.\n" + "".join(lines)


def drift(locked: dict[str, str], installed: dict[str, str]) -> tuple[str, ...]:
    """Return where the installed packages differ from the recorded ones, one line each."""
    return tuple(
        f"{name} {locked.get(name, '(none)')} → {installed.get(name, '(none)')}"
        for name in sorted({*locked, *installed})
        if locked.get(name) != installed.get(name)
    )
