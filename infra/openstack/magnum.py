"""Kubernetes by OpenStack Magnum with its Cluster API driver (magnum-capi-helm 1.4, whose labels these are)."""

from collections.abc import Mapping

import pulumi
import pulumi_openstack as openstack

from infra.openstack.network import ClusterNetwork
from infra.openstack.spec import MagnumSpec, OpenstackPoolSpec

CREATE_MINUTES = 60


def cluster_labels(spec: MagnumSpec) -> dict[str, str]:
    """Return what is said to the driver beyond the template's labels."""
    labels = {
        "auto_healing_enabled": "true",
        "auto_scaling_enabled": "true",
        "master_lb_floating_ip_enabled": str(bool(spec.api_from)).lower(),
    }
    if spec.api_from:
        labels["api_master_lb_allowed_cidrs"] = ",".join(spec.api_from)
    return labels


def declare_cluster(
    site: str, spec: MagnumSpec, network: ClusterNetwork, options: pulumi.ResourceOptions
) -> openstack.containerinfra.Cluster:
    """Declare the cluster, from a template that the cloud has."""
    template = openstack.containerinfra.get_cluster_template_output(
        name=spec.template,
        opts=pulumi.InvokeOutputOptions(parent=options.parent, provider=options.provider),
    )
    return openstack.containerinfra.Cluster(
        f"{site}-cluster",
        name=f"science-{site}",
        cluster_template_id=template.id,
        master_count=spec.control_plane_nodes,
        master_flavor=spec.control_plane_flavor,
        master_lb_enabled=True,
        flavor=spec.flavor,
        node_count=spec.nodes,
        fixed_network=network.network_id,
        fixed_subnet=network.subnet_id,
        floating_ip_enabled=bool(spec.api_from),
        labels=cluster_labels(spec),
        merge_labels=True,
        create_timeout=CREATE_MINUTES,
        opts=pulumi.ResourceOptions.merge(
            options, pulumi.ResourceOptions(protect=True, depends_on=[network.ready])
        ),
    )


def declare_pools(
    site: str,
    pools: Mapping[str, OpenstackPoolSpec],
    cluster: openstack.containerinfra.Cluster,
    options: pulumi.ResourceOptions,
) -> None:
    """Declare the node groups, one after another: Magnum takes one change of a cluster at a time."""
    before: list[pulumi.Resource] = [cluster]
    for name, pool in sorted(pools.items()):
        scaled = pool.maximum is not None
        group = openstack.containerinfra.NodeGroup(
            f"{site}-pool-{name}",
            name=name,
            cluster_id=cluster.id,
            flavor_id=pool.flavor,
            node_count=pool.nodes,
            min_node_count=pool.nodes,
            max_node_count=pool.maximum if scaled else pool.nodes,
            merge_labels=True,
            opts=pulumi.ResourceOptions.merge(
                options,
                pulumi.ResourceOptions(
                    depends_on=before,
                    # How many there are is the autoscaler's to say.
                    ignore_changes=["nodeCount"] if scaled else [],
                ),
            ),
        )
        before = [group]
