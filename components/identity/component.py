"""Who may sign in, as a component: the credentials that the hub needs for it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.identity.manifests import COMPONENT, SECRET, environment, provider_egress, settings
from components.identity.spec import IdentitySpec
from components.kubernetes import declare, made_once, secret_data
from components.objects import secret
from components.place import Place
from components.policies import Rule


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What the hub is told of the way people sign in.

    Parameters
    ----------
    settings
        For the hub's configuration; no secrets.
    environment
        Variables of the hub from Secrets: variable to (Secret, key).
    egress
        Network rules that let the hub reach the provider.
    """

    settings: Mapping[str, Any]
    environment: Mapping[str, tuple[str, str]]
    egress: list[Rule] = field(default_factory=list)


class Identity(pulumi.ComponentResource):
    """The way people sign in."""

    sign_in: SignIn

    def __init__(
        self, name: str, *, place: Place, spec: IdentitySpec, options: pulumi.ResourceOptions
    ) -> None:
        super().__init__("science-platform:identity:Identity", name, None, options)
        child = place.child_of(self)
        if spec.kind == "sharedPassword":
            data = secret_data(
                {"userPassword": secrets.token_urlsafe(12), "adminPassword": secrets.token_urlsafe(24)}
            )
            child = made_once(child)
        else:
            client_secret = pulumi.Config().require_secret("oidcClientSecret")
            data = secret_data({"clientSecret": client_secret})
        declare(secret(place.site, COMPONENT, SECRET, data), name, child)
        self.sign_in = SignIn(
            settings=settings(spec), environment=environment(spec), egress=provider_egress(spec)
        )
        self.register_outputs({})
