"""Settings of the hub itself: where it listens, remembers, routes and logs."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from culling import ROLE, culler_service
from hub_environment import secret, token_variable
from log_redaction import TokenFilter
from permissions import administrator_role, own_roles, service_roles
from server_environment import activity_resolution
from site_document import PasswordIdentity, Site

PORT = 8081
DAY = 86400
LONGEST_TOKEN = 90 * DAY
"""Seconds that a token which a user makes can live; gateways take these tokens."""

SPAWNS_AT_ONCE = 64

PROXY_SECONDS = 15
"""Seconds between two looks at the proxy's routes and at when each was last used."""


def database_url(site: Site, environment: Mapping[str, str]) -> str:
    """Return the URL of the hub's database (SQLAlchemy's)."""
    if site.database == "postgresql":
        # The driver of the hub's image; SQLAlchemy takes another where the URL does not say.
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", secret(environment, "HUB_DATABASE_URL"))
    return "sqlite:////srv/hub/jupyterhub.sqlite"


def services(site: Site, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the hub's services: the culler, and those of other layers with their tokens."""
    outside = [
        {"name": name, "api_token": secret(environment, token_variable(name)), "display": False}
        for name in site.services
    ]
    return [culler_service(site.culling, f"http://127.0.0.1:{PORT}/hub/api"), *outside]


def browser_settings(site: Site) -> dict[str, Any]:
    """Return what browsers are told about cookies and content, beside JupyterHub's own policy."""
    return {
        "cookie_options": {"secure": site.url.startswith("https:"), "samesite": "Lax"},
        "headers": {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"},
    }


def named_servers(servers: int) -> dict[str, Any]:
    """Return how many servers a user may name, of so many with the unnamed one; JupyterHub's 0 is no limit."""
    if servers == 1:
        return {"allow_named_servers": False}
    return {"allow_named_servers": True, "named_server_limit_per_user": servers - 1}


def hub_config(site: Site, environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Return the hub's configuration, class by class.

    Parameters
    ----------
    folder
        Where the page templates are.

    Raises
    ------
    MissingSecretError
        A secret is not in the environment.
    """
    # JupyterHub reads these two itself; without them it would make its own, and forget them.
    for name in ("JPY_COOKIE_SECRET", "JUPYTERHUB_CRYPT_KEY"):
        secret(environment, name)
    hub = {
        "db_url": database_url(site, environment),
        "upgrade_db": True,
        "hub_bind_url": f"http://:{PORT}",
        "hub_connect_url": f"http://hub:{PORT}",
        "public_url": f"{site.url}/",
        # Servers and their routes outlive the hub's pod.
        "cleanup_servers": False,
        "cleanup_proxy": False,
        "shutdown_on_logout": False,
        **named_servers(site.limits.servers),
        "concurrent_spawn_limit": SPAWNS_AT_ONCE,
        "active_server_limit": 0,
        # The same look at the proxy gives one that is new its routes: this long do servers seem to be gone.
        "last_activity_interval": PROXY_SECONDS,
        "activity_resolution": activity_resolution(site.culling.idle),
        "token_expires_in_max_seconds": LONGEST_TOKEN,
        "authenticate_prometheus": True,
        "services": services(site, environment),
        "load_roles": [administrator_role(site), ROLE, *own_roles(site), *service_roles(site)],
        "tornado_settings": browser_settings(site),
        "template_paths": [str(folder)],
        "template_vars": {
            "site_title": site.title,
            "site_url": f"{site.url}/",
            "shared_password": isinstance(site.identity, PasswordIdentity),
        },
        "log_level": "INFO",
        "logging_config": {
            "filters": {"tokens": {"()": TokenFilter}},
            "handlers": {"console": {"filters": ["tokens"]}},
        },
    }
    proxy = {
        "should_start": False,
        "api_url": "http://proxy-api:8001",
        "auth_token": secret(environment, "CONFIGPROXY_AUTH_TOKEN"),
    }
    return {"JupyterHub": hub, "ConfigurableHTTPProxy": proxy}
