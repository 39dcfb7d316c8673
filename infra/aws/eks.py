"""EKS: the control plane, who may use it, its add-ons, its nodes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.aws.network import Vpc
from infra.aws.nodes import Nodes, declare_pool, node_role
from infra.aws.policies import trust_pods, trust_service
from infra.aws.spec import SYSTEM, AwsPoolSpec, EksSpec

Options = pulumi.ResourceOptions

LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
MANAGED = "arn:aws:iam::aws:policy/{}"
"""ARN of a policy that AWS keeps."""

ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


SPARE_NODES = 2
"""Nodes that the autoscaler may add to it, and an upgrade needs for a while."""


@dataclass(frozen=True, kw_only=True)
class EksParts:
    """What a cluster is made with.

    Parameters
    ----------
    site
        Name of the site.
    vpc
        Where it is.
    key_arn
        Key that Secrets and logs are encrypted with.
    options
        Options of every resource.
    """

    site: str
    vpc: Vpc
    key_arn: pulumi.Output[str]
    options: Options

    @property
    def name(self) -> str:
        """The cluster's name."""
        return f"science-{self.site}"


@dataclass(frozen=True)
class Addon:
    """An add-on that EKS keeps.

    Parameters
    ----------
    configuration
        As the add-on's own schema has it.
    account, policy
        Service account that acts in a role of its own, and AWS's policy for that.
    early
        Whether nodes need it before they are ready.
    """

    configuration: Mapping[str, object] | None = None
    account: str | None = None
    policy: str | None = None
    early: bool = False


ADDONS = {
    "vpc-cni": Addon({"enableNetworkPolicy": "true"}, "aws-node", "AmazonEKS_CNI_Policy", early=True),
    "eks-pod-identity-agent": Addon(early=True),
    "kube-proxy": Addon(early=True),
    "coredns": Addon(),
    "aws-ebs-csi-driver": Addon(None, "ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
    "aws-efs-csi-driver": Addon(None, "efs-csi-controller-sa", "service-role/AmazonEFSCSIDriverPolicy"),
}
"""Add-ons of every cluster. The network plugin enforces NetworkPolicies."""


def declare_eks(parts: EksParts, spec: EksSpec, pools: Mapping[str, AwsPoolSpec]) -> aws.eks.Cluster:
    """Declare the cluster with all that makes it one."""
    cluster = _control_plane(parts, spec)
    _admins(parts, spec, cluster)
    early = [_addon(parts, name, addon, cluster, []) for name, addon in ADDONS.items() if addon.early]
    nodes = Nodes(
        site=parts.site,
        cluster=cluster,
        role=node_role(parts.site, parts.options),
        subnets=list(parts.vpc.private.values()),
        options=Options.merge(parts.options, Options(depends_on=[*early, *parts.vpc.ready])),
    )
    system = declare_pool(nodes, SYSTEM, system_pool(spec))
    for name, pool in sorted(pools.items()):
        declare_pool(nodes, name, pool)
    for name, addon in ADDONS.items():
        if not addon.early:
            _addon(parts, name, addon, cluster, [system])
    return cluster


def system_pool(spec: EksSpec) -> AwsPoolSpec:
    """Return the nodes that the platform itself runs on as a pool."""
    return AwsPoolSpec.model_validate(
        {
            "instanceTypes": spec.instance_types,
            "minimum": spec.nodes,
            "maximum": spec.nodes + SPARE_NODES,
            "cpu": 1,
            "memory": "1Gi",
        }
    )


def _control_plane(parts: EksParts, spec: EksSpec) -> aws.eks.Cluster:
    site, options = parts.site, parts.options
    # Made before the cluster makes one that is kept for ever.
    log = aws.cloudwatch.LogGroup(
        f"{site}-control-plane",
        name=f"/aws/eks/{parts.name}/cluster",
        retention_in_days=spec.log_days,
        kms_key_id=parts.key_arn,
        opts=options,
    )
    role = aws.iam.Role(
        f"{site}-cluster-role",
        name=f"{parts.name}-cluster",
        assume_role_policy=json.dumps(trust_service("eks.amazonaws.com")),
        opts=options,
    )
    may = aws.iam.RolePolicyAttachment(
        f"{site}-cluster-role-policy",
        role=role.name,
        policy_arn=MANAGED.format("AmazonEKSClusterPolicy"),
        opts=options,
    )
    return aws.eks.Cluster(
        f"{site}-cluster",
        name=parts.name,
        version=spec.version,
        role_arn=role.arn,
        bootstrap_self_managed_addons=False,
        deletion_protection=True,
        enabled_cluster_log_types=LOGS,
        access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True},
        encryption_config={"provider": {"key_arn": parts.key_arn}, "resources": ["secrets"]},
        upgrade_policy={"support_type": "STANDARD"},
        vpc_config={
            "subnet_ids": list(parts.vpc.private.values()),
            "endpoint_private_access": True,
            "endpoint_public_access": bool(spec.api_from),
            "public_access_cidrs": spec.api_from or None,
        },
        opts=Options.merge(
            options,
            # Its first setting is the only one: AWS takes no other.
            Options(protect=True, depends_on=[log, may], ignore_changes=["bootstrapSelfManagedAddons"]),
        ),
    )


def _admins(parts: EksParts, spec: EksSpec, cluster: aws.eks.Cluster) -> None:
    for arn in spec.admins:
        name = f"{parts.site}-admin-{arn.rpartition('/')[2]}"
        entry = aws.eks.AccessEntry(
            name, cluster_name=cluster.name, principal_arn=arn, type="STANDARD", opts=parts.options
        )
        aws.eks.AccessPolicyAssociation(
            f"{name}-policy",
            cluster_name=cluster.name,
            principal_arn=entry.principal_arn,
            policy_arn=ADMIN,
            access_scope={"type": "cluster"},
            opts=parts.options,
        )


def _addon(
    parts: EksParts, name: str, addon: Addon, cluster: aws.eks.Cluster, after: list[pulumi.Resource]
) -> aws.eks.Addon:
    identity: Any = None
    if addon.account is not None and addon.policy is not None:
        role = aws.iam.Role(
            f"{parts.site}-{name}-role",
            name=f"{parts.name}-{name}",
            assume_role_policy=json.dumps(trust_pods()),
            opts=parts.options,
        )
        may = aws.iam.RolePolicyAttachment(
            f"{parts.site}-{name}-role-policy",
            role=role.name,
            policy_arn=MANAGED.format(addon.policy),
            opts=parts.options,
        )
        after = [*after, may]
        identity = [{"role_arn": role.arn, "service_account": addon.account}]
    return aws.eks.Addon(
        f"{parts.site}-addon-{name}",
        cluster_name=cluster.name,
        addon_name=name,
        configuration_values=json.dumps(addon.configuration, sort_keys=True) if addon.configuration else None,
        pod_identity_associations=identity,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="PRESERVE",
        preserve=False,
        opts=Options.merge(parts.options, Options(depends_on=after)),
    )
