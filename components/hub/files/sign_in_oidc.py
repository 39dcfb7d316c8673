"""Sign-in through an OpenID Connect provider."""

from collections.abc import Mapping
from typing import Any

from oauthenticator.generic import GenericOAuthenticator
from tornado.httpclient import HTTPClientError
from traitlets import Instance

from oidc_claims import (
    ClaimsError,
    ExpiredTokenError,
    groups_of,
    id_token_claims,
    merged,
    same_person,
    username_of,
)
from oidc_discovery import Endpoints
from refusal import Refused
from site_document import OidcIdentity

UNAUTHORIZED = 401
SERVER_ERROR = 500


class SiteOidcAuthenticator(GenericOAuthenticator):
    """Signs in people of one provider whose groups may use the site; groups follow the provider."""

    identity = Instance(OidcIdentity, config=True, help="The site's provider.")
    endpoints = Instance(Endpoints, config=True, help="Where the provider's endpoints are.")

    async def token_to_user(self, token_info: Mapping[str, Any]) -> dict[str, Any]:
        """Return a user's claims, of the ID token and of the userinfo endpoint."""
        identity, endpoints = self.identity, self.endpoints
        userinfo = (await super().token_to_user(token_info) if endpoints.userinfo else None) or {}
        needed = (identity.username_claim, identity.groups_claim)
        try:
            # A refreshed answer may come without one (Core 12.2).
            id_token = token_info.get("id_token")
            claims = id_token and id_token_claims(
                id_token, issuer=endpoints.issuer, client_id=identity.client_id
            )
            return {**merged(claims or None, userinfo, needed), "iss": endpoints.issuer}
        except ExpiredTokenError as error:
            # What a provider says of an expired access token: the base class then tries the refresh token.
            raise HTTPClientError(UNAUTHORIZED, str(error)) from None
        except ClaimsError as error:
            raise Refused(403, str(error)) from None

    def user_info_to_username(self, user_info: Mapping[str, Any]) -> str:
        """Return the hub's name of the user of these claims."""
        try:
            return username_of(user_info, self.identity.username_claim)
        except ClaimsError as error:
            raise Refused(403, str(error)) from None

    async def get_user_groups(self, auth_state: Mapping[str, Any]) -> set[str]:
        """Return the groups of a user's claims."""
        try:
            return set(groups_of(auth_state[self.user_auth_state_key], self.identity.groups_claim))
        except ClaimsError as error:
            raise Refused(403, str(error)) from None

    async def update_auth_model(self, auth_model: dict[str, Any]) -> dict[str, Any]:
        """Leave JupyterHub's own admin flag off: administrators have a role of the site's, by their groups."""
        return {**auth_model, "admin": False}

    async def check_allowed(self, username: str, auth_model: Mapping[str, Any] | None) -> bool:
        """Return True for who may use the site; everyone else is told why not."""
        if auth_model is None:
            return True
        identity = self.identity
        groups = set(auth_model["groups"])
        if identity.allow_all or groups & (identity.allowed_groups | identity.admin_groups):
            return True
        raise Refused(
            403,
            f"You signed in as {username}, but none of your groups may use this site. "
            f"Ask to be added to {' or '.join(sorted(identity.allowed_groups | identity.admin_groups))}, "
            "then sign in again.",
        )

    async def authenticate(self, handler: Any, data: Any = None, **kwargs: Any) -> dict[str, Any] | None:
        """Return the model of who signs in, unless the name is another person's here."""
        model = await super().authenticate(handler, data, **kwargs)
        user = handler.find_user(model["name"])
        state = await user.get_auth_state() if user is not None else None
        kept = (state or {}).get(self.user_auth_state_key, {})
        if not same_person(kept, self.endpoints.issuer, model["auth_state"][self.user_auth_state_key]):
            raise Refused(
                403,
                f"The name {model['name']} belongs to another person here, whose account at the identity "
                "provider is not yours. Ask the site's administrators: they can give you another name there, "
                "or delete the other user once the files are dealt with.",
            )
        return model

    async def refresh_user(self, user: Any, handler: Any = None, **kwargs: Any) -> dict[str, Any] | bool:
        """Return the user's model of now, or False where the user must sign in again.

        While the provider is down, who is signed in stays so with the groups last seen.
        """
        try:
            model = await super().refresh_user(user, handler, **kwargs)
            if isinstance(model, dict) and model["name"] != user.name:
                return False
            if isinstance(model, dict):
                await self.check_allowed(user.name, model)
        except Refused as refusal:
            self.log.warning("Sign-in: %s must sign in again: %s", user.name, refusal.jupyterhub_message)
            return False
        except OSError as error:
            self.log.warning("Sign-in: the provider does not answer about %s: %s", user.name, error)
            return True
        except HTTPClientError as error:
            if error.code < SERVER_ERROR:
                raise
            self.log.warning("Sign-in: the provider does not answer about %s: %s", user.name, error)
            return True
        return model
