"""What every local cluster runs as pods: CoreDNS and the local-path provisioner, as Kubernetes objects."""

import hashlib
import json
from pathlib import Path
from typing import Any

from infra.local.layout import DNS_ADDRESS
from infra.local.rendering import CLUSTER_DOMAIN

Manifest = dict[str, Any]

STORAGE_CLASS = "local-path"
DNS_NAMESPACE = "kube-system"
DNS_LABELS = {"k8s-app": "kube-dns"}
STORAGE_NAMESPACE = "local-path-storage"
STORAGE_LABELS = {"app": "local-path-provisioner"}
_DNS_PORT = 1053
_RUNS_ANYWHERE = [{"operator": "Exists"}]
_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_POD_SECURITY = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def addons(coredns: str, local_path: str, volumes: Path) -> list[Manifest]:
    """Return the objects in the order they are applied.

    Parameters
    ----------
    coredns, local_path
        Image references.
    volumes
        Folder of the node that holds the volumes.
    """
    return [*dns(coredns), *storage(local_path, volumes)]


def dns(image: str) -> list[Manifest]:
    """Return CoreDNS for the cluster's own names; every other name is answered at once: there is none."""
    name, namespace, labels = "coredns", DNS_NAMESPACE, DNS_LABELS
    # Blocks of their own: within one, CoreDNS would ask the template before the cluster.
    corefile = f"""\
{CLUSTER_DOMAIN}:{_DNS_PORT} in-addr.arpa:{_DNS_PORT} {{
    errors
    health :8080
    ready :8181
    kubernetes {CLUSTER_DOMAIN} in-addr.arpa {{
        ttl 5
    }}
    loadbalance
}}
.:{_DNS_PORT} {{
    errors
    template ANY ANY {{
        rcode NXDOMAIN
    }}
}}
"""
    lists = {
        "": ["services", "pods", "namespaces"],
        "discovery.k8s.io": ["endpointslices"],
    }
    container = {
        "name": name,
        "image": image,
        "imagePullPolicy": "Never",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": _DNS_PORT, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": _DNS_PORT, "protocol": "TCP"},
        ],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8080}, "failureThreshold": 6},
        "resources": {"requests": {"cpu": "20m", "memory": "40Mi"}, "limits": {"memory": "170Mi"}},
        "securityContext": _SECURITY,
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
    }
    pod = {
        "serviceAccountName": name,
        "priorityClassName": "system-cluster-critical",
        # It is the DNS server: it asks nobody.
        "dnsPolicy": "Default",
        "tolerations": _RUNS_ANYWHERE,
        "securityContext": _POD_SECURITY,
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": name}}],
    }
    ports = [
        {"name": "dns", "port": 53, "targetPort": "dns", "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "targetPort": "dns-tcp", "protocol": "TCP"},
    ]
    return [
        _service_account(name, namespace),
        _cluster_role(
            "system:coredns",
            [
                {"apiGroups": [group], "resources": resources, "verbs": ["list", "watch"]}
                for group, resources in lists.items()
            ],
        ),
        _cluster_role_binding("system:coredns", name, namespace),
        _config_map(name, namespace, {"Corefile": corefile}),
        _deployment(name, namespace, labels, pod, {"Corefile": corefile}),
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "kube-dns", "namespace": namespace, "labels": labels},
            "spec": {"clusterIP": str(DNS_ADDRESS), "selector": labels, "ports": ports},
        },
    ]


def storage(image: str, volumes: Path) -> list[Manifest]:
    """Return the local-path provisioner and the default storage class.

    The node's folder is declared a shared file system, which on a single node it is: so claims may be
    ReadWriteMany as well as ReadWriteOnce. Capacities are not enforced, and every volume is writable by all.
    """
    name, labels = "local-path-provisioner", STORAGE_LABELS
    helper = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "helper-pod"},
        "spec": {
            "priorityClassName": "system-node-critical",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "tolerations": _RUNS_ANYWHERE,
            "terminationGracePeriodSeconds": 0,
            # Only root may make and clear away folders that belong to others; not even it needs more.
            "securityContext": {
                "runAsUser": 0,
                "runAsGroup": 0,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{"name": "helper-pod", "image": image, "imagePullPolicy": "Never"}],
        },
    }
    settings = {
        "config.json": json.dumps({"nodePathMap": [], "sharedFileSystemPath": str(volumes)}),
        "setup": '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
        "teardown": '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
        "helperPod.yaml": json.dumps(helper),
    }
    container = {
        "name": name,
        "image": image,
        "imagePullPolicy": "Never",
        "args": [
            "start",
            "--config=/etc/config/config.json",
            f"--namespace={STORAGE_NAMESPACE}",
            f"--service-account-name={name}",
            f"--helper-image={image}",
        ],
        "resources": {"requests": {"cpu": "10m", "memory": "30Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": _SECURITY,
        "volumeMounts": [{"name": "config", "mountPath": "/etc/config", "readOnly": True}],
    }
    pod = {
        "serviceAccountName": name,
        "priorityClassName": "system-cluster-critical",
        "tolerations": _RUNS_ANYWHERE,
        "securityContext": _POD_SECURITY | {"runAsUser": 65534, "runAsGroup": 65534},
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "local-path-config"}}],
    }
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STORAGE_NAMESPACE}},
        _service_account(name, STORAGE_NAMESPACE),
        _cluster_role(name, _provisioner_rules()),
        _cluster_role_binding(name, name, STORAGE_NAMESPACE),
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": name, "namespace": STORAGE_NAMESPACE},
            "rules": [
                {
                    "apiGroups": [""],
                    "resources": ["pods"],
                    "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"],
                }
            ],
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": STORAGE_NAMESPACE},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": STORAGE_NAMESPACE}],
        },
        _config_map("local-path-config", STORAGE_NAMESPACE, settings),
        _deployment(name, STORAGE_NAMESPACE, labels, pod, settings),
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": STORAGE_CLASS,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": "rancher.io/local-path",
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
        },
    ]


def _provisioner_rules() -> list[Manifest]:
    watch = ["get", "list", "watch"]
    return [
        {
            "apiGroups": [""],
            "resources": ["nodes", "persistentvolumeclaims", "configmaps", "pods", "pods/log"],
            "verbs": watch,
        },
        {
            "apiGroups": [""],
            "resources": ["persistentvolumes"],
            "verbs": [*watch, "create", "patch", "update", "delete"],
        },
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
        {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": watch},
        {
            "apiGroups": ["", "coordination.k8s.io"],
            "resources": ["endpoints", "leases"],
            "verbs": [*watch, "create", "update", "patch"],
        },
    ]


def _service_account(name: str, namespace: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace},
    }


def _config_map(name: str, namespace: str, data: dict[str, str]) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    }


def _cluster_role(name: str, rules: list[Manifest]) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": rules,
    }


def _cluster_role_binding(role: str, account: str, namespace: str) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": role},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }


def _deployment(
    name: str, namespace: str, labels: dict[str, str], pod: Manifest, settings: dict[str, str]
) -> Manifest:
    # Neither program rereads all of its settings: other settings are another pod.
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    annotations = {"science-platform/settings": digest}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels, "annotations": annotations}, "spec": pod},
        },
    }
