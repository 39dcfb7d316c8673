"""What administrators and services may ask of the hub (JupyterHub's roles and scopes)."""

from typing import Any

from site_document import PasswordIdentity, Site

ADMINISTRATOR_SCOPES = [
    "admin-ui",
    "list:users",
    "read:users",
    "delete:users",
    "read:servers",
    "delete:servers",
    "list:groups",
    "read:groups",
    "list:services",
    "read:services",
    "read:roles",
    "read:hub",
    "read:metrics",
]
"""See who works, stop servers, delete users. JupyterHub's own admin role cannot be made smaller, and lets its
holders into everyone's server and make tokens in everyone's name: nobody has it here."""


def administrator_role(site: Site) -> dict[str, Any]:
    """Return the role of the site's administrators."""
    role = {
        "name": "site-administrator",
        "description": "See users and servers, stop servers, delete users",
        "scopes": ADMINISTRATOR_SCOPES,
    }
    if isinstance(site.identity, PasswordIdentity):
        return {**role, "users": sorted(name for name, user in site.identity.users.items() if user.admin)}
    return {**role, "groups": sorted(site.identity.admin_groups)}


def own_roles(site: Site) -> list[dict[str, Any]]:
    """Return JupyterHub's roles of users and of servers' tokens, with the site's doors added to what they open.

    A token that is made with fewer permissions opens no door that it does not name.
    """
    doors = [f"access:services!service={name}" for name in site.doors]
    return [
        {"name": "user", "scopes": ["self", *doors]},
        {"name": "server", "scopes": ["users:activity!user", "access:servers!server", *doors]},
    ]


def service_roles(site: Site) -> list[dict[str, Any]]:
    """Return one role for each of the site's services, with the scopes that its layer declared."""
    return [
        {"name": f"service-{name}", "services": [name], "scopes": list(scopes)}
        for name, scopes in site.services.items()
    ]
