"""Running a command inside a root file system, so that what it makes fits that system and not this machine."""

import os
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from images.errors import ImageError
from images.oci import EPOCH

_CA_BUNDLE = "/tmp/host-ca.pem"  # noqa: S108 - inside the chroot, a file system of its own
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")

# $1 is the root, $2 the number of binds, then source and target of each, then the command. All mounts are in a
# namespace of their own and go with it.
_SCRIPT = """
set -e
umask 022
root=$1; binds=$2; shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom; do
    touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"; mkdir -m 1777 "$root/dev/shm"
while [ "$binds" -gt 0 ]; do
    target="$root$2"
    if [ -d "$1" ]; then mkdir -p "$target"; else mkdir -p "${target%/*}"; [ -e "$target" ] || : > "$target"; fi
    mount --bind "$1" "$target"
    binds=$((binds - 1)); shift 2
done
exec chroot "$root" "$@"
"""


class ChrootError(ImageError):
    """A command inside a root file system failed; the text holds the end of what it printed."""


def ca_bundle() -> Path | None:
    """Return this machine's bundle of certificate authorities, which may hold one that the image lacks."""
    place = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    return Path(place) if place and Path(place).is_file() else None


def run_in(
    root: Path,
    command: Sequence[str],
    *,
    binds: Mapping[str, Path] | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a command as root inside ``root``, with this machine's network, and return what it printed.

    ``/proc``, ``/dev`` and ``/tmp`` are fresh; ``binds`` are files and folders of this machine, by their path inside.

    Raises
    ------
    ChrootError
        The command failed, or this machine does not allow mounts.
    """
    mounts = {"/etc/resolv.conf": Path("/etc/resolv.conf"), **(binds or {})}
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/tmp",  # noqa: S108 - as above
        "LANG": "C.UTF-8",
        "SOURCE_DATE_EPOCH": str(EPOCH),
        **{name: os.environ[name] for name in _PROXIES if name in os.environ},
        **(env or {}),
    }
    if bundle := ca_bundle():
        mounts[_CA_BUNDLE] = bundle.resolve()
        environment["SSL_CERT_FILE"] = _CA_BUNDLE
    pairs = [text for inside, outside in mounts.items() for text in (str(outside.resolve()), inside)]
    done = subprocess.run(
        [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"),
            *("sh", "-c", _SCRIPT, "chroot", str(root), str(len(mounts)), *pairs, *command),
        ],
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-20:])
        raise ChrootError(f"{command[0]} failed in {root} (exit status {done.returncode}):\n{tail}")
    return done.stdout
