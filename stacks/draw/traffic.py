"""Who may connect to whom, as links: between a site's pods, to them from elsewhere, from them to elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.objects import Manifest
from components.policies import PRIVATE_NETWORKS
from stacks import reachability
from stacks.draw.pods import Pods

NAME = "kubernetes.io/metadata.name"
ANYWHERE = ("0.0.0.0/0", "::/0")
DNS_PORTS = {53, 1053}


@dataclass(frozen=True)
class Ports:
    """Some ports: ``numbers`` in order; none for all of them."""

    numbers: tuple[int, ...] = ()

    def __str__(self) -> str:
        """Return them as people write them."""
        return ", ".join(str(number) for number in self.numbers) or "any port"

    def __or__(self, other: "Ports") -> "Ports":
        """Return both together."""
        if not self.numbers or not other.numbers:
            return Ports()
        return Ports(tuple(sorted({*self.numbers, *other.numbers})))


@dataclass(frozen=True)
class Peer:
    """Something beyond the site's own pods that a policy lets talk.

    Attributes
    ----------
    kind
        ``internet``, ``network`` (an IP range) or ``namespace``.
    name
        The range, or the namespaces and pods as far as the policy says.
    private
        Whether the internet includes private networks.
    """

    kind: str
    name: str
    private: bool = False


@dataclass(frozen=True)
class Flow:
    """Connections that policies allow."""

    source: str
    target: str
    ports: Ports


Beyond = tuple[str, Peer, Ports]
"""The key of a site's own pods, who it is they talk with, and on which ports."""


def policies_of(objects: Iterable[Manifest], pods: Sequence[Pods]) -> list[Manifest]:
    """Return the policies among objects, ports that they name as the numbers that any pod has by that name."""
    names: dict[str, set[int]] = {}
    for each in pods:
        for name, number in each.ports.items():
            names.setdefault(name, set()).add(number)
    return [_numbered(each, names) for each in objects if each["kind"] == "NetworkPolicy"]


def _numbered(value: Any, names: Mapping[str, set[int]]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_numbered(item, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: _numbered(item, names) for key, item in value.items()}
    if isinstance(ports := found.get("ports"), list):
        found["ports"] = [
            {**entry, "port": number}
            for entry in ports
            for number in (
                sorted(names.get(entry["port"], ()))
                if isinstance(entry.get("port"), str)
                else [entry.get("port")]
            )
        ]
    return found


def between(pods: Sequence[Pods], policies: Sequence[Manifest]) -> Iterator[Flow]:
    """Yield the connections among a site's pods that a policy speaks of.

    Where no policy is for either of two pods they may connect as they like; that is said of the pods, not drawn.
    """
    rules = {each.key: (_rules(each, policies, "Egress"), _rules(each, policies, "Ingress")) for each in pods}
    for source in pods:
        for target in pods:
            leaves, enters = rules[source.key][0], rules[target.key][1]
            if source is target or (leaves is None and enters is None):
                continue
            numbers = {*target.ports.values(), *_named(leaves), *_named(enters)}
            allowed = [
                number
                for number in sorted(numbers)
                if reachability.may_connect(policies, _party(source), _party(target), number)
            ]
            if allowed:
                yield Flow(source.key, target.key, Ports(tuple(allowed)))


def isolated(pods: Pods, policies: Sequence[Manifest]) -> bool:
    """Return whether policies say both who may reach these pods and what they may reach."""
    return all(_rules(pods, policies, direction) is not None for direction in ("Ingress", "Egress"))


def leaving(pods: Pods, policies: Sequence[Manifest]) -> Iterator[Beyond]:
    """Yield what pods may reach beyond the site's own."""
    for rule in _rules(pods, policies, "Egress") or ():
        for peer in _peers(rule, "to", pods.namespace):
            yield pods.key, peer, _ports(rule)


def entering(pods: Pods, policies: Sequence[Manifest]) -> Iterator[Beyond]:
    """Yield who beyond the site's own pods may reach these."""
    for rule in _rules(pods, policies, "Ingress") or ():
        for peer in _peers(rule, "from", pods.namespace):
            yield pods.key, peer, _ports(rule)


def _party(pods: Pods) -> reachability.Pod:
    return reachability.Pod(name=pods.name, namespace=pods.namespace, labels=pods.labels)


def _rules(pods: Pods, policies: Sequence[Manifest], direction: str) -> list[Manifest] | None:
    """Return the rules for pods in a direction; None where no policy is for them."""
    mine = reachability.policies_for(policies, _party(pods), direction)
    if not mine:
        return None
    return [rule for policy in mine for rule in policy["spec"].get(direction.lower()) or ()]


def _ports(rule: Mapping[str, Any]) -> Ports:
    numbers = {entry.get("port") for entry in rule.get("ports") or ()}
    return Ports(tuple(sorted(number for number in numbers if isinstance(number, int))))


def _named(rules: Iterable[Manifest] | None) -> set[int]:
    return {number for rule in rules or () for number in _ports(rule).numbers}


def _peers(rule: Mapping[str, Any], side: str, namespace: str) -> Iterator[Peer]:
    peers = rule.get(side)
    if not peers:
        yield Peer("internet", "", private=True)
    for peer in peers or ():
        if "ipBlock" in peer:
            yield _block(peer["ipBlock"])
        elif "namespaceSelector" in peer:
            name = _namespaces(peer["namespaceSelector"])
            if name != namespace:
                yield Peer("namespace", name)


def _block(block: Mapping[str, Any]) -> Peer:
    if block["cidr"] in ANYWHERE:
        private = not set(PRIVATE_NETWORKS) <= set(block.get("except") or ())
        return Peer("internet", "", private=private)
    return Peer("network", block["cidr"])


def _namespaces(selector: Mapping[str, Any]) -> str:
    labels = selector.get("matchLabels") or {}
    if labels:
        return labels.get(NAME) or ", ".join(labels.values())
    for expression in selector.get("matchExpressions") or ():
        values = ", ".join(expression.get("values") or ())
        if expression["operator"] == "In":
            return values
    return "other namespaces"
