"""What a plan takes for the answers of a cloud: names that only the cloud can turn into identifiers.

Without credentials nobody can ask; a stand-in that holds the name makes another name show as a change.
"""

from collections.abc import Mapping

BY_NAME = {
    "openstack:networking/getNetwork:getNetwork": "network",
    "openstack:containerinfra/getClusterTemplate:getClusterTemplate": "cluster template",
    "openstack:dns/getDnsZone:getDnsZone": "zone",
    "aws:route53/getZone:getZone": "zone",
}
"""Functions that find something by its name, and what it is."""


def looked_up(token: str, arguments: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return what stands for a function's answer, or None for a function that does not find by name."""
    what = BY_NAME.get(token)
    if what is None:
        return None
    found = f"[{what} {arguments['name']}]"
    # Route 53 has two words for one thing.
    return {**arguments, "id": found, "zoneId": found}
