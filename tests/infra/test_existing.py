"""Clusters that someone else runs, as components see them."""

from collections.abc import Callable

import pulumi
import pytest

from infra import existing
from infra.cluster import Capabilities, Cluster, ClusterEdge, NfsShare, VolumeSource
from infra.connect import connect
from infra.spec import ExistingClusterSpec, LocalClusterSpec, NodePoolSpec
from stacks.plan import PlannedResource, plan

POOL = {"labels": {"pool": "gpu"}, "cpu": 16, "memory": "64Gi", "gpus": 2}


def made(make: Callable[[], Cluster]) -> tuple[Cluster, PlannedResource]:
    """Return a cluster, and its provider as a plan shows it: all that a cluster declares."""
    clusters: list[Cluster] = []
    planned = plan(lambda: clusters.append(make()), stack="demo", config={})
    (provider,) = planned.resources
    return clusters[0], provider


def spec(**section: object) -> ExistingClusterSpec:
    return ExistingClusterSpec.model_validate({"kind": "existing", "context": "boreal", **section})


def test_the_provider_is_known_by_its_context_and_changes_secrets_in_place():
    _, provider = made(lambda: existing.connect("demo", spec()))
    assert (provider.type, provider.name) == ("pulumi:providers:kubernetes", "demo-cluster")
    assert provider.inputs == {
        "clusterIdentifier": "boreal",
        "context": "boreal",
        "enableConfigMapMutable": "true",
        "enableSecretMutable": "true",
    }


def test_the_kubeconfig_of_the_provider_is_shown_to_nobody():
    _, provider = made(lambda: existing.connect("demo", spec(kubeconfig="/home/ada/.kube/boreal")))
    assert provider.inputs["kubeconfig"] == "[secret]"


def test_a_cluster_that_claims_nothing_has_default_volumes_and_a_node_port():
    cluster, _ = made(lambda: existing.connect("demo", spec()))
    assert cluster == Cluster(
        provider=cluster.provider,
        volumes=dict.fromkeys(existing.PURPOSES, VolumeSource()),
        edge=ClusterEdge(ingress_class=None, tls_issuer=None),
        capabilities=Capabilities(load_balancer=False, network_policy=False),
        node_pools={},
    )
    assert cluster.exposure == "nodePort"


def test_a_cluster_is_taken_at_its_site_files_word():
    cluster, _ = made(
        lambda: existing.connect(
            "demo",
            spec(
                ingressClass="nginx",
                tlsIssuer="letsencrypt",
                loadBalancer=True,
                networkPolicy=True,
                volumes={
                    "homes": {"storageClass": "cephfs"},
                    "projects": {"volumeName": "projects-2019"},
                    "scratch": {
                        "nfs": {"server": "nfs.example.org", "path": "/scratch"},
                        "mountOptions": ["noatime"],
                    },
                    "state": {"storageClass": "ssd", "accessMode": "ReadWriteOnce"},
                },
                nodePools={"gpu": POOL},
            ),
        )
    )
    assert cluster == Cluster(
        provider=cluster.provider,
        volumes={
            "homes": VolumeSource(storage_class="cephfs"),
            "projects": VolumeSource(volume_name="projects-2019"),
            "scratch": VolumeSource(
                nfs=NfsShare(server="nfs.example.org", path="/scratch"), mount_options=("noatime",)
            ),
            "data": VolumeSource(),
            "software": VolumeSource(),
            "state": VolumeSource(storage_class="ssd", access_mode="ReadWriteOnce"),
            "backups": VolumeSource(),
        },
        edge=ClusterEdge(ingress_class="nginx", tls_issuer="letsencrypt"),
        capabilities=Capabilities(load_balancer=True, network_policy=True),
        node_pools={"gpu": NodePoolSpec.model_validate(POOL)},
    )


@pytest.mark.parametrize(
    ("section", "exposure"),
    [
        ({}, "nodePort"),
        ({"loadBalancer": True}, "loadBalancer"),
        ({"loadBalancer": True, "ingressClass": "nginx"}, "ingress"),
    ],
)
def test_a_site_is_published_in_the_best_way_that_its_cluster_has(section: dict[str, object], exposure: str):
    cluster, _ = made(lambda: existing.connect("demo", spec(**section)))
    assert cluster.exposure == exposure


def test_a_local_site_may_be_put_on_a_cluster_of_one_node_that_is_there():
    cluster, provider = made(
        lambda: connect("demo", LocalClusterSpec(kind="local"), sizes={}, context="kind-science")
    )
    one_node = VolumeSource(access_mode="ReadWriteOnce")
    assert cluster == Cluster(
        provider=cluster.provider,
        volumes=dict.fromkeys(existing.PURPOSES, one_node),
    )
    assert provider.inputs["context"] == "kind-science"


def test_a_local_site_has_a_cluster_of_its_own_on_this_machine():
    cluster, provider = made(
        lambda: connect("demo", LocalClusterSpec(kind="local", name="science"), sizes={})
    )
    local_path = VolumeSource(storage_class="local-path", access_mode="ReadWriteOnce")
    assert cluster == Cluster(
        provider=cluster.provider,
        volumes=dict.fromkeys(existing.PURPOSES, local_path),
    )
    assert (provider.inputs["context"], provider.inputs["kubeconfig"]) == (
        "science-local-science",
        "[secret]",
    )


def test_a_context_is_not_for_a_site_that_names_its_cluster():
    with pytest.raises(pulumi.RunError, match=r"context is for sites with cluster\.kind: local only"):
        made(lambda: connect("demo", spec(), sizes={}, context="kind"))
