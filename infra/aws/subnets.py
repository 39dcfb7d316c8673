"""How a VPC's addresses are shared out: pure arithmetic.

A quarter of the VPC for the nodes and pods of each zone, and the last quarter, in quarters again, for what has public
addresses. A zone's part depends on its place alone: another zone at the end changes nothing of those before it.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

PARTS = 4
MOST_ZONES = PARTS - 1
LONGEST_PREFIX = 22
"""The smallest VPC: its public subnets have the /26 that load balancers and gateways need room in."""


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The networks of one zone.

    Parameters
    ----------
    zone
        Availability zone.
    private
        Network of nodes and pods.
    public
        Network of gateways and load balancers.
    """

    zone: str
    private: str
    public: str


def subnet_plan(cidr: str, zones: Sequence[str]) -> list[ZoneSubnets]:
    """Return the networks of each zone, in the order of the zones.

    Raises
    ------
    ValueError
        If there are more than three zones, or the VPC is too small.
    """
    vpc = ipaddress.IPv4Network(cidr)
    if len(zones) > MOST_ZONES:
        raise ValueError(f"at most {MOST_ZONES} zones have a part of the network")
    if vpc.prefixlen > LONGEST_PREFIX:
        raise ValueError(f"is too small: a /{LONGEST_PREFIX} at least")
    *private, last = vpc.subnets(prefixlen_diff=2)
    public = list(last.subnets(prefixlen_diff=2))
    return [
        ZoneSubnets(zone=zone, private=str(private[place]), public=str(public[place]))
        for place, zone in enumerate(zones)
    ]
