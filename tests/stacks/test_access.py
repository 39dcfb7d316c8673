"""Reaching a site's cluster."""

from pathlib import Path

import pytest

from infra.claims import Finding
from infra.local.cluster import LocalCluster
from stacks.access import Access, ClaimsError, access_to, load_target, own_images, refuse_false_claims
from stacks.bring import plan_of
from stacks.sites import read


def test_a_local_site_is_reached_by_its_clusters_own_kubeconfig():
    local = LocalCluster("science")
    assert access_to(read("local")) == Access(kubeconfig=local.kubeconfig, context="science-local-science")


def test_a_given_context_takes_the_place_of_the_local_cluster():
    assert access_to(read("local"), "kind-dev") == Access(kubeconfig=None, context="kind-dev")


def test_an_existing_cluster_is_reached_by_its_context():
    file = read("boreal")
    assert file.site.cluster.kind == "existing"
    kubeconfig = file.site.cluster.kubeconfig
    expected = Path(kubeconfig).expanduser() if kubeconfig else None
    assert access_to(file) == Access(kubeconfig=expected, context=file.site.cluster.context)


def test_a_plan_tells_which_of_the_projects_images_it_needs():
    assert own_images(plan_of(read("local"))) == ["base", "hub", "proxy", "lab", "edge", "webdav", "s3"]


@pytest.mark.parametrize(
    ("context", "target"),
    [("kind-dev", "kind:dev"), ("minikube", "minikube:minikube"), ("minikube-two", "minikube:minikube-two")],
)
def test_images_are_loaded_by_the_tool_of_the_context(context: str, target: str):
    assert load_target(context) == target


def test_a_context_of_another_kind_is_refused_with_what_to_do():
    with pytest.raises(ClaimsError, match=r"push them to a registry \(python -m images push\)"):
        load_target("production")


def test_false_claims_are_told_together_with_what_to_do():
    found = [
        Finding(claim="Kubernetes 1.34 or newer: v1.30.1", holds=False, advice="upgrade the cluster"),
        Finding(claim="cluster.ingressClass: nginx exists", holds=True),
        Finding(claim="cluster.nodePools.gpu: a node has its labels", holds=False, blocking=False),
        Finding(
            claim="cluster.tlsIssuer: ClusterIssuer le exists", holds=False, advice="install cert-manager"
        ),
    ]
    with pytest.raises(ClaimsError) as refused:
        refuse_false_claims(found)
    assert str(refused.value) == (
        "the cluster is not what the site file says:\n"
        "- Kubernetes 1.34 or newer: v1.30.1: no\n  upgrade the cluster\n"
        "- cluster.tlsIssuer: ClusterIssuer le exists: no\n  install cert-manager"
    )


def test_a_note_stops_nothing():
    refuse_false_claims([Finding(claim="a note", holds=False, blocking=False)])
