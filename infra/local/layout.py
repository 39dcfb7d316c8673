"""Names and places of one local cluster: everything is scoped by the cluster's name or its number."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from infra.local.errors import LocalClusterError
from infra.paths import state_dir

DEFAULT_NAME = "science"
"""The cluster that is meant where none is named."""

POD_NETWORK = IPv4Network("10.244.0.0/16")
SERVICE_NETWORK = IPv4Network("10.96.0.0/16")
DNS_ADDRESS = SERVICE_NETWORK[10]
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
"""Seen from inside the node, whose ``/run`` is its own."""

_POOL = IPv4Network("10.254.0.0/16")
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")


def checked_name(name: str) -> str:
    """Return ``name`` if it can name a cluster: it becomes part of paths, cgroups and a host name."""
    if not _NAME.fullmatch(name):
        raise LocalClusterError(
            f"{name!r} cannot name a cluster: use 1 to 30 of a-z, 0-9 and -, starting with a letter, "
            "not ending with -."
        )
    return name


@dataclass(frozen=True)
class Link:
    """The veth pair that joins a node to the host: subnet ``10.254.<number>.0/30``."""

    number: int

    @property
    def subnet(self) -> IPv4Network:
        """The pair's subnet."""
        return IPv4Network((int(_POOL[self.number * 256]), 30))

    @property
    def host_address(self) -> IPv4Address:
        """The host's end."""
        return self.subnet[1]

    @property
    def node_address(self) -> IPv4Address:
        """The node's end: API server, NodePorts, and services started with ``exec``."""
        return self.subnet[2]

    @property
    def host_interface(self) -> str:
        """The host end's name; Linux allows 15 characters, so the number stands for the cluster's name."""
        return f"scilocal{self.number}"


def free_link(taken: set[int], routed: list[IPv4Network]) -> Link:
    """Return the lowest link that no cluster has and no route of the host overlaps.

    Parameters
    ----------
    taken
        Numbers of the links of all clusters of this machine.
    routed
        Destinations in the host's routing table, default route left out.

    Raises
    ------
    LocalClusterError
        When all 256 are in use.
    """
    for number in range(256):
        link = Link(number)
        if number not in taken and not any(link.subnet.overlaps(network) for network in routed):
            return link
    raise LocalClusterError(
        "no subnet of 10.254.0.0/16 is free for the cluster: `ip route` shows what uses them; "
        "`python -m infra.local down` removes clusters that are no longer needed."
    )


@dataclass(frozen=True)
class Layout:
    """Where one cluster keeps what on the host, all below its state folder."""

    name: str

    @classmethod
    def all(cls) -> list["Layout"]:
        """Return the layouts of every cluster that has state on this machine, running or not."""
        return [cls(record.parent.name) for record in sorted(clusters_dir().glob("*/cluster.json"))]

    @property
    def root(self) -> Path:
        """The cluster's state folder; ``down`` removes it."""
        return clusters_dir() / self.name

    @property
    def context(self) -> str:
        """The name of the kubeconfig's one context."""
        return f"science-local-{self.name}"

    @property
    def record(self) -> Path:
        """The link's number and the process, as JSON."""
        return self.root / "cluster.json"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, mode 0600."""
        return self.root / "kubeconfig"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.root / "pki"

    @property
    def config(self) -> Path:
        """Rendered configuration of the components."""
        return self.root / "config"

    @property
    def components(self) -> Path:
        """One JSON file per supervised process."""
        return self.root / "components"

    @property
    def logs(self) -> Path:
        """One log per supervised process."""
        return self.root / "logs"

    @property
    def volumes(self) -> Path:
        """What persistent volume claims hold."""
        return self.root / "volumes"

    def data(self, component: str) -> Path:
        """Return the folder of what ``component`` keeps."""
        return self.root / "data" / component

    @property
    def cgroup(self) -> str:
        """The cluster's control group, below the root of every hierarchy."""
        return f"science-local-{self.name}"


def clusters_dir() -> Path:
    """Return the folder that holds one folder per cluster."""
    return state_dir() / "clusters"
