"""What administrators and services may do."""

from jupyterhub.roles import get_default_roles
from jupyterhub.scopes import expand_scopes, scope_definitions

from permissions import ADMINISTRATOR_SCOPES, administrator_role, own_roles, service_roles
from site_document import parse


def test_administrators_of_a_disposable_site_are_named(site):
    assert administrator_role(site) == {
        "name": "site-administrator",
        "description": "See users and servers, stop servers, delete users",
        "scopes": ADMINISTRATOR_SCOPES,
        "users": ["carol"],
    }


def test_administrators_of_a_provider_are_a_group(document):
    document["identity"] = {
        "kind": "oidc",
        "title": "the institute",
        "issuer": "https://id.example.org",
        "clientId": "hub",
        "usernameClaim": "sub",
        "groupsClaim": "groups",
        "scopes": ["openid"],
        "allowedGroups": [],
        "allowAll": True,
        "adminGroups": ["operators", "directors"],
    }
    assert administrator_role(parse(document))["groups"] == ["directors", "operators"]


def test_administrators_can_neither_enter_servers_nor_act_as_others():
    assert set(ADMINISTRATOR_SCOPES) <= set(scope_definitions)
    forbidden = {"access:servers", "access:services", "tokens", "admin:users", "admin:auth_state", "shares"}
    assert expand_scopes(ADMINISTRATOR_SCOPES).isdisjoint(forbidden)


def test_a_service_has_its_own_scopes_only(site):
    assert service_roles(site) == [
        {"name": "service-metrics", "services": ["metrics"], "scopes": ["read:metrics"]}
    ]


def test_users_and_their_servers_may_open_the_sites_doors(site):
    assert own_roles(site) == [
        {"name": "user", "scopes": ["self", "access:services!service=webdav"]},
        {
            "name": "server",
            "scopes": ["users:activity!user", "access:servers!server", "access:services!service=webdav"],
        },
    ]


def test_without_doors_users_and_servers_may_what_jupyterhub_lets_them(document):
    document["doors"] = []
    defaults = {role["name"]: role["scopes"] for role in get_default_roles()}
    assert {role["name"]: role["scopes"] for role in own_roles(parse(document))} == {
        name: defaults[name] for name in ("user", "server")
    }
