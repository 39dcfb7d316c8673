"""The Debian packages that a node needs."""

from pathlib import Path

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
