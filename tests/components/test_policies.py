"""Rules and policies as the Kubernetes API takes them; what they add up to is in tests/stacks and tests/plans."""

from components import policies

WEB = {
    "podSelector": {
        "matchLabels": {"app.kubernetes.io/component": "web", "app.kubernetes.io/instance": "demo"}
    }
}
HUB = {
    "podSelector": {
        "matchLabels": {"app.kubernetes.io/component": "hub", "app.kubernetes.io/instance": "demo"}
    }
}


def test_pods_are_known_by_their_components():
    assert policies.pods("demo", "web", "hub") == [WEB, HUB]


def test_a_network_may_have_holes():
    assert policies.network("192.0.2.0/24") == [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
    assert policies.network("192.0.2.0/24", exclude=["192.0.2.128/25"]) == [
        {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.128/25"]}}
    ]


def test_the_internet_is_everywhere_but_private_networks():
    assert policies.INTERNET == [
        {
            "ipBlock": {
                "cidr": "0.0.0.0/0",
                "except": [
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                ],
            }
        }
    ]


def test_ingress_is_from_peers_to_tcp_ports():
    assert policies.ingress([WEB], 80, 443) == {
        "from": [WEB],
        "ports": [{"port": 80, "protocol": "TCP"}, {"port": 443, "protocol": "TCP"}],
    }


def test_egress_is_to_tcp_ports_of_peers_or_to_all_of_their_ports():
    assert policies.egress([WEB], 80) == {"to": [WEB], "ports": [{"port": 80, "protocol": "TCP"}]}
    assert policies.egress([WEB]) == {"to": [WEB]}


def test_dns_is_the_clusters_own_by_udp_and_tcp():
    assert policies.DNS == {
        "to": [
            {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
            }
        ],
        "ports": [
            {"port": 53, "protocol": "UDP"},
            {"port": 53, "protocol": "TCP"},
            {"port": 1053, "protocol": "UDP"},
            {"port": 1053, "protocol": "TCP"},
        ],
    }


def test_a_site_starts_from_denying_everything_to_everyone():
    assert policies.deny_all("demo") == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": "deny-all",
            "labels": {
                "app.kubernetes.io/name": "platform",
                "app.kubernetes.io/component": "platform",
                "app.kubernetes.io/instance": "demo",
                "app.kubernetes.io/part-of": "science-platform",
                "app.kubernetes.io/managed-by": "pulumi",
            },
            "namespace": "science-demo",
        },
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def test_a_components_policy_says_both_directions_even_where_one_is_empty():
    assert policies.policy("demo", "web", ingress=[policies.ingress([HUB], 80)]) == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": "web",
            "labels": {
                "app.kubernetes.io/name": "web",
                "app.kubernetes.io/component": "web",
                "app.kubernetes.io/instance": "demo",
                "app.kubernetes.io/part-of": "science-platform",
                "app.kubernetes.io/managed-by": "pulumi",
            },
            "namespace": "science-demo",
        },
        "spec": {
            "podSelector": {
                "matchLabels": {"app.kubernetes.io/component": "web", "app.kubernetes.io/instance": "demo"}
            },
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [HUB], "ports": [{"port": 80, "protocol": "TCP"}]}],
            "egress": [],
        },
    }
