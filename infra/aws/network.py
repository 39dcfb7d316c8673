"""The VPC of a cluster on AWS: private nodes, a way out, public addresses for the edge, a log of what flows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.aws.policies import trust_service, write_log
from infra.aws.spec import AwsNetworkSpec
from infra.aws.subnets import ZoneSubnets, subnet_plan

Options = pulumi.ResourceOptions


@dataclass(frozen=True, kw_only=True)
class Vpc:
    """A network with a way out.

    Parameters
    ----------
    vpc_id
        The VPC.
    private
        IDs of the subnets of nodes and pods, by zone.
    ready
        What has to be there before a node can reach the outside.
    addresses
        Allocations of the edge's public addresses, one per zone.
    """

    vpc_id: pulumi.Output[str]
    private: Mapping[str, pulumi.Output[str]]
    ready: Sequence[pulumi.Resource]
    addresses: Sequence[aws.ec2.Eip]


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What every part of a network is declared with."""

    site: str
    vpc: aws.ec2.Vpc
    options: Options


def declare_vpc(
    site: str, spec: AwsNetworkSpec, *, log_days: int, key_arn: pulumi.Output[str], options: Options
) -> Vpc:
    """Declare the VPC with all in it."""
    vpc = aws.ec2.Vpc(
        f"{site}-vpc",
        cidr_block=spec.cidr,
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags=named(site),
        opts=options,
    )
    # What belongs to no security group of its own may do nothing.
    aws.ec2.DefaultSecurityGroup(
        f"{site}-default-security-group", vpc_id=vpc.id, ingress=[], egress=[], opts=options
    )
    ground = _Ground(site=site, vpc=vpc, options=options)
    _log_flows(ground, log_days, key_arn)
    plan = subnet_plan(spec.cidr, spec.zones)
    gateway = aws.ec2.InternetGateway(f"{site}-gateway", vpc_id=vpc.id, tags=named(site), opts=options)
    outward = _public(ground, plan, gateway)
    private, ready = _private(ground, plan, outward, gateway_in_each=spec.nat_gateways == "perZone")
    return Vpc(
        vpc_id=vpc.id,
        private={zone: subnet.id for zone, subnet in private.items()},
        ready=ready,
        addresses=[
            aws.ec2.Eip(
                f"{site}-address-{each.zone}",
                domain="vpc",
                tags=named(f"{site}-edge-{each.zone}"),
                # Others' DNS and firewalls know it.
                opts=Options.merge(options, Options(protect=True, depends_on=[gateway])),
            )
            for each in plan
        ],
    )


def named(name: str) -> dict[str, str]:
    """Return the tag that AWS's console shows as a name."""
    return {"Name": f"science-{name}"}


def _public(
    ground: _Ground, plan: Sequence[ZoneSubnets], gateway: aws.ec2.InternetGateway
) -> dict[str, aws.ec2.Subnet]:
    """Declare the subnets of gateways and load balancers."""
    site = ground.site
    routes = aws.ec2.RouteTable(
        f"{site}-routes-public",
        vpc_id=ground.vpc.id,
        routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}],
        tags=named(f"{site}-public"),
        opts=ground.options,
    )
    subnets = {}
    for each in plan:
        subnet = _subnet(ground, f"public-{each.zone}", each.zone, each.public)
        _join(f"{site}-public-{each.zone}", subnet, routes, ground.options)
        subnets[each.zone] = subnet
    return subnets


def _private(
    ground: _Ground,
    plan: Sequence[ZoneSubnets],
    outward: Mapping[str, aws.ec2.Subnet],
    *,
    gateway_in_each: bool,
) -> tuple[dict[str, aws.ec2.Subnet], list[pulumi.Resource]]:
    """Declare the subnets of nodes and pods, and their way out."""
    site, vpc, options = ground.site, ground.vpc, ground.options
    zones = [each.zone for each in plan]
    gateways = {
        zone: _nat(site, zone, outward[zone], options) for zone in (zones if gateway_in_each else zones[:1])
    }
    subnets: dict[str, aws.ec2.Subnet] = {}
    ready: list[pulumi.Resource] = []
    tables = []
    for each in plan:
        way_out = gateways.get(each.zone, gateways[zones[0]])
        routes = aws.ec2.RouteTable(
            f"{site}-routes-{each.zone}",
            vpc_id=vpc.id,
            routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": way_out.id}],
            tags=named(f"{site}-{each.zone}"),
            opts=options,
        )
        subnet = _subnet(ground, f"private-{each.zone}", each.zone, each.private)
        ready.append(_join(f"{site}-private-{each.zone}", subnet, routes, options))
        tables.append(routes.id)
        subnets[each.zone] = subnet
    # Images and backups come and go by S3: not through the gateway, which is paid by the byte.
    aws.ec2.VpcEndpoint(
        f"{site}-s3",
        vpc_id=vpc.id,
        service_name=pulumi.Output.concat("com.amazonaws.", vpc.region, ".s3"),
        vpc_endpoint_type="Gateway",
        route_table_ids=tables,
        tags=named(f"{site}-s3"),
        opts=options,
    )
    return subnets, ready


def _subnet(ground: _Ground, name: str, zone: str, cidr: str) -> aws.ec2.Subnet:
    """Declare one subnet, which load balancers find by its tag."""
    role = "elb" if name.startswith("public") else "internal-elb"
    return aws.ec2.Subnet(
        f"{ground.site}-{name}",
        vpc_id=ground.vpc.id,
        availability_zone=zone,
        cidr_block=cidr,
        map_public_ip_on_launch=False,
        tags={**named(f"{ground.site}-{name}"), f"kubernetes.io/role/{role}": "1"},
        opts=ground.options,
    )


def _join(
    name: str, subnet: aws.ec2.Subnet, routes: aws.ec2.RouteTable, options: Options
) -> aws.ec2.RouteTableAssociation:
    return aws.ec2.RouteTableAssociation(
        f"{name}-routes", subnet_id=subnet.id, route_table_id=routes.id, opts=options
    )


def _nat(site: str, zone: str, subnet: aws.ec2.Subnet, options: Options) -> aws.ec2.NatGateway:
    address = aws.ec2.Eip(
        f"{site}-nat-address-{zone}", domain="vpc", tags=named(f"{site}-nat-{zone}"), opts=options
    )
    return aws.ec2.NatGateway(
        f"{site}-nat-{zone}",
        allocation_id=address.id,
        subnet_id=subnet.id,
        tags=named(f"{site}-{zone}"),
        opts=options,
    )


def _log_flows(ground: _Ground, days: int, key_arn: pulumi.Output[str]) -> None:
    """Declare the log of who talked to whom."""
    site, options = ground.site, ground.options
    group = aws.cloudwatch.LogGroup(
        f"{site}-flows",
        name=f"/science-platform/{site}/flows",
        retention_in_days=days,
        kms_key_id=key_arn,
        opts=options,
    )
    role = aws.iam.Role(
        f"{site}-flows-role",
        name=f"science-{site}-flows",
        assume_role_policy=json.dumps(trust_service("vpc-flow-logs.amazonaws.com")),
        opts=options,
    )
    aws.iam.RolePolicy(
        f"{site}-flows-policy",
        name="write-flows",
        role=role.name,
        policy=group.arn.apply(lambda arn: json.dumps(write_log(arn))),
        opts=options,
    )
    aws.ec2.FlowLog(
        f"{site}-flow-log",
        vpc_id=ground.vpc.id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=600,
        tags=named(f"{site}-flows"),
        opts=options,
    )
