"""What the identity layer gives the hub: settings, a Secret of credentials, the way to the provider."""

from typing import Any

from components.identity.spec import IdentitySpec
from components.policies import ANYWHERE, Rule, egress

COMPONENT = "identity"
SECRET = "sign-in"  # noqa: S105 - the name of a Secret
ENVIRONMENT = {
    "sharedPassword": {"USER_PASSWORD": "userPassword", "ADMIN_PASSWORD": "adminPassword"},
    "oidc": {"OIDC_CLIENT_SECRET": "clientSecret"},
}
"""By kind: environment variables of the hub, and the keys of the Secret that they come from."""


def settings(spec: IdentitySpec) -> dict[str, Any]:
    """Return what the hub's configuration reads of this layer."""
    return spec.model_dump(mode="json", by_alias=True, exclude={"egress_port"})


def environment(spec: IdentitySpec) -> dict[str, tuple[str, str]]:
    """Return the hub's environment variables from the Secret: variable to (Secret, key)."""
    return {variable: (SECRET, key) for variable, key in ENVIRONMENT[spec.kind].items()}


def provider_egress(spec: IdentitySpec) -> list[Rule]:
    """Return the rules that let the hub reach the identity provider."""
    return [egress(ANYWHERE, spec.egress_port)] if spec.kind == "oidc" else []
