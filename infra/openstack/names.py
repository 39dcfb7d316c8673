"""The site's hosts in OpenStack Designate."""

from collections.abc import Sequence

import pulumi
import pulumi_openstack as openstack

from infra.openstack.spec import DesignateSpec


def declare_records(
    site: str,
    spec: DesignateSpec,
    hosts: Sequence[str],
    address: pulumi.Output[str],
    options: pulumi.ResourceOptions,
) -> None:
    """Declare an address record for every host."""
    zone = openstack.dns.get_dns_zone_output(
        name=spec.zone,
        opts=pulumi.InvokeOutputOptions(parent=options.parent, provider=options.provider),
    )
    for host in hosts:
        openstack.dns.RecordSet(
            f"{site}-record-{host}",
            zone_id=zone.id,
            name=f"{host}.",
            type="A",
            ttl=spec.ttl,
            records=[address],
            opts=options,
        )
