"""The site's hosts in Route 53."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

TTL = 300
"""Seconds that others may remember an address for."""


def declare_records(
    site: str,
    zone: str,
    hosts: Sequence[str],
    addresses: Sequence[aws.ec2.Eip],
    options: pulumi.ResourceOptions,
) -> None:
    """Declare an address record for every host, with the edge's address in each zone."""
    found = aws.route53.get_zone_output(
        name=zone, opts=pulumi.InvokeOutputOptions(parent=options.parent, provider=options.provider)
    )
    for host in hosts:
        aws.route53.Record(
            f"{site}-record-{host}",
            zone_id=found.zone_id,
            name=host,
            type="A",
            ttl=TTL,
            records=[address.public_ip for address in addresses],
            opts=options,
        )
