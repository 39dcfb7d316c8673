"""OpenID Connect Discovery 1.0: where a provider's endpoints are."""

import json
import logging
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

LOG = logging.getLogger("JupyterHub")
ATTEMPTS = 12
PAUSE = 5.0
TIMEOUT = 10.0


class DiscoveryError(RuntimeError):
    """The provider cannot be used; the message says what to correct."""


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """What the hub uses of a provider's metadata; empty where the provider has none.

    Parameters
    ----------
    issuer
        The issuer as tokens spell it.
    basic_auth
        Whether the client's secret goes into the Authorization header instead of the form.
    """

    issuer: str
    authorize: str
    token: str
    userinfo: str
    end_session: str
    basic_auth: bool


def configuration_url(issuer: str) -> str:
    """Return where an issuer's metadata is."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def _endpoint(metadata: Mapping[str, Any], key: str, issuer: str) -> str:
    value = metadata.get(key) or ""
    if not isinstance(value, str) or (
        value and issuer.startswith("https:") and not value.startswith("https:")
    ):
        raise DiscoveryError(
            f"The provider {issuer} gives {value!r} as its {key}, which is not an https URL."
        )
    return value


def parse_metadata(issuer: str, metadata: Mapping[str, Any]) -> Endpoints:
    """Return the endpoints of a provider's metadata.

    Raises
    ------
    DiscoveryError
        The metadata is of another issuer (a mix-up or an attack), or lacks what the code flow needs.
    """
    stated = metadata.get("issuer")
    # Some providers end their issuer with a slash; the site file never does.
    if not isinstance(stated, str) or stated.rstrip("/") != issuer.rstrip("/"):
        raise DiscoveryError(
            f"{configuration_url(issuer)} is about the issuer {stated!r}, not {issuer!r}. "
            "Set identity.issuer to exactly what the provider calls itself."
        )
    missing = [key for key in ("authorization_endpoint", "token_endpoint") if not metadata.get(key)]
    if missing:
        raise DiscoveryError(
            f"{configuration_url(issuer)} has no {missing[0]}: this provider cannot be used."
        )
    # The default of the standard where a provider lists no methods.
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Endpoints(
        issuer=stated,
        authorize=_endpoint(metadata, "authorization_endpoint", issuer),
        token=_endpoint(metadata, "token_endpoint", issuer),
        userinfo=_endpoint(metadata, "userinfo_endpoint", issuer),
        end_session=_endpoint(metadata, "end_session_endpoint", issuer),
        basic_auth="client_secret_post" not in methods,
    )


def _fetch(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 - http or https by the site's schema
        return json.load(answer)


def discover(
    issuer: str, *, attempts: int = ATTEMPTS, sleep: Callable[[float], None] = time.sleep
) -> Endpoints:
    """Return a provider's endpoints, asking again while it does not answer.

    Parameters
    ----------
    issuer
        The issuer identifier of the site file.
    attempts
        How often to ask.
    sleep
        Waits a number of seconds.

    Raises
    ------
    DiscoveryError
        It did not answer in time, or not with usable metadata.
    """
    url = configuration_url(issuer)
    for attempt in range(1, attempts + 1):
        try:
            metadata = _fetch(url)
        # URLError, timeouts and HTTP errors are OSErrors, broken JSON is a ValueError.
        except (OSError, ValueError) as error:
            LOG.warning("Sign-in: %s cannot be read (attempt %d of %d): %s", url, attempt, attempts, error)
            if attempt < attempts:
                sleep(PAUSE)
        else:
            return parse_metadata(issuer, metadata)
    raise DiscoveryError(
        f"The identity provider's {url} cannot be read from the hub's pod. Check identity.issuer and "
        "identity.egressPort of the site file, and that the provider is up; the hub tries again."
    )


def logout_url(endpoints: Endpoints, *, client_id: str, site_url: str) -> str:
    """Return where to send who signs out: the provider's logout, and from there back to the site.

    Empty where the provider has none. OpenID Connect RP-Initiated Logout 1.0.
    """
    if not endpoints.end_session:
        return ""
    query = urlencode({"client_id": client_id, "post_logout_redirect_uri": f"{site_url}/"})
    joiner = "&" if "?" in endpoints.end_session else "?"
    return f"{endpoints.end_session}{joiner}{query}"
