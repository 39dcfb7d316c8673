"""CoreDNS and the provisioner, as objects."""

import json
from pathlib import Path

import kubernetes_validate
import pytest

from infra.local.addons import Manifest, addons, dns

OBJECTS = addons("localhost/coredns:1", "localhost/local-path:1", Path("/volumes"))


def find(kind: str, name: str) -> Manifest:
    (found,) = (one for one in OBJECTS if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


@pytest.mark.parametrize("manifest", OBJECTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_every_object_is_what_kubernetes_takes(manifest: Manifest):
    kubernetes_validate.validate(manifest, "1.37", strict=True)


def test_objects_come_before_what_needs_them():
    assert [(one["kind"], one["metadata"]["name"]) for one in OBJECTS] == [
        ("ServiceAccount", "coredns"),
        ("ClusterRole", "system:coredns"),
        ("ClusterRoleBinding", "system:coredns"),
        ("ConfigMap", "coredns"),
        ("Deployment", "coredns"),
        ("Service", "kube-dns"),
        ("Namespace", "local-path-storage"),
        ("ServiceAccount", "local-path-provisioner"),
        ("ClusterRole", "local-path-provisioner"),
        ("ClusterRoleBinding", "local-path-provisioner"),
        ("Role", "local-path-provisioner"),
        ("RoleBinding", "local-path-provisioner"),
        ("ConfigMap", "local-path-config"),
        ("Deployment", "local-path-provisioner"),
        ("StorageClass", "local-path"),
    ]


def test_dns_asks_the_cluster_for_its_names_and_denies_all_others_in_another_block():
    assert (
        find("ConfigMap", "coredns")["data"]["Corefile"]
        == """\
cluster.local:1053 in-addr.arpa:1053 {
    errors
    health :8080
    ready :8181
    kubernetes cluster.local in-addr.arpa {
        ttl 5
    }
    loadbalance
}
.:1053 {
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
"""
    )


def test_dns_answers_where_the_kubelet_sends_pods():
    assert find("Service", "kube-dns")["spec"] == {
        "clusterIP": "10.96.0.10",
        "selector": {"k8s-app": "kube-dns"},
        "ports": [
            {"name": "dns", "port": 53, "targetPort": "dns", "protocol": "UDP"},
            {"name": "dns-tcp", "port": 53, "targetPort": "dns-tcp", "protocol": "TCP"},
        ],
    }


def test_volumes_may_be_shared_and_lie_in_the_given_folder():
    settings = find("ConfigMap", "local-path-config")["data"]
    assert json.loads(settings["config.json"]) == {"nodePathMap": [], "sharedFileSystemPath": "/volumes"}


def test_volumes_are_made_by_root_from_an_image_that_is_there():
    helper = json.loads(find("ConfigMap", "local-path-config")["data"]["helperPod.yaml"])
    assert helper["spec"] == {
        "priorityClassName": "system-node-critical",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "tolerations": [{"operator": "Exists"}],
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsUser": 0,
            "runAsGroup": 0,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{"name": "helper-pod", "image": "localhost/local-path:1", "imagePullPolicy": "Never"}],
    }


def test_the_storage_class_is_the_default_and_waits_for_the_first_pod():
    assert find("StorageClass", "local-path") == {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "local-path",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "rancher.io/local-path",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    }


@pytest.mark.parametrize("name", ["coredns", "local-path-provisioner"])
def test_the_pods_need_nothing_that_pod_security_restricts(name: str):
    pod = find("Deployment", name)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert [container["securityContext"] for container in pod["containers"]] == [
        {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    ]


def test_other_settings_are_another_pod_and_the_same_are_the_same(monkeypatch: pytest.MonkeyPatch):
    def template() -> Manifest:
        return dns("localhost/coredns:1")[4]["spec"]["template"]

    before = template()
    assert template() == before
    monkeypatch.setattr("infra.local.addons.CLUSTER_DOMAIN", "other.local")
    assert template()["metadata"]["annotations"] != before["metadata"]["annotations"]
