"""Who may connect to the hub, its proxy and people's servers; what it adds up to is in tests/plans."""

from components.hub.network import hub_policy, proxy_policy, server_policy
from components.hub.spec import HubSpec, NetworkSpec
from components.policies import DNS, INTERNET

SMALL = {
    "title": "Small",
    "cpu": {"guarantee": 0.5, "limit": 4},
    "memory": {"guarantee": "1Gi", "limit": "8Gi"},
    "default": True,
}
SQLITE = HubSpec.model_validate({"profiles": {"small": SMALL}})
POSTGRESQL = HubSpec.model_validate(
    {"profiles": {"small": SMALL}, "state": {"kind": "postgresql", "cidr": "10.0.8.0/28", "port": 6432}}
)


def pods(component: str) -> dict[str, object]:
    return {
        "podSelector": {
            "matchLabels": {
                "app.kubernetes.io/component": component,
                "app.kubernetes.io/instance": "demo",
            }
        }
    }


def network(cidr: str) -> dict[str, object]:
    return {"ipBlock": {"cidr": cidr}}


def tcp(*ports: int) -> list[dict[str, object]]:
    return [{"port": port, "protocol": "TCP"} for port in ports]


def test_the_hub_is_asked_by_its_proxy_and_servers_and_reaches_what_it_runs():
    assert hub_policy("demo", SQLITE, provider=[], callers=[])["spec"] == {
        **pods("hub"),
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [pods("proxy"), pods("singleuser-server")], "ports": tcp(8081)}],
        "egress": [
            DNS,
            {"to": [pods("proxy")], "ports": tcp(8001)},
            {"to": [pods("singleuser-server")], "ports": tcp(8888)},
            {"to": [network("0.0.0.0/0")], "ports": tcp(443, 6443)},
        ],
    }


def test_other_doors_may_ask_the_hub_whom_a_token_belongs_to():
    policy = hub_policy("demo", SQLITE, provider=[], callers=["webdav"])
    assert policy["spec"]["ingress"] == [
        {"from": [pods("proxy"), pods("singleuser-server"), pods("webdav")], "ports": tcp(8081)}
    ]


def test_the_hub_reaches_its_identity_provider_and_its_database():
    provider = {"to": [network("0.0.0.0/0")], "ports": tcp(8443)}
    policy = hub_policy("demo", POSTGRESQL, provider=[provider], callers=[])
    assert policy["spec"]["egress"][-2:] == [
        provider,
        {"to": [network("10.0.8.0/28")], "ports": tcp(6432)},
    ]


def test_the_proxy_is_reached_by_the_edge_and_ordered_by_the_hub():
    assert proxy_policy("demo")["spec"] == {
        **pods("proxy"),
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {"from": [pods("edge")], "ports": tcp(8000)},
            {"from": [pods("hub")], "ports": tcp(8001)},
        ],
        "egress": [
            DNS,
            {"to": [pods("hub")], "ports": tcp(8081)},
            {"to": [pods("singleuser-server")], "ports": tcp(8888)},
        ],
    }


def test_a_server_reaches_the_hub_and_the_internet_and_no_other_server():
    assert server_policy("demo", NetworkSpec(), {})["spec"] == {
        **pods("singleuser-server"),
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [pods("proxy"), pods("hub")], "ports": tcp(8888)}],
        "egress": [DNS, {"to": [pods("hub")], "ports": tcp(8081)}, {"to": INTERNET}],
    }


def test_a_site_may_keep_servers_off_the_internet_and_open_some_networks_to_them():
    network_spec = NetworkSpec.model_validate(
        {
            "internet": False,
            "allow": {
                "licences": {"cidr": "10.60.4.20/32", "ports": [27000]},
                "archive": {"cidr": "10.60.16.0/22"},
            },
        }
    )
    assert server_policy("demo", network_spec, {})["spec"]["egress"] == [
        DNS,
        {"to": [pods("hub")], "ports": tcp(8081)},
        {"to": [network("10.60.16.0/22")]},
        {"to": [network("10.60.4.20/32")], "ports": tcp(27000)},
    ]


def test_a_server_reaches_what_other_layers_have_for_it():
    assert server_policy("demo", NetworkSpec(internet=False), {"tap": 8000, "s3": 8080})["spec"][
        "egress"
    ] == [
        DNS,
        {"to": [pods("hub")], "ports": tcp(8081)},
        {"to": [pods("s3")], "ports": tcp(8080)},
        {"to": [pods("tap")], "ports": tcp(8000)},
    ]
