"""Which authenticator a site has, and its settings."""

from collections.abc import Mapping
from typing import Any

from hub_environment import secret
from oidc_discovery import discover, logout_url
from sign_in_oidc import SiteOidcAuthenticator
from sign_in_password import SitePasswordAuthenticator
from site_document import OidcIdentity, PasswordIdentity, Site
from user_names import USERNAME_PATTERN

REFRESH_SECONDS = 300

COMMON = {
    "username_pattern": USERNAME_PATTERN,
    "manage_groups": True,
    # Who was a user once is not allowed for that alone.
    "allow_existing_users": False,
    "auth_refresh_age": REFRESH_SECONDS,
    "refresh_pre_spawn": True,
}


def password_config(identity: PasswordIdentity, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the hub's configuration for sign-in with shared passwords."""
    return {
        "JupyterHub": {"authenticator_class": SitePasswordAuthenticator},
        "Authenticator": dict(COMMON),
        "SitePasswordAuthenticator": {
            "identity": identity,
            "user_password": secret(environment, "USER_PASSWORD"),
            "admin_password": secret(environment, "ADMIN_PASSWORD"),
        },
    }


def oidc_config(identity: OidcIdentity, site_url: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the hub's configuration for sign-in through a provider, which is asked for its endpoints."""
    endpoints = discover(identity.issuer)
    return {
        "JupyterHub": {"authenticator_class": SiteOidcAuthenticator},
        "Authenticator": {**COMMON, "enable_auth_state": True},
        "SiteOidcAuthenticator": {
            "identity": identity,
            "endpoints": endpoints,
            "login_service": identity.title,
            "client_id": identity.client_id,
            "client_secret": secret(environment, "OIDC_CLIENT_SECRET"),
            "authorize_url": endpoints.authorize,
            "token_url": endpoints.token,
            "userdata_url": endpoints.userinfo,
            "basic_auth": endpoints.basic_auth,
            "scope": list(identity.scopes),
            "allow_all": identity.allow_all,
            "enable_pkce": True,
            "oauth_callback_url": f"{site_url}/hub/oauth_callback",
            "logout_redirect_url": logout_url(endpoints, client_id=identity.client_id, site_url=site_url),
        },
    }


def sign_in_config(site: Site, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the hub's configuration of sign-in, class by class.

    Raises
    ------
    MissingSecretError
        A secret is not in the environment.
    DiscoveryError
        The provider cannot be used.
    """
    if isinstance(site.identity, PasswordIdentity):
        return password_config(site.identity, environment)
    return oidc_config(site.identity, site.url, environment)
