"""Pods of a plan: found wherever a kind keeps its template; those made while the site runs by their policy."""

from typing import Any

import pytest

from components.policies import USER_SERVER, deny_all, policy
from stacks.draw.pods import Pods, layer_of, runtime_pods, workloads
from tests.support.big import workload
from tests.support.diff import claim, kubernetes, of, resource

SPEC = {"containers": [{"name": "one", "image": "example.org/one:1", "ports": [{"containerPort": 80}]}]}
TEMPLATE = {"metadata": {"labels": {"app": "one"}}, "spec": SPEC}


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        ("Deployment", {"spec": {"template": TEMPLATE}}),
        ("StatefulSet", {"spec": {"template": TEMPLATE, "volumeClaimTemplates": []}}),
        ("Job", {"spec": {"template": TEMPLATE}}),
        ("CronJob", {"spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}}),
        ("Pod", {"spec": SPEC}),
        ("DaskCluster", {"spec": {"worker": {"replicas": 2, **TEMPLATE}}}),
    ],
)
def test_a_workload_of_any_kind_has_its_pods(kind: str, rest: dict[str, Any]):
    metadata = {"name": "one", "namespace": "science-demo", "labels": {"app": "one"}}
    manifest = {"apiVersion": "example.org/v1", "kind": kind, "metadata": metadata, **rest}
    planned = kubernetes(manifest)
    assert workloads(of(planned)) == [
        Pods(
            key=f"pods/science-demo/{kind}/one",
            name="one",
            kind=kind,
            namespace="science-demo",
            labels={"app": "one"},
            layer="platform",
            urn=planned.urn,
            manifest=manifest,
            specs=(SPEC,),
        )
    ]


def test_what_has_no_pods_is_no_workload():
    assert (
        workloads(of(claim(), resource("aws:s3/bucket:Bucket", "images", {"spec": {"containers": []}}))) == []
    )


def test_a_policy_for_all_pods_makes_none():
    planned = of(kubernetes(deny_all("demo")))
    assert runtime_pods(planned, []) == []


def test_pods_that_only_a_policy_knows_are_made_while_the_site_runs():
    planned = of(
        kubernetes(workload("Deployment", "hub")),
        kubernetes(deny_all("demo")),
        kubernetes(policy("demo", "hub")),
        kubernetes(policy("demo", USER_SERVER)),
    )
    (found,) = runtime_pods(planned, workloads(planned))
    assert (found.name, found.urn, found.specs) == ("singleuser-server", None, ())
    assert found.labels == {
        "app.kubernetes.io/component": "singleuser-server",
        "app.kubernetes.io/instance": "demo",
    }


@pytest.mark.parametrize(
    ("spec", "account"),
    [
        ({"serviceAccountName": "hub"}, "hub"),
        ({"serviceAccountName": "hub", "automountServiceAccountToken": True}, "hub"),
        ({"serviceAccountName": "hub", "automountServiceAccountToken": False}, None),
        ({}, None),
    ],
)
def test_only_pods_with_a_token_have_an_account(spec: dict[str, Any], account: str | None):
    manifest = workload("Deployment", "hub")
    manifest["spec"]["template"]["spec"] |= spec
    (found,) = workloads(of(kubernetes(manifest)))
    assert found.account == account


def test_ports_of_all_containers_count_by_name_where_they_have_one():
    manifest = workload("Deployment", "hub", ports=(8081,))
    pod = manifest["spec"]["template"]["spec"]
    pod["initContainers"] = [{"name": "side", "ports": [{"name": "metrics", "containerPort": 9180}]}]
    (found,) = workloads(of(kubernetes(manifest)))
    assert found.ports == {"metrics": 9180, "8081": 8081}


@pytest.mark.parametrize(
    ("types", "layer"),
    [
        (
            "science-platform:index:SciencePlatform$science-platform:hub:Hub$kubernetes:apps/v1:Deployment",
            "hub",
        ),
        ("science-platform:index:SciencePlatform$kubernetes:core/v1:Namespace", "platform"),
        ("kubernetes:core/v1:Namespace", "platform"),
    ],
)
def test_a_layer_is_the_module_of_the_component_that_declares(types: str, layer: str):
    planned = claim()
    urn = f"urn:pulumi:demo::science-platform::{types}::name"
    assert layer_of(type(planned)(**{**vars(planned), "urn": urn})) == layer
