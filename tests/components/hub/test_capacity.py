"""Images on every node, and room held for the next users."""

from components.hub.capacity import placeholders, pre_pull
from components.hub.spec import ProfileSpec
from infra.spec import NodePoolSpec

LABELS = {
    "app.kubernetes.io/part-of": "science-platform",
    "app.kubernetes.io/managed-by": "pulumi",
}
SECURITY = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "fsGroup": 1000,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}
TINY = {"requests": {"cpu": "1m", "memory": "16Mi"}, "limits": {"cpu": "50m", "memory": "32Mi"}}
PROFILE = ProfileSpec.model_validate(
    {
        "title": "Small",
        "cpu": {"guarantee": 0.1, "limit": 4},
        "memory": {"guarantee": "1.5Gi", "limit": "8Gi"},
        "nodePool": "users",
    }
)
POOL = NodePoolSpec.model_validate(
    {"labels": {"pool": "users"}, "taints": {"dedicated": "users"}, "cpu": 16, "memory": "64Gi"}
)


def labels(component: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": "demo",
        **LABELS,
    }


def selector(component: str) -> dict[str, dict[str, str]]:
    return {"matchLabels": {"app.kubernetes.io/component": component, "app.kubernetes.io/instance": "demo"}}


def fetch(name: str, image: str) -> dict[str, object]:
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": TINY,
        "securityContext": SECURITY,
        "command": ["true"],
    }


def test_every_node_fetches_each_image_once_and_nobody_waits_for_it():
    assert pre_pull("demo", ["r.org/lab:1", "r.org/gpu:2", "r.org/lab:1"], "r.org/base:1") == {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {
            "name": "image-pre-pull",
            "labels": labels("image-pre-pull"),
            "namespace": "science-demo",
            "annotations": {"pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "revisionHistoryLimit": 3,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}},
            "selector": selector("image-pre-pull"),
            "template": {
                "metadata": {"labels": labels("image-pre-pull")},
                "spec": {
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "securityContext": POD_SECURITY,
                    "terminationGracePeriodSeconds": 0,
                    "initContainers": [
                        fetch("fetch-43ee5d2380", "r.org/gpu:2"),
                        fetch("fetch-4696357f28", "r.org/lab:1"),
                    ],
                    "containers": [
                        {
                            "name": "wait",
                            "image": "r.org/base:1",
                            "imagePullPolicy": "IfNotPresent",
                            "resources": TINY,
                            "securityContext": SECURITY,
                            "command": ["sleep", "infinity"],
                        }
                    ],
                    "priorityClassName": "science-demo-placeholder",
                    "tolerations": [{"operator": "Exists", "effect": "NoSchedule"}],
                },
            },
        },
    }


def test_placeholders_are_as_large_as_a_servers_guarantee_and_give_way_to_one():
    assert placeholders("demo", 4, PROFILE, POOL, "r.org/base:1") == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "user-placeholder",
            "labels": labels("user-placeholder"),
            "namespace": "science-demo",
            "annotations": {"pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "replicas": 4,
            "revisionHistoryLimit": 3,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": selector("user-placeholder"),
            "template": {
                "metadata": {"labels": labels("user-placeholder")},
                "spec": {
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "securityContext": POD_SECURITY,
                    "terminationGracePeriodSeconds": 0,
                    "containers": [
                        {
                            "name": "placeholder",
                            "image": "r.org/base:1",
                            "imagePullPolicy": "IfNotPresent",
                            "resources": {
                                "requests": {"cpu": "100m", "memory": "1.5Gi"},
                                "limits": {"cpu": "100m", "memory": "1.5Gi"},
                            },
                            "securityContext": SECURITY,
                            "command": ["sleep", "infinity"],
                        }
                    ],
                    "priorityClassName": "science-demo-placeholder",
                    "nodeSelector": {"pool": "users"},
                    "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "users"}],
                },
            },
        },
    }


def test_placeholders_of_a_profile_without_a_pool_go_anywhere():
    spec = placeholders("demo", 1, PROFILE, None, "r.org/base:1")["spec"]["template"]["spec"]
    assert not {"nodeSelector", "tolerations"} & spec.keys()
