"""A cluster on OpenStack as a site's cluster."""

from collections.abc import Callable, Mapping, Sequence

import pulumi
import pulumi_openstack as openstack

from infra import existing
from infra.cluster import Capabilities, Cluster, ClusterEdge, VolumeSource
from infra.openstack.magnum import declare_cluster, declare_pools
from infra.openstack.names import declare_records
from infra.openstack.network import declare_network
from infra.openstack.shares import ShareParts, declare_shares
from infra.openstack.spec import OpenstackClusterSpec
from infra.spec import Purpose


class OpenstackCluster(pulumi.ComponentResource):
    """A cluster on OpenStack with its network, shares and names."""

    cluster: Cluster

    def __init__(self, site: str, spec: OpenstackClusterSpec, sizes: Mapping[Purpose, str]) -> None:
        """Declare everything that the cluster is made of.

        Parameters
        ----------
        sizes
            Volumes that the site wants, by purpose.
        """
        super().__init__("science-platform:openstack:Cluster", site, None)
        cloud = pulumi.ResourceOptions(
            parent=self, provider=openstack.Provider(f"{site}-cloud", cloud=spec.cloud, region=spec.region)
        )
        network = declare_network(site, spec.network, cloud)
        made = declare_cluster(site, spec.kubernetes, network, cloud)
        declare_pools(site, spec.node_pools, made, cloud)
        kubeconfig = made.kubeconfig.apply(lambda found: found["raw_config"])
        provider = existing.provider(
            site, kubeconfig=kubeconfig, identity=made.id, options=pulumi.ResourceOptions(parent=self)
        )
        shares = declare_shares(
            ShareParts(
                site=site,
                network=network,
                cidr=spec.network.cidr,
                sizes=sizes,
                cloud=cloud,
                inside=pulumi.ResourceOptions(parent=self, provider=provider),
            ),
            spec.shares,
        )
        on_disks = VolumeSource(storage_class=spec.state_class, access_mode="ReadWriteOnce")
        self.cluster = Cluster(
            provider=provider,
            volumes=dict.fromkeys(existing.PURPOSES, on_disks) | shares,
            edge=ClusterEdge(
                address=network.address,
                # The address stays reserved when the load balancer goes.
                annotations={"loadbalancer.openstack.org/keep-floatingip": "true"},
            ),
            capabilities=Capabilities(load_balancer=spec.load_balancer, network_policy=spec.network_policy),
            node_pools=spec.pools,
            name_hosts=self._name_hosts(site, spec, network.address, cloud),
            kubeconfig=kubeconfig,
        )
        self.register_outputs({})

    @staticmethod
    def _name_hosts(
        site: str,
        spec: OpenstackClusterSpec,
        address: pulumi.Output[str],
        options: pulumi.ResourceOptions,
    ) -> Callable[[Sequence[str]], None] | None:
        zone = spec.dns
        if zone is None:
            return None
        return lambda hosts: declare_records(site, zone, hosts, address, options)


def connect(site: str, spec: OpenstackClusterSpec, sizes: Mapping[Purpose, str]) -> Cluster:
    """Return the cluster that the stack makes."""
    return OpenstackCluster(site, spec, sizes).cluster
