"""Connections that policies allow: among a site's pods, from elsewhere, to elsewhere."""

from collections.abc import Sequence
from typing import Any

import pytest

from components.policies import (
    ANYWHERE,
    DNS,
    INTERNET,
    PRIVATE_NETWORKS,
    deny_all,
    egress,
    ingress,
    network,
    pods,
    policy,
)
from stacks.draw.pods import Pods, workloads
from stacks.draw.traffic import Flow, Peer, Ports, between, entering, isolated, leaving, policies_of
from tests.support.big import workload
from tests.support.diff import kubernetes, of

HUB, PROXY = "pods/science-demo/Deployment/hub", "pods/science-demo/Deployment/proxy"
OTHERS = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["science-demo"]}


def two(*policies: dict[str, Any]) -> tuple[list[Pods], Sequence[dict[str, Any]]]:
    manifests = [workload("Deployment", "proxy", ports=(8000,)), workload("Deployment", "hub", ports=(8081,))]
    found = workloads(of(*map(kubernetes, manifests)))
    return found, policies_of(policies, found)


def test_both_sides_have_to_allow_a_connection():
    there = policy("demo", "proxy", egress=[egress(pods("demo", "hub"), 8081, 9000)])
    here = policy("demo", "hub", ingress=[ingress(pods("demo", "proxy"), 8081)])
    assert list(between(*two(deny_all("demo"), there, here))) == [Flow(PROXY, HUB, Ports((8081,)))]
    assert list(between(*two(deny_all("demo"), there))) == []
    assert list(between(*two(deny_all("demo"), here))) == []


def test_pods_that_no_policy_is_for_are_said_to_be_open_and_not_drawn_with_everything():
    found, policies = two(policy("demo", "hub"))
    assert list(between(found, policies)) == []
    assert [isolated(each, policies) for each in found] == [False, True]
    assert list(between(*two())) == []


def test_a_port_that_a_policy_names_is_that_of_the_pods():
    rule = {"from": pods("demo", "proxy"), "ports": [{"port": "http", "protocol": "TCP"}]}
    proxy = workload("Deployment", "proxy")
    hub = workload("Deployment", "hub", ports=(8081,))
    hub["spec"]["template"]["spec"]["containers"][0]["ports"][0]["name"] = "http"
    found = workloads(of(kubernetes(proxy), kubernetes(hub)))
    policies = policies_of([policy("demo", "hub", ingress=[rule])], found)
    assert list(between(found, policies)) == [Flow(PROXY, HUB, Ports((8081,)))]


@pytest.mark.parametrize(
    ("rule", "peer", "ports"),
    [
        (egress(INTERNET), Peer("internet", ""), Ports()),
        (egress(ANYWHERE, 443), Peer("internet", "", private=True), Ports((443,))),
        ({"ports": [{"port": 443}]}, Peer("internet", "", private=True), Ports((443,))),
        (
            egress(network("0.0.0.0/0", exclude=PRIVATE_NETWORKS[1:]), 80),
            Peer("internet", "", private=True),
            Ports((80,)),
        ),
        (egress(network("10.60.4.0/24"), 443, 22), Peer("network", "10.60.4.0/24"), Ports((22, 443))),
        (DNS, Peer("namespace", "kube-system"), Ports((53, 1053))),
        ({"to": [{"namespaceSelector": {}}]}, Peer("namespace", "other namespaces"), Ports()),
    ],
)
def test_what_pods_may_reach_beyond_the_site(rule: dict[str, Any], peer: Peer, ports: Ports):
    found, policies = two(policy("demo", "hub", egress=[rule]))
    assert [each for pods in found for each in leaving(pods, policies)] == [(HUB, peer, ports)]


def test_the_site_s_own_pods_are_not_beyond_it():
    own = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "science-demo"}}}
    found, policies = two(
        policy("demo", "hub", egress=[egress([own], 80), egress(pods("demo", "proxy"), 80)])
    )
    assert [each for pods in found for each in leaving(pods, policies)] == []


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        ({"matchExpressions": [OTHERS]}, "other namespaces"),
        ({"matchExpressions": [OTHERS | {"operator": "In", "values": ["a", "b"]}]}, "a, b"),
        ({"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}, "monitoring"),
        ({"matchLabels": {"purpose": "ingress"}}, "ingress"),
    ],
)
def test_who_may_call_from_other_namespaces(peer: dict[str, Any], name: str):
    found, policies = two(policy("demo", "hub", ingress=[ingress([{"namespaceSelector": peer}], 9180)]))
    expected = [(HUB, Peer("namespace", name), Ports((9180,)))]
    assert [each for pods in found for each in entering(pods, policies)] == expected


def test_ports_together_are_all_of_both_and_any_port_is_more_than_some():
    assert Ports((443, 80)) | Ports((22, 80)) == Ports((22, 80, 443))
    assert Ports((443,)) | Ports() == Ports()
    assert [str(Ports((22, 80))), str(Ports())] == ["22, 80", "any port"]
