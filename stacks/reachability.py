"""Who may open a connection to whom, computed from planned NetworkPolicies (networking.k8s.io/v1).

The rules of Kubernetes: a pod that no policy selects for a direction is open in it; one that is selected may do
what any of its policies allows; a connection between pods needs the sender's egress and the receiver's ingress.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.objects import Manifest, labels, namespace_of
from components.policies import USER_SERVER


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod, as policies see it."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    ports: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Something outside the pod network."""

    name: str
    ip: str
    ports: Mapping[str, int] = field(default_factory=dict)


Party = Pod | Address

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
"""Kinds of object that a site's pods are made from."""

POD_IP = "10.0.128.9"
"""Where pods live, as far as rules by address are concerned: on a private network (RFC 1918)."""

OUTSIDE = (
    Address(name="kubernetes API", ip="10.0.0.1", ports={"443": 443, "6443": 6443}),
    Address(name="metadata", ip="169.254.169.254", ports={"80": 80}),
    Address(name="private network", ip="10.1.2.3", ports={"22": 22, "443": 443}),
    Address(name="internet", ip="192.0.2.1", ports={"80": 80, "443": 443}),
)
"""Addresses that no site names: a cluster's API and metadata service, its network, and the world."""

DNS = Pod(name="DNS", namespace="kube-system", labels={"k8s-app": "kube-dns"}, ports={"53": 53})


def selects(selector: Mapping[str, Any], candidate: Mapping[str, str]) -> bool:
    """Return whether a label selector selects what has these labels."""
    if any(candidate.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_matches(expression, candidate) for expression in selector.get("matchExpressions", []))


def _matches(expression: Mapping[str, Any], candidate: Mapping[str, str]) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values", [])
    return {
        "In": candidate.get(key) in values,
        "NotIn": candidate.get(key) not in values,
        "Exists": key in candidate,
        "DoesNotExist": key not in candidate,
    }[operator]


def _is_peer(peer: Mapping[str, Any], party: Party, namespace: str) -> bool:
    if "ipBlock" in peer:
        # Network plugins differ in whether a block matches pods: to be safe, a pod counts by its address.
        address = ipaddress.ip_address(POD_IP if isinstance(party, Pod) else party.ip)
        block = peer["ipBlock"]
        excluded = any(address in ipaddress.ip_network(cidr) for cidr in block.get("except", []))
        return address in ipaddress.ip_network(block["cidr"]) and not excluded
    if isinstance(party, Address):
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": party.namespace}):
            return False
    elif party.namespace != namespace:
        return False
    return selects(peer.get("podSelector", {}), party.labels)


def _rule_allows(rule: Mapping[str, Any], side: str, party: Party, port: int, namespace: str) -> bool:
    peers, ports = rule.get(side), rule.get("ports")
    if peers and not any(_is_peer(peer, party, namespace) for peer in peers):
        return False
    return not ports or any(_holds(entry, port) for entry in ports)


def _holds(entry: Mapping[str, Any], port: int) -> bool:
    first = entry.get("port", port)
    if isinstance(first, str):
        raise ValueError(f"port {first!r} of a NetworkPolicy is named: say its number")  # noqa: TRY004 - valid there
    return entry.get("protocol", "TCP") == "TCP" and first <= port <= entry.get("endPort", first)


def directions(spec: Mapping[str, Any]) -> Sequence[str]:
    """Return the directions that a policy is of: those it says, else by what it has rules for."""
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def policies_for(policies: Iterable[Manifest], pod: Pod, direction: str) -> list[Manifest]:
    """Return the policies that are for a pod in a direction, ``Ingress`` or ``Egress``; it is open where none is."""
    return [
        policy
        for policy in policies
        if policy["metadata"]["namespace"] == pod.namespace
        and direction in directions(policy["spec"])
        and selects(policy["spec"]["podSelector"], pod.labels)
    ]


def _direction_allows(
    policies: Iterable[Manifest], pod: Pod, direction: str, other: Party, port: int
) -> bool:
    mine = policies_for(policies, pod, direction)
    side = "to" if direction == "Egress" else "from"
    return not mine or any(
        _rule_allows(rule, side, other, port, pod.namespace)
        for policy in mine
        for rule in policy["spec"].get(direction.lower(), [])
    )


def may_connect(policies: Sequence[Manifest], source: Party, target: Party, port: int) -> bool:
    """Return whether ``source`` may open a TCP connection to a port of ``target``.

    Raises
    ------
    ValueError
        If a policy names a port instead of giving its number: it could be any.
    """
    if isinstance(source, Pod) and not _direction_allows(policies, source, "Egress", target, port):
        return False
    return not isinstance(target, Pod) or _direction_allows(policies, target, "Ingress", source, port)


def site_pods(site: str, objects: Iterable[Manifest]) -> list[Pod]:
    """Return a pod of each planned workload, and the servers of two users."""
    namespace = namespace_of(site)
    pods = [
        Pod(
            name=manifest["metadata"]["name"],
            namespace=namespace,
            labels=template["metadata"]["labels"],
            ports={
                str(port["containerPort"]): port["containerPort"]
                for container in template["spec"]["containers"]
                for port in container.get("ports", [])
            },
        )
        for manifest in objects
        if (template := pod_template(manifest)) is not None
    ]
    users = [
        Pod(name=name, namespace=namespace, labels=labels(site, USER_SERVER), ports={"8888": 8888})
        for name in ("user server", "another user's server")
    ]
    return [*pods, *users]


def pod_template(manifest: Manifest) -> Manifest | None:
    """Return the pod template of a workload, None for what is none."""
    spec = manifest.get("spec", {})
    if manifest["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec["template"] if manifest["kind"] in WORKLOADS else None


def matrix(site: str, objects: Sequence[Manifest], others: Sequence[Party] = ()) -> dict[str, list[str]]:
    """Return, for each party, where it may connect to: ``party:port``, sorted.

    Parties are the site's pods, the cluster's DNS, `OUTSIDE` and others; what those who are not of the site may
    do among themselves is left out.

    Parameters
    ----------
    objects
        The site's planned Kubernetes objects.
    others
        Further parties, such as a network that the site allows, or pods of other namespaces.
    """
    policies = [manifest for manifest in objects if manifest["kind"] == "NetworkPolicy"]
    pods = site_pods(site, objects)
    internet = next(party for party in OUTSIDE if party.name == "internet")
    sources: list[Party] = [*pods, internet, *others]
    targets: list[Party] = [*pods, DNS, *OUTSIDE, *others]
    return {
        source.name: sorted(
            f"{target.name}:{name}"
            for target in targets
            if target is not source and (source in pods or target in pods)
            for name, port in target.ports.items()
            if may_connect(policies, source, target, port)
        )
        for source in sources
    }
