"""Who may connect to the hub, its proxy and people's servers, and to whom they may connect."""

from collections.abc import Mapping, Sequence

from components import policies
from components.edge.manifests import COMPONENT as EDGE
from components.hub.manifests import HUB, HUB_PORT, PROXY, PROXY_API_PORT, PROXY_PORT
from components.hub.spec import HubSpec, NetworkSpec
from components.objects import Manifest
from components.policies import ANYWHERE, DNS, INTERNET, USER_SERVER, Rule, egress, ingress, pods

SERVER_PORT = 8888
API_SERVER_PORTS = (443, 6443)
"""Where a cluster's API listens: policies see the address behind the Service, which no selector names."""


def hub_policy(site: str, spec: HubSpec, provider: Sequence[Rule], callers: Sequence[str]) -> Manifest:
    """Return the hub's policy.

    Parameters
    ----------
    provider
        Rules that let it reach the identity provider.
    callers
        Components, beside the proxy and people's servers, that ask the hub whom a token belongs to.
    """
    database = []
    if spec.state.kind == "postgresql":
        database = [egress(policies.network(spec.state.cidr), spec.state.port)]
    return policies.policy(
        site,
        HUB,
        ingress=[ingress(pods(site, PROXY, USER_SERVER, *callers), HUB_PORT)],
        egress=[
            DNS,
            egress(pods(site, PROXY), PROXY_API_PORT),
            egress(pods(site, USER_SERVER), SERVER_PORT),
            egress(ANYWHERE, *API_SERVER_PORTS),
            *provider,
            *database,
        ],
    )


def proxy_policy(site: str) -> Manifest:
    """Return the proxy's policy."""
    return policies.policy(
        site,
        PROXY,
        ingress=[ingress(pods(site, EDGE), PROXY_PORT), ingress(pods(site, HUB), PROXY_API_PORT)],
        egress=[DNS, egress(pods(site, HUB), HUB_PORT), egress(pods(site, USER_SERVER), SERVER_PORT)],
    )


def server_policy(site: str, network: NetworkSpec, callees: Mapping[str, int]) -> Manifest:
    """Return the policy of people's servers: the hub, DNS, and what the site allows.

    Parameters
    ----------
    callees
        Ports of other layers' components that servers may connect to, by component.
    """
    allowed = [
        egress(policies.network(destination.cidr), *destination.ports)
        for _, destination in sorted(network.allow.items())
    ]
    return policies.policy(
        site,
        USER_SERVER,
        ingress=[ingress(pods(site, PROXY, HUB), SERVER_PORT)],
        egress=[
            DNS,
            egress(pods(site, HUB), HUB_PORT),
            *(egress(pods(site, component), port) for component, port in sorted(callees.items())),
            *([egress(INTERNET)] if network.internet else []),
            *allowed,
        ],
    )
