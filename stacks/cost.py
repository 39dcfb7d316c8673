"""What a site costs a month, from its own prices: pure arithmetic on the site file.

A month has 730 hours. A pool that may grow costs between its least and its most; storage costs what it may hold.
"""

from dataclasses import dataclass
from typing import Any

from infra.fields import bytes_of
from infra.prices import PricesSpec
from stacks.site import Site

HOURS = 730
TERABYTE = 10**12


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """The machines of one pool.

    Parameters
    ----------
    machine
        Flavor or instance type.
    least, most
        How many there are.
    cores, gpus
        What one has for pods.
    """

    machine: str
    least: int
    most: int
    cores: float = 0
    gpus: int = 0

    def hourly(self, prices: PricesSpec) -> float:
        """Return the price of one machine for an hour."""
        if self.machine in prices.machines:
            return prices.machines[self.machine]
        return self.cores * prices.core_hour + self.gpus * prices.gpu_hour


def pools_of(site: Site) -> dict[str, Nodes]:
    """Return the machines that the stack makes, by pool; the platform's own come first."""
    cluster = site.cluster
    if cluster.kind == "openstack":
        kubernetes = cluster.kubernetes
        return {
            "control plane": Nodes(
                machine=kubernetes.control_plane_flavor,
                least=kubernetes.control_plane_nodes,
                most=kubernetes.control_plane_nodes,
            ),
            "platform": Nodes(machine=kubernetes.flavor, least=kubernetes.nodes, most=kubernetes.nodes),
            **{
                name: Nodes(
                    machine=pool.flavor,
                    least=pool.nodes,
                    most=pool.maximum or pool.nodes,
                    cores=pool.cpu,
                    gpus=pool.gpus,
                )
                for name, pool in cluster.node_pools.items()
            },
        }
    if cluster.kind == "aws":
        kubernetes = cluster.kubernetes
        return {
            "platform": Nodes(
                machine=kubernetes.instance_types[0], least=kubernetes.nodes, most=kubernetes.nodes
            ),
            **{
                name: Nodes(
                    machine=pool.instance_types[0],
                    least=pool.minimum,
                    most=pool.maximum,
                    cores=pool.cpu,
                    gpus=pool.gpus,
                )
                for name, pool in cluster.node_pools.items()
            },
        }
    return {}


def unpriced(site: Site) -> list[str]:
    """Return the machines that a site's prices say nothing of."""
    prices = site.prices
    if prices is None:
        return []
    return sorted({nodes.machine for nodes in pools_of(site).values() if not nodes.hourly(prices)})


def to_table(cost: dict[str, Any]) -> str:
    """Return an estimate as a table for people."""
    rows = [(f"pool {name}", found["least"], found["most"]) for name, found in cost["pools"].items()]
    rows += [(f"storage {name}", found, found) for name, found in cost["storage"].items()]
    rows += [(name, found, found) for name, found in cost["fixed"].items()]
    rows += [("a month", cost["month"]["least"], cost["month"]["most"])]
    width = max(len(name) for name, _, _ in rows)
    lines = [f"{cost['currency']} a month, by the prices of {cost['asOf']}"]
    lines += [f"  {name:<{width}}  {least:>10,}  to {most:>10,}" for name, least, most in rows]
    servers = ", ".join(f"{name} {price:g}" for name, price in cost["servers"].items())
    return "\n".join([*lines, f"  an hour of a server, at its limits: {servers}"])


def estimate(site: Site) -> dict[str, Any] | None:
    """Return what a site costs as its outputs have it, amounts in whole units; None where it has no prices.

    ``servers`` is what an hour of each profile costs, in hundredths, at its limits: also where the machines are there
    already and the stack makes none.
    """
    prices = site.prices
    if prices is None:
        return None
    pools = {
        name: (nodes.least * HOURS * nodes.hourly(prices), nodes.most * HOURS * nodes.hourly(prices))
        for name, nodes in pools_of(site).items()
    }
    storage = {
        purpose: bytes_of(size) / TERABYTE * prices.terabyte_month
        for purpose, size in site.storage.sizes.items()
    }
    fixed = sum(storage.values()) + sum(prices.monthly.values())
    return {
        "currency": prices.currency,
        "asOf": prices.as_of,
        "month": {
            "least": round(fixed + sum(least for least, _ in pools.values())),
            "most": round(fixed + sum(most for _, most in pools.values())),
        },
        "pools": {
            name: {"least": round(least), "most": round(most)} for name, (least, most) in pools.items()
        },
        "storage": {purpose: round(amount) for purpose, amount in storage.items()},
        "fixed": {what: round(amount) for what, amount in prices.monthly.items()},
        "servers": {
            name: round(profile.cpu.limit * prices.core_hour + profile.gpus * prices.gpu_hour, 2)
            for name, profile in site.hub.profiles.items()
        },
    }
