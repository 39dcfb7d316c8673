"""The ``identity`` section of a site file: who may sign in, and how."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.fields import Expected, GroupName, Spec, Username

Claim = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_:./-]+$"),
    Expected("the name of a claim, such as preferred_username"),
]

Scope = Annotated[
    str, StringConstraints(pattern=r"^[^\s\"]+$"), Expected("the name of a scope, such as openid")
]


class OidcSpec(Spec):
    """Sign-in through an OpenID Connect provider (OpenID Connect Core 1.0, Discovery 1.0).

    The client's secret is not part of the site file: ``pulumi config set --secret oidcClientSecret``.
    """

    kind: Literal["oidc"]
    """OpenID Connect."""

    title: str = Field(default="your institute's account", min_length=1, max_length=60)
    """What people sign in with, as the sign-in button says it."""

    issuer: Annotated[
        str,
        StringConstraints(pattern=r"^https?://[^\s?#@]+[^\s?#@/]$"),
        Expected(
            "an address such as https://login.example.org/realms/science, without a password or a final slash"
        ),
    ]
    """Issuer identifier; its ``/.well-known/openid-configuration`` is read when the hub starts."""

    client_id: str = Field(min_length=1)
    """Identifier of the hub as the provider's client."""

    username_claim: Claim = "preferred_username"
    """Claim that names the user; it must be unique and never be given to another person."""

    groups_claim: Claim = "groups"
    """Claim that lists the user's groups."""

    scopes: list[Scope] = ["openid", "profile", "email"]
    """Scopes to ask for; ``openid`` must be among them."""

    allowed_groups: list[GroupName] = []
    """Groups whose members may sign in."""

    allow_all: bool = False
    """Whether everyone whom the provider knows may sign in."""

    admin_groups: list[GroupName] = []
    """Groups whose members administer the hub."""

    egress_port: int = Field(default=443, ge=1, le=65535)
    """Port of the provider that the hub may connect to."""


class LocalUserSpec(Spec):
    """A user of a disposable site."""

    groups: list[GroupName] = []
    """Groups that the user is in."""

    admin: bool = False
    """Whether the user administers the hub; admins sign in with the admin password."""


class SharedPasswordSpec(Spec):
    """One generated password for all users and one for admins: on disposable sites only."""

    kind: Literal["sharedPassword"]
    """A generated password."""

    users: dict[Username, LocalUserSpec] = Field(min_length=1)
    """Users who may sign in, by name."""


IdentitySpec = Annotated[OidcSpec | SharedPasswordSpec, Field(discriminator="kind")]
