"""What the identity layer tells the hub."""

import pytest
from pydantic import TypeAdapter

from components.identity.manifests import environment, provider_egress, settings
from components.identity.spec import IdentitySpec

OIDC: IdentitySpec = TypeAdapter(IdentitySpec).validate_python(
    {
        "kind": "oidc",
        "issuer": "https://login.example.org/realms/science",
        "clientId": "science",
        "allowedGroups": ["staff"],
        "egressPort": 8443,
    }
)
SHARED: IdentitySpec = TypeAdapter(IdentitySpec).validate_python(
    {"kind": "sharedPassword", "users": {"alice": {"groups": ["galaxies"]}, "carol": {"admin": True}}}
)


def test_the_hub_is_told_of_the_provider_but_not_of_the_network():
    assert settings(OIDC) == {
        "kind": "oidc",
        "title": "your institute's account",
        "issuer": "https://login.example.org/realms/science",
        "clientId": "science",
        "usernameClaim": "preferred_username",
        "groupsClaim": "groups",
        "scopes": ["openid", "profile", "email"],
        "allowedGroups": ["staff"],
        "allowAll": False,
        "adminGroups": [],
    }


def test_the_hub_is_told_of_the_users_of_a_disposable_site():
    assert settings(SHARED) == {
        "kind": "sharedPassword",
        "users": {
            "alice": {"groups": ["galaxies"], "admin": False},
            "carol": {"groups": [], "admin": True},
        },
    }


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (OIDC, {"OIDC_CLIENT_SECRET": ("sign-in", "clientSecret")}),
        (
            SHARED,
            {"USER_PASSWORD": ("sign-in", "userPassword"), "ADMIN_PASSWORD": ("sign-in", "adminPassword")},
        ),
    ],
    ids=["oidc", "shared password"],
)
def test_the_hub_gets_its_credentials_from_the_secret(
    spec: IdentitySpec, expected: dict[str, tuple[str, str]]
):
    assert environment(spec) == expected


def test_the_hub_may_reach_the_providers_port_and_nothing_where_there_is_no_provider():
    assert provider_egress(OIDC) == [
        {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 8443, "protocol": "TCP"}]}
    ]
    assert provider_egress(SHARED) == []
