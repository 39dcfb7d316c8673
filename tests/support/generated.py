"""Two dozen sites made up, for what has to hold of many."""

from collections.abc import Iterator
from itertools import product
from typing import Any

POSTGRESQL = {"kind": "postgresql", "cidr": "10.0.8.0/28"}
SPACES = {"size": "1Ti", "spaces": {"survey": {"readWrite": ["survey"]}}}
OIDC = {"kind": "oidc", "issuer": "https://login.example.org", "clientId": "science", "allowAll": True}
SHARED = {"kind": "sharedPassword", "users": {"ada": {"groups": ["survey"]}}}
DOORS: dict[str, dict[str, Any]] = {
    "port": {
        "disposable": True,
        "identity": SHARED,
        "edge": {"certificate": {"kind": "ownAuthority"}},
    },
    "balancer": {
        "identity": OIDC,
        "cluster": {"loadBalancer": True},
        "edge": {"replicas": 1, "certificate": {"kind": "acme", "email": "operations@example.org"}},
    },
    "ingress": {
        "identity": OIDC,
        "cluster": {"ingressClass": "nginx", "tlsIssuer": "letsencrypt"},
        "edge": {},
    },
}
"""Ways to be published, each with the rest that goes with it."""


def generated_sites() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield two dozen sites that differ in what they have, by name."""
    small = {
        "title": "Small",
        "cpu": {"guarantee": 0.5, "limit": 2},
        "memory": {"guarantee": "1Gi", "limit": "4Gi"},
        "default": True,
    }
    either = (False, True)
    combinations = product(DOORS.items(), either, either, either)
    for number, ((door, rest), database, projects, ahead) in enumerate(combinations):
        marks = [mark for mark, has in (("db", database), ("spaces", projects), ("ahead", ahead)) if has]
        name = "-".join([door, *marks])
        hub: dict[str, Any] = {"profiles": {"small": small}, "prePull": ahead}
        if database:
            hub["state"] = POSTGRESQL
        if ahead:
            hub["placeholders"] = {"count": 2, "profile": "small"}
        yield (
            name,
            {
                "title": f"Site {name}",
                "disposable": False,
                **rest,
                "cluster": {
                    "kind": "existing",
                    "context": "shared",
                    "networkPolicy": True,
                    **rest.get("cluster", {}),
                },
                "edge": {
                    "host": f"{name}.science.example.org",
                    **({"nodePort": 30000 + number} if door == "port" else {}),
                    **rest["edge"],
                },
                "storage": {"homes": {"size": "1Ti"}, **({"projects": SPACES} if projects else {})},
                "hub": hub,
                "images": {"registry": "registry.example.org/science"},
            },
        )
