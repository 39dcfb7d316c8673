"""Nodes of an EKS cluster: managed node groups, one per pool."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.aws.policies import trust_service
from infra.aws.spec import POOL_LABEL, AwsPoolSpec
from infra.fields import bytes_of

Options = pulumi.ResourceOptions

NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
"""What a node may do: join its cluster, and fetch images. The network plugin has a role of its own."""

IMAGES = {False: "AL2023_x86_64_STANDARD", True: "AL2023_x86_64_NVIDIA"}
"""Image of the nodes, without and with GPUs."""


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """What every node group of a cluster is declared with.

    Parameters
    ----------
    site
        Name of the site.
    cluster
        What the nodes join.
    role
        What they act as.
    subnets
        IDs of the private subnets.
    options
        Options of every resource.
    """

    site: str
    cluster: aws.eks.Cluster
    role: aws.iam.Role
    subnets: Sequence[pulumi.Output[str]]
    options: Options


def node_role(site: str, options: Options) -> aws.iam.Role:
    """Declare what nodes act as."""
    role = aws.iam.Role(
        f"{site}-node-role",
        name=f"science-{site}-nodes",
        assume_role_policy=json.dumps(trust_service("ec2.amazonaws.com")),
        opts=options,
    )
    for policy in NODE_POLICIES:
        aws.iam.RolePolicyAttachment(
            f"{site}-node-role-{policy}",
            role=role.name,
            policy_arn=f"arn:aws:iam::aws:policy/{policy}",
            opts=options,
        )
    return role


def taints(pool: AwsPoolSpec) -> list[Any]:
    """Return a pool's taints as EKS takes them."""
    return [
        {"key": key, "value": value, "effect": "NO_SCHEDULE"} for key, value in sorted(pool.taints.items())
    ]


def declare_pool(nodes: Nodes, name: str, pool: AwsPoolSpec) -> aws.eks.NodeGroup:
    """Declare one node group; how many nodes there are is the autoscaler's to say."""
    template = _launch_template(nodes, name, math.ceil(bytes_of(pool.disk) / 2**30))
    return aws.eks.NodeGroup(
        f"{nodes.site}-pool-{name}",
        node_group_name=name,
        cluster_name=nodes.cluster.name,
        node_role_arn=nodes.role.arn,
        subnet_ids=list(nodes.subnets),
        ami_type=IMAGES[pool.gpus > 0],
        instance_types=list(pool.instance_types),
        capacity_type="SPOT" if pool.capacity == "spot" else "ON_DEMAND",
        labels={POOL_LABEL: name},
        taints=taints(pool),
        scaling_config={
            "min_size": pool.minimum,
            "max_size": pool.maximum,
            "desired_size": pool.minimum,
        },
        update_config={"max_unavailable": 1},
        launch_template={"id": template.id, "version": template.latest_version.apply(str)},
        opts=Options.merge(nodes.options, Options(ignore_changes=["scalingConfig.desiredSize"])),
    )


def _launch_template(nodes: Nodes, name: str, disk: int) -> aws.ec2.LaunchTemplate:
    """Declare how a node starts: encrypted disk, and no way for a pod to the node's credentials.

    The disk's key is the account's own for disks: another would have to be open to the role in which AWS starts nodes,
    which a fresh account does not have yet.
    """
    block: Any = {
        "device_name": "/dev/xvda",
        "ebs": {
            "volume_size": disk,
            "volume_type": "gp3",
            "encrypted": "true",
            "delete_on_termination": "true",
        },
    }
    label = {"Name": f"science-{nodes.site}-{name}"}
    return aws.ec2.LaunchTemplate(
        f"{nodes.site}-launch-{name}",
        name=f"science-{nodes.site}-{name}",
        update_default_version=True,
        block_device_mappings=[block],
        # One hop: a pod that is not on the host's network gets no answer.
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        tag_specifications=[{"resource_type": kind, "tags": label} for kind in ("instance", "volume")],
        opts=nodes.options,
    )
