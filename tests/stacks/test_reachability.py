"""The rules of NetworkPolicy, one at a time (https://kubernetes.io/docs/concepts/services-networking/network-policies/)."""

import pytest

from components.objects import Manifest
from stacks.reachability import OUTSIDE, Address, Pod, matrix, may_connect, site_pods

WEB = Pod(name="web", namespace="science-demo", labels={"app": "web"})
HUB = Pod(name="hub", namespace="science-demo", labels={"app": "hub", "tier": "core"})
DNS = Pod(name="dns", namespace="kube-system", labels={"k8s-app": "kube-dns"})
WORLD = Address(name="world", ip="192.0.2.1")


def policy(pod_selector: Manifest, namespace: str = "science-demo", **spec: object) -> Manifest:
    """Return a policy for one direction, or both, as its rules say."""
    types = [direction.capitalize() for direction in ("ingress", "egress") if direction in spec]
    return {
        "kind": "NetworkPolicy",
        "metadata": {"name": "some", "namespace": namespace},
        "spec": {"podSelector": pod_selector, "policyTypes": types, **spec},
    }


def app(name: str) -> Manifest:
    return {"matchLabels": {"app": name}}


def port(number: int) -> Manifest:
    return {"port": number, "protocol": "TCP"}


def into_hub(**rule: object) -> Manifest:
    return policy(app("hub"), ingress=[rule])


def out_of_web(**rule: object) -> Manifest:
    return policy(app("web"), egress=[rule])


def test_pods_that_no_policy_selects_are_open():
    assert may_connect([], WEB, HUB, 80)
    assert may_connect([], WEB, WORLD, 80)
    assert may_connect([], WORLD, HUB, 80)
    assert may_connect([policy(app("other"), ingress=[], egress=[])], WEB, HUB, 80)


def test_a_selected_pod_is_closed_but_for_what_is_allowed():
    closed = policy(app("hub"), ingress=[])
    assert not may_connect([closed], WEB, HUB, 80)
    assert not may_connect([closed], WORLD, HUB, 80)


def test_an_empty_selector_selects_every_pod_of_its_namespace_and_no_other():
    deny_all = policy({}, ingress=[], egress=[])
    assert not may_connect([deny_all], WEB, HUB, 80)
    assert not may_connect([deny_all], DNS, HUB, 80)
    assert may_connect([deny_all], DNS, WORLD, 80)


def test_a_policy_closes_only_the_directions_that_it_is_of():
    closed = policy(app("hub"), ingress=[])
    assert may_connect([closed], HUB, WEB, 80)
    assert not may_connect([closed], WEB, HUB, 80)


@pytest.mark.parametrize(
    ("spec", "hub_to_web", "web_to_hub"),
    [
        ({"podSelector": app("hub")}, True, False),
        ({"podSelector": app("hub"), "egress": [{"to": []}]}, True, False),
        ({"podSelector": app("hub"), "egress": [{"to": [{"podSelector": app("dns")}]}]}, False, False),
    ],
    ids=["without rules", "with egress to all", "with egress to some"],
)
def test_a_policy_that_does_not_say_its_directions_is_of_ingress_and_of_egress_if_it_has_rules(
    spec: Manifest, hub_to_web: bool, web_to_hub: bool
):
    unsaid = {"metadata": {"name": "some", "namespace": "science-demo"}, "spec": spec}
    assert may_connect([unsaid], HUB, WEB, 80) is hub_to_web
    assert may_connect([unsaid], WEB, HUB, 80) is web_to_hub


def test_a_connection_needs_the_senders_egress_and_the_receivers_ingress():
    enter = into_hub(**{"from": [{"podSelector": app("web")}]})
    leave = out_of_web(to=[{"podSelector": app("hub")}])
    deny_all = policy({}, ingress=[], egress=[])
    assert may_connect([deny_all, enter, leave], WEB, HUB, 80)
    assert not may_connect([deny_all, enter], WEB, HUB, 80)
    assert not may_connect([deny_all, leave], WEB, HUB, 80)


def test_several_policies_add_up():
    from_web = into_hub(**{"from": [{"podSelector": app("web")}], "ports": [port(80)]})
    from_world = into_hub(**{"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [port(443)]})
    both = [from_web, from_world]
    assert may_connect(both, WEB, HUB, 80)
    assert may_connect(both, WORLD, HUB, 443)
    # Nobody gains what another policy gives to others.
    assert not may_connect(both, WEB, HUB, 443)
    assert not may_connect(both, WORLD, HUB, 80)


def test_several_rules_and_several_peers_add_up():
    rules = policy(
        app("hub"),
        ingress=[
            {"from": [{"podSelector": app("web")}, {"podSelector": app("edge")}], "ports": [port(80)]},
            {"from": [{"podSelector": app("web")}], "ports": [port(81), port(82)]},
        ],
    )
    assert [number for number in (79, 80, 81, 82, 83) if may_connect([rules], WEB, HUB, number)] == [
        80,
        81,
        82,
    ]


@pytest.mark.parametrize("rule", [{}, {"from": []}, {"ports": []}, {"from": [], "ports": []}])
def test_a_rule_without_peers_is_for_everyone_and_one_without_ports_for_all(rule: Manifest):
    assert may_connect([into_hub(**rule)], WEB, HUB, 80)
    assert may_connect([into_hub(**rule)], WORLD, HUB, 80)


@pytest.mark.parametrize(
    ("entry", "open_ports"),
    [
        ({"port": 80}, [80]),
        ({"port": 80, "protocol": "TCP"}, [80]),
        ({"port": 80, "protocol": "UDP"}, []),
        ({"protocol": "TCP"}, [79, 80, 81, 82]),
        ({"port": 80, "endPort": 81}, [80, 81]),
    ],
    ids=["TCP by default", "TCP", "UDP", "no number", "range"],
)
def test_ports_are_of_tcp_and_may_be_ranges(entry: Manifest, open_ports: list[int]):
    policies = [into_hub(ports=[entry])]
    assert [number for number in (79, 80, 81, 82) if may_connect(policies, WEB, HUB, number)] == open_ports


def test_a_named_port_is_refused_rather_than_taken_for_closed():
    with pytest.raises(ValueError, match=r"port 'http' .* is named: say its number"):
        may_connect([into_hub(ports=[{"port": "http"}])], WEB, HUB, 80)


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({"matchLabels": {"app": "hub", "tier": "core"}}, True),
        ({"matchLabels": {"app": "hub", "tier": "edge"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["hub", "web"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["hub"]}]}, False),
        ({"matchExpressions": [{"key": "other", "operator": "NotIn", "values": ["hub"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "other", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "other", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        (
            {
                "matchLabels": {"app": "hub"},
                "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}],
            },
            False,
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_selector_needs_all_of_its_labels_and_expressions(selector: Manifest, selected: bool):
    assert may_connect([out_of_web(to=[{"podSelector": selector}])], WEB, HUB, 80) is selected


def test_a_pod_selector_alone_means_pods_of_the_policys_own_namespace():
    elsewhere = Pod(name="web", namespace="science-other", labels={"app": "web"})
    policies = [into_hub(**{"from": [{"podSelector": app("web")}]})]
    assert may_connect(policies, WEB, HUB, 80)
    assert not may_connect(policies, elsewhere, HUB, 80)


@pytest.mark.parametrize(
    ("selector", "web", "dns"),
    [
        ({}, True, True),
        ({"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}, False, True),
        (
            {
                "matchExpressions": [
                    {
                        "key": "kubernetes.io/metadata.name",
                        "operator": "NotIn",
                        "values": ["science-demo"],
                    }
                ]
            },
            False,
            True,
        ),
    ],
    ids=["all", "one by name", "all but one"],
)
def test_a_namespace_selector_alone_means_all_pods_of_these_namespaces(
    selector: Manifest, web: bool, dns: bool
):
    policies = [into_hub(**{"from": [{"namespaceSelector": selector}]})]
    assert may_connect(policies, WEB, HUB, 80) is web
    assert may_connect(policies, DNS, HUB, 80) is dns
    assert not may_connect(policies, WORLD, HUB, 80)


def test_a_namespace_and_a_pod_selector_together_must_both_select():
    system = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    peer = {"namespaceSelector": system, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    metrics = Pod(name="metrics", namespace="kube-system", labels={"k8s-app": "metrics"})
    policies = [out_of_web(to=[peer])]
    assert may_connect(policies, WEB, DNS, 53)
    assert not may_connect(policies, WEB, metrics, 53)


def test_selectors_never_select_addresses():
    assert not may_connect([out_of_web(to=[{"podSelector": {}}])], WEB, WORLD, 80)


@pytest.mark.parametrize(
    ("block", "reached"),
    [
        ({"cidr": "0.0.0.0/0"}, True),
        ({"cidr": "192.0.2.0/24"}, True),
        ({"cidr": "198.51.100.0/24"}, False),
        ({"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}, True),
        ({"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "192.0.2.0/30"]}, False),
        ({"cidr": "::/0"}, False),
    ],
    ids=["everything", "its network", "another", "everything but others", "everything but it", "IPv6"],
)
def test_a_block_of_addresses_may_have_holes(block: Manifest, reached: bool):
    assert may_connect([out_of_web(to=[{"ipBlock": block}])], WEB, WORLD, 80) is reached


def test_what_a_block_leaves_out_another_peer_may_allow():
    hole = {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["192.0.2.0/24"]}}
    filled = {"ipBlock": {"cidr": "192.0.2.1/32"}}
    assert may_connect([out_of_web(to=[hole, filled])], WEB, WORLD, 80)


def test_a_pod_counts_by_its_private_address_for_blocks():
    everything = {"ipBlock": {"cidr": "0.0.0.0/0"}}
    internet = {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}
    assert may_connect([out_of_web(to=[everything])], WEB, HUB, 80)
    assert not may_connect([out_of_web(to=[internet])], WEB, HUB, 80)


def workload(kind: str, name: str, *ports: int) -> Manifest:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"ports": [{"containerPort": number} for number in ports]}, {}]},
    }
    return {"kind": kind, "metadata": {"name": name}, "spec": {"template": template}}


def test_a_sites_pods_are_those_of_its_workloads_and_servers_of_two_users():
    objects = [
        workload("Deployment", "hub", 8081),
        workload("StatefulSet", "database", 5432),
        workload("DaemonSet", "fetcher"),
        {"kind": "Service", "metadata": {"name": "hub"}},
    ]
    server = {
        "app.kubernetes.io/name": "singleuser-server",
        "app.kubernetes.io/component": "singleuser-server",
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/part-of": "science-platform",
        "app.kubernetes.io/managed-by": "pulumi",
    }
    here = "science-demo"
    assert site_pods("demo", objects) == [
        Pod(name="hub", namespace=here, labels={"app": "hub"}, ports={"8081": 8081}),
        Pod(name="database", namespace=here, labels={"app": "database"}, ports={"5432": 5432}),
        Pod(name="fetcher", namespace=here, labels={"app": "fetcher"}),
        Pod(name="user server", namespace=here, labels=server, ports={"8888": 8888}),
        Pod(name="another user's server", namespace=here, labels=server, ports={"8888": 8888}),
    ]


def test_the_matrix_says_for_each_party_where_it_may_connect_to():
    objects = [
        workload("Deployment", "hub", 8081, 9000),
        policy({}, ingress=[], egress=[]),
        policy(app("hub"), ingress=[{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [port(8081)]}]),
        policy(app("hub"), egress=[{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}]),
    ]
    assert matrix("demo", objects) == {
        "hub": ["internet:443", "internet:80"],
        "user server": [],
        "another user's server": [],
        "internet": ["hub:8081"],
    }


def test_the_matrix_without_policies_is_everything():
    everywhere = ["DNS:53", *(f"{address.name}:{name}" for address in OUTSIDE for name in address.ports)]
    assert matrix("demo", [workload("Deployment", "hub", 8081)]) == {
        "hub": sorted([*everywhere, "another user's server:8888", "user server:8888"]),
        "user server": sorted([*everywhere, "another user's server:8888", "hub:8081"]),
        "another user's server": sorted([*everywhere, "hub:8081", "user server:8888"]),
        "internet": ["another user's server:8888", "hub:8081", "user server:8888"],
    }


def test_further_parties_are_sources_and_targets_but_not_of_each_other():
    archive = Address(name="archive", ip="10.60.16.1", ports={"443": 443})
    neighbour = Pod(name="neighbour", namespace="science-other", labels={"app": "hub"}, ports={"80": 80})
    objects = [
        workload("Deployment", "hub", 8081),
        policy({}, ingress=[{"from": [{"ipBlock": {"cidr": "10.60.0.0/16"}}]}], egress=[]),
    ]
    assert matrix("demo", objects, [archive, neighbour]) == {
        "hub": [],
        "user server": [],
        "another user's server": [],
        "internet": [],
        "archive": ["another user's server:8888", "hub:8081", "user server:8888"],
        "neighbour": [],
    }
