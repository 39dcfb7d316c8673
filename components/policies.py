"""NetworkPolicies, and the names of those who may appear in them.

Every namespace of a site denies all traffic; each layer then allows what it needs, both ways: the caller's
egress and the callee's ingress. What the policies add up to is tested as one table (tests/plans).
"""

from collections.abc import Sequence

from components.objects import Manifest, metadata, selector

USER_SERVER = "singleuser-server"
"""Component label that KubeSpawner gives to people's servers."""

PRIVATE_NETWORKS = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
"""Networks where a cluster's nodes, services and metadata addresses live (RFC 1918, 3927, 6598)."""

Peer = Manifest
Rule = Manifest


def pods(site: str, *components: str) -> list[Peer]:
    """Return the peers that are pods of these components."""
    return [{"podSelector": {"matchLabels": selector(site, component)}} for component in components]


def network(cidr: str, *, exclude: Sequence[str] = ()) -> list[Peer]:
    """Return the peer that is an IP network without some others."""
    block: Manifest = {"cidr": cidr}
    if exclude:
        block["except"] = list(exclude)
    return [{"ipBlock": block}]


ANYWHERE = network("0.0.0.0/0")
INTERNET = network("0.0.0.0/0", exclude=PRIVATE_NETWORKS)


def _ports(ports: Sequence[int], protocol: str = "TCP") -> list[Manifest]:
    return [{"port": port, "protocol": protocol} for port in ports]


def ingress(peers: Sequence[Peer], *ports: int) -> Rule:
    """Return a rule that lets peers connect to TCP ports (of the pod, not of its Service)."""
    return {"from": list(peers), "ports": _ports(ports)}


def egress(peers: Sequence[Peer], *ports: int) -> Rule:
    """Return a rule that lets the pod connect to TCP ports of peers; no ports for all."""
    rule: Rule = {"to": list(peers)}
    if ports:
        rule["ports"] = _ports(ports)
    return rule


DNS: Rule = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    # CoreDNS listens on an unprivileged port where it runs without privileges; policies see the pod's port.
    "ports": [{"port": port, "protocol": protocol} for port in (53, 1053) for protocol in ("UDP", "TCP")],
}
"""The rule that lets a pod ask the cluster's DNS."""


def deny_all(site: str) -> Manifest:
    """Return the policy that denies all traffic of the site's namespace that no other policy allows."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(site, "platform", "deny-all"),
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def policy(
    site: str, component: str, *, ingress: Sequence[Rule] = (), egress: Sequence[Rule] = ()
) -> Manifest:
    """Return the policy of one component's pods: all that may reach them and all that they may reach."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(site, component, component),
        "spec": {
            "podSelector": {"matchLabels": selector(site, component)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": list(ingress),
            "egress": list(egress),
        },
    }
