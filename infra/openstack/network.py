"""The network of a cluster on OpenStack, and the address that people come in by."""

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from infra.openstack.spec import OpenstackNetworkSpec


@dataclass(frozen=True, kw_only=True)
class ClusterNetwork:
    """A network with a way out.

    Parameters
    ----------
    network_id, subnet_id
        Where the nodes are.
    ready
        What has to be there before anything in it can reach the outside or be given an address.
    address
        Reserved address of the edge: it stays the same when the load balancer is made anew.
    """

    network_id: pulumi.Output[str]
    subnet_id: pulumi.Output[str]
    ready: pulumi.Resource
    address: pulumi.Output[str]


def declare_network(site: str, spec: OpenstackNetworkSpec, options: pulumi.ResourceOptions) -> ClusterNetwork:
    """Declare network, subnet, router and the edge's address."""
    name = f"science-{site}"
    outside = openstack.networking.get_network_output(
        name=spec.external,
        external=True,
        opts=pulumi.InvokeOutputOptions(parent=options.parent, provider=options.provider),
    )
    network = openstack.networking.Network(
        f"{site}-network", name=name, admin_state_up=True, port_security_enabled=True, opts=options
    )
    subnet = openstack.networking.Subnet(
        f"{site}-subnet",
        name=name,
        network_id=network.id,
        cidr=spec.cidr,
        ip_version=4,
        dns_nameservers=spec.nameservers,
        opts=options,
    )
    router = openstack.networking.Router(
        f"{site}-router", name=name, external_network_id=outside.id, opts=options
    )
    joined = openstack.networking.RouterInterface(
        f"{site}-router-interface", router_id=router.id, subnet_id=subnet.id, opts=options
    )
    address = openstack.networking.FloatingIp(
        f"{site}-address",
        pool=spec.external,
        description=f"Edge of the science platform {site}",
        # Others' DNS and firewalls know it.
        opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(protect=True, depends_on=[joined])),
    )
    return ClusterNetwork(network_id=network.id, subnet_id=subnet.id, ready=joined, address=address.address)
