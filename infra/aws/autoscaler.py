"""The cluster autoscaler: it grows and shrinks the node pools of an EKS cluster.

https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/aws
"""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from infra.aws.policies import Document, allow, document, trust_pods

Options = pulumi.ResourceOptions

NAME = "cluster-autoscaler"
NAMESPACE = "kube-system"
IMAGE = "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0"
NOBODY = 65534

GROUP_TAGS = ("k8s.io/cluster-autoscaler/enabled", "k8s.io/cluster-autoscaler/{}")
"""Tags that EKS puts on the groups behind managed node groups."""

READ = [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
]
"""What can only be asked of everything: these actions know no resources."""


def may_scale(cluster: str, cluster_arn: str) -> Document:
    """Return what the autoscaler may do: look, and set the size of this cluster's own groups."""
    own = {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}": "owned"}}
    _, partition, _, region, account, _ = cluster_arn.split(":", 5)
    groups = f"arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/*"
    node_groups = f"arn:{partition}:eks:{region}:{account}:nodegroup/{cluster}/*/*"
    return document(
        allow(READ, ["*"]),
        allow(["eks:DescribeNodegroup"], [node_groups]),
        allow(
            ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            [groups],
            Condition=own,
        ),
    )


CLUSTER_RULES: list[dict[str, list[str]]] = [
    {"apiGroups": [""], "resources": ["events", "endpoints"], "verbs": ["create", "patch"]},
    {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["pods/status"], "verbs": ["update"]},
    {"apiGroups": [""], "resources": ["nodes"], "verbs": ["watch", "list", "get", "update", "patch"]},
    {
        "apiGroups": [""],
        "resources": [
            "namespaces",
            "pods",
            "services",
            "replicationcontrollers",
            "persistentvolumeclaims",
            "persistentvolumes",
        ],
        "verbs": ["watch", "list", "get"],
    },
    {
        "apiGroups": ["apps"],
        "resources": ["daemonsets", "replicasets", "statefulsets"],
        "verbs": ["watch", "list", "get"],
    },
    {"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": ["watch", "list", "get"]},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": ["watch", "list"]},
    {
        "apiGroups": ["storage.k8s.io"],
        "resources": [
            "storageclasses",
            "csinodes",
            "csidrivers",
            "csistoragecapacities",
            "volumeattachments",
        ],
        "verbs": ["watch", "list", "get"],
    },
    {
        "apiGroups": ["resource.k8s.io"],
        "resources": ["deviceclasses", "resourceclaims", "resourceslices"],
        "verbs": ["watch", "list", "get"],
    },
]
"""What it reads of the whole cluster, and the little that it changes: it empties nodes and marks them."""

OWN_RULES: list[dict[str, list[str]]] = [
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "list", "watch"]},
    {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": ["cluster-autoscaler-status", "cluster-autoscaler-priority-expander"],
        "verbs": ["get", "update", "delete"],
    },
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
    {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "resourceNames": [NAME],
        "verbs": ["get", "update"],
    },
]
"""What it keeps in its own namespace: its state, and which of several is the one."""


def pod_spec(cluster: str, region: str) -> dict[str, Any]:
    """Return the pod of the autoscaler."""
    return {
        "serviceAccountName": NAME,
        "priorityClassName": "system-cluster-critical",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": NOBODY,
            "fsGroup": NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": NAME,
                "image": IMAGE,
                "command": [
                    "./cluster-autoscaler",
                    "--cloud-provider=aws",
                    f"--node-group-auto-discovery=asg:tag={','.join(GROUP_TAGS).format(cluster)}",
                    "--expander=least-waste",
                    "--balance-similar-node-groups",
                    # People's servers are not moved: a node goes when the last of them has ended.
                    "--skip-nodes-with-local-storage=true",
                    "--skip-nodes-with-system-pods=false",
                ],
                "env": [{"name": "AWS_REGION", "value": region}],
                "resources": {
                    "requests": {"cpu": "100m", "memory": "256Mi"},
                    "limits": {"cpu": "1", "memory": "600Mi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
                "livenessProbe": {
                    "httpGet": {"path": "/health-check", "port": 8085},
                    "periodSeconds": 20,
                    "failureThreshold": 6,
                },
            }
        ],
    }


def declare_autoscaler(
    site: str, cluster: aws.eks.Cluster, region: str, cloud: Options, inside: Options
) -> None:
    """Declare the autoscaler with its rights on both sides."""
    name = f"science-{site}"
    role = aws.iam.Role(
        f"{site}-autoscaler-role",
        name=f"{name}-autoscaler",
        assume_role_policy=json.dumps(trust_pods()),
        opts=cloud,
    )
    aws.iam.RolePolicy(
        f"{site}-autoscaler-policy",
        name="scale-node-groups",
        role=role.name,
        policy=cluster.arn.apply(lambda arn: json.dumps(may_scale(name, arn))),
        opts=cloud,
    )
    identity = aws.eks.PodIdentityAssociation(
        f"{site}-autoscaler-identity",
        cluster_name=cluster.name,
        namespace=NAMESPACE,
        service_account=NAME,
        role_arn=role.arn,
        opts=cloud,
    )
    labels = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": "science-platform"}
    meta: Any = {"name": NAME, "namespace": NAMESPACE, "labels": labels}
    subject: Any = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    account = k8s.core.v1.ServiceAccount(f"{site}-autoscaler", metadata=meta, opts=inside)
    rules: Any = CLUSTER_RULES
    k8s.rbac.v1.ClusterRole(
        f"{site}-autoscaler-cluster", metadata={"name": NAME, "labels": labels}, rules=rules, opts=inside
    )
    k8s.rbac.v1.ClusterRoleBinding(
        f"{site}-autoscaler-cluster",
        metadata={"name": NAME, "labels": labels},
        subjects=[subject],
        role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME},
        opts=inside,
    )
    own: Any = OWN_RULES
    k8s.rbac.v1.Role(f"{site}-autoscaler-own", metadata=meta, rules=own, opts=inside)
    k8s.rbac.v1.RoleBinding(
        f"{site}-autoscaler-own",
        metadata=meta,
        subjects=[subject],
        role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": NAME},
        opts=inside,
    )
    policy: Any = {
        "pod_selector": {"match_labels": labels},
        "policy_types": ["Ingress", "Egress"],
        # AWS and the Kubernetes API by TLS, names by DNS; nobody has to reach it.
        "egress": [
            {"ports": [{"port": 443, "protocol": "TCP"}]},
            {"ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]},
        ],
    }
    k8s.networking.v1.NetworkPolicy(f"{site}-autoscaler", metadata=meta, spec=policy, opts=inside)
    spec: Any = pod_spec(name, region)
    k8s.apps.v1.Deployment(
        f"{site}-autoscaler",
        metadata=meta,
        spec={
            "replicas": 1,
            "selector": {"match_labels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
        opts=Options.merge(inside, Options(depends_on=[identity, account])),
    )
