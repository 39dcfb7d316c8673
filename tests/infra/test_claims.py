"""What a site file claims of its cluster, held against the cluster."""

from dataclasses import replace
from typing import Any

import pytest

from infra.claims import Facts, Finding, examine, observe
from infra.spec import ExistingClusterSpec, Purpose


def named(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of an object
    return {"metadata": {"name": name}, **more}


CLUSTER = Facts(
    version="v1.36.2",
    storage_classes=[
        {
            "metadata": {
                "name": "rbd",
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": "rbd.csi.ceph.com",
            "allowVolumeExpansion": True,
        },
        named("cephfs", provisioner="cephfs.csi.ceph.com", allowVolumeExpansion=True),
    ],
    ingress_classes=[named("nginx")],
    daemon_sets=[named("calico-node")],
    nodes=[
        {"metadata": {"name": "a", "labels": {"pool": "cpu"}}},
        {"metadata": {"name": "b", "labels": {"pool": "gpu"}}},
    ],
    volumes=["archive"],
    csi_drivers=["cephfs.csi.ceph.com"],
    issuers=["letsencrypt"],
)

CLAIMS = {
    "kind": "existing",
    "context": "prod",
    "ingressClass": "nginx",
    "tlsIssuer": "letsencrypt",
    "networkPolicy": True,
    "volumes": {
        "homes": {"storageClass": "cephfs"},
        "projects": {"volumeName": "archive"},
        "state": {"storageClass": "rbd", "accessMode": "ReadWriteOnce"},
    },
    "nodePools": {"gpu": {"labels": {"pool": "gpu"}, "cpu": 8, "memory": "64Gi", "gpus": 1}},
}


PURPOSES: tuple[Purpose, ...] = ("homes", "projects", "state")


def false_claims(facts: Facts, **changed: object) -> list[Finding]:
    spec = ExistingClusterSpec.model_validate(CLAIMS | changed)
    return [finding for finding in examine(spec, PURPOSES, facts) if not finding.holds]


def test_a_cluster_that_is_as_claimed_has_every_claim_confirmed():
    findings = examine(ExistingClusterSpec.model_validate(CLAIMS), PURPOSES, CLUSTER)
    assert [(finding.claim, finding.holds) for finding in findings] == [
        ("Kubernetes 1.34 or newer: v1.36.2", True),
        ("cluster.volumes.homes: storage class cephfs exists and can be mounted ReadWriteMany", True),
        ("cluster.volumes.projects: PersistentVolume archive exists", True),
        ("cluster.volumes.state: storage class rbd exists and can be mounted ReadWriteOnce", True),
        ("cluster.ingressClass: nginx exists", True),
        ("cluster.tlsIssuer: ClusterIssuer letsencrypt exists", True),
        ("cluster.networkPolicy: the network enforces NetworkPolicies", True),
        ("cluster.nodePools.gpu: a node has its labels", True),
    ]


@pytest.mark.parametrize("version", ["v1.33.9", "1.9.0", "v0.30"])
def test_an_old_kubernetes_is_named(version: str):
    assert false_claims(replace(CLUSTER, version=version)) == [
        Finding(
            claim=f"Kubernetes 1.34 or newer: {version}",
            holds=False,
            advice="upgrade the cluster to 1.34 or newer",
        )
    ]


def test_a_missing_storage_class_is_told_which_there_are():
    changed = CLAIMS["volumes"] | {"homes": {"storageClass": "efs"}}
    assert false_claims(CLUSTER, volumes=changed) == [
        Finding(
            claim="cluster.volumes.homes: storage class efs exists",
            holds=False,
            advice="set cluster.volumes.homes.storageClass to one of: cephfs, rbd",
        )
    ]


def test_homes_on_a_class_of_block_volumes_are_refused():
    (finding,) = false_claims(CLUSTER, volumes=CLAIMS["volumes"] | {"homes": {"storageClass": "rbd"}})
    assert finding.advice.startswith("rbd.csi.ceph.com gives a volume to one node at a time")


def test_volumes_that_say_nothing_use_the_default_class_which_has_to_be_there():
    none_default = replace(CLUSTER, storage_classes=CLUSTER.storage_classes[1:])
    changed = {"homes": {"storageClass": "cephfs"}, "projects": {"volumeName": "archive"}}
    assert [finding.claim for finding in false_claims(none_default, volumes=changed)] == [
        "cluster.volumes.state: the cluster has a default storage class"
    ]


def test_folders_of_one_node_are_good_enough_for_a_cluster_of_one_node():
    facts = replace(
        CLUSTER,
        nodes=CLUSTER.nodes[1:],
        storage_classes=[named("standard", provisioner="rancher.io/local-path", allowVolumeExpansion=True)],
    )
    assert (
        false_claims(
            facts, volumes={key: {"storageClass": "standard"} for key in ("homes", "projects", "state")}
        )
        == []
    )


def test_a_missing_volume_is_told_which_there_are():
    changed = CLAIMS["volumes"] | {"projects": {"volumeName": "legacy"}}
    assert [finding.advice for finding in false_claims(CLUSTER, volumes=changed)] == [
        "create it or name another; there are: archive"
    ]


def test_a_missing_ingress_class_is_told_which_there_are():
    assert [finding.advice for finding in false_claims(CLUSTER, ingressClass="traefik")] == [
        "install its controller, or name another class; there are: nginx"
    ]


def test_a_tls_issuer_needs_cert_manager():
    assert [finding.advice for finding in false_claims(replace(CLUSTER, issuers=None))] == [
        "install cert-manager"
    ]


def test_a_missing_tls_issuer_is_told_which_there_are():
    assert [finding.advice for finding in false_claims(CLUSTER, tlsIssuer="internal")] == [
        "there are: letsencrypt"
    ]


def test_policies_that_nobody_enforces_are_refused():
    (finding,) = false_claims(replace(CLUSTER, daemon_sets=[named("kindnet")]))
    assert finding.claim == "cluster.networkPolicy: the network enforces NetworkPolicies"
    assert finding.blocking


def aws_node(*arguments: str) -> dict[str, Any]:
    return named("aws-node", spec={"template": {"spec": {"containers": [{"args": list(arguments)}]}}})


def test_amazons_network_enforces_policies_only_when_they_are_switched_on():
    assert false_claims(replace(CLUSTER, daemon_sets=[aws_node("--enable-network-policy=true")])) == []
    assert len(false_claims(replace(CLUSTER, daemon_sets=[aws_node("--enable-network-policy=false")]))) == 1


def test_enforcement_that_the_site_file_does_not_know_of_is_a_note():
    assert false_claims(CLUSTER, networkPolicy=False) == [
        Finding(
            claim="cluster.networkPolicy: Calico is there and the site file says so",
            holds=False,
            advice="set cluster.networkPolicy: true, so that journeys probe it",
            blocking=False,
        )
    ]


def test_a_node_pool_without_nodes_is_a_note_because_an_autoscaler_may_add_one():
    (finding,) = false_claims(replace(CLUSTER, nodes=CLUSTER.nodes[:1]))
    assert (finding.claim, finding.blocking) == ("cluster.nodePools.gpu: a node has its labels", False)


def test_a_driver_that_is_not_there_is_told_which_there_are():
    assert false_claims(CLUSTER, csiDrivers=["cvmfs.csi.cern.ch"]) == [
        Finding(
            claim="cluster.csiDrivers: cvmfs.csi.cern.ch is there",
            holds=False,
            advice="install it, or take it out; there are: cephfs.csi.ceph.com",
        )
    ]
    assert false_claims(CLUSTER, csiDrivers=["cephfs.csi.ceph.com"]) == []


def test_a_class_whose_volumes_cannot_grow_is_noted_and_blocks_nothing():
    fixed = [named("cephfs", provisioner="cephfs.csi.ceph.com"), CLUSTER.storage_classes[0]]
    (finding,) = false_claims(replace(CLUSTER, storage_classes=fixed))
    assert (finding.claim, finding.blocking) == (
        "cluster.volumes.homes: volumes of class cephfs can grow",
        False,
    )
    assert "allowVolumeExpansion: true" in finding.advice


def test_a_share_asks_nothing_of_storage_classes():
    share = {"nfs": {"server": "nfs.example.org", "path": "/export/homes"}}
    bare = replace(CLUSTER, storage_classes=[])
    spec = ExistingClusterSpec.model_validate(CLAIMS | {"volumes": {"homes": share}})
    assert not [each for each in examine(spec, ["homes"], bare) if "volumes" in each.claim]


def test_only_what_the_site_has_volumes_for_is_looked_at():
    spec = ExistingClusterSpec.model_validate(CLAIMS)
    keys = [each.claim.split(":")[0] for each in examine(spec, ["homes"], CLUSTER)]
    assert [key for key in keys if key.startswith("cluster.volumes")] == ["cluster.volumes.homes"]


def test_a_cluster_is_asked_which_drivers_it_has():
    class Kube:
        def version(self) -> str:
            return "v1.36.2"

        def list(self, api_version: str, kind: str) -> list[dict[str, Any]]:
            drivers = ("storage.k8s.io/v1", "CSIDriver")
            return [named("b"), named("a")] if (api_version, kind) == drivers else []

        def knows(self, api_version: str, kind: str) -> bool:
            return (api_version, kind) == ("", "")

    assert observe(Kube()).csi_drivers == ["a", "b"]
