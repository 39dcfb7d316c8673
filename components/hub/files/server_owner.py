"""Who owns user pods: the hub's service account, so that Kubernetes removes them when the hub is taken down."""

import base64
import json
from pathlib import Path
from typing import Any

TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
CLAIM = "kubernetes.io"


def service_account_owner(token: str) -> dict[str, Any] | None:
    """Return the owner reference of the service account that a token is of, or None where it does not say.

    Parameters
    ----------
    token
        A bound service account token (a JWT, RFC 7519), as the kubelet mounts it; it is not verified, since it is
        this pod's own.
    """
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        account = claims[CLAIM]["serviceaccount"]
        return {"api_version": "v1", "kind": "ServiceAccount", "name": account["name"], "uid": account["uid"]}
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def own_service_account(token: Path = TOKEN) -> dict[str, Any] | None:
    """Return the owner reference of this pod's service account; None outside a pod."""
    return service_account_owner(token.read_text()) if token.is_file() else None
