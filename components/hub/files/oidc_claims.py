"""Claims of an OpenID Connect provider, and what they say about a user (OpenID Connect Core 1.0)."""

import re
from collections.abc import Mapping
from typing import Any

import jwt

from user_names import USERNAME_RULE, is_username

MISSING = object()
ASCII_NAME = re.compile(r"[\x21-\x7e]+\Z")


class ClaimsError(ValueError):
    """Claims that cannot be used; the message is for the person who signs in."""


class ExpiredTokenError(ClaimsError):
    """The ID token has expired and something is known from it alone."""


def id_token_claims(token: str, *, issuer: str, client_id: str) -> dict[str, Any] | None:
    """Return the claims of an ID token, or None where it has expired.

    The signature is not looked at: the token came from the token endpoint itself, over TLS (Core 3.1.3.7, 6).

    Raises
    ------
    ClaimsError
        It is of another issuer or for another client, or not a token.
    """
    try:
        return jwt.decode(
            token,
            audience=client_id,
            issuer=issuer,
            leeway=60,
            options={"verify_signature": False, "verify_aud": True, "verify_iss": True, "verify_exp": True},
        )
    except jwt.ExpiredSignatureError:
        return None
    except jwt.InvalidTokenError as error:
        raise ClaimsError(
            f"The identity provider sent an ID token that is not for this site ({error}). "
            "Tell the site's administrators."
        ) from None


def merged(
    id_token: Mapping[str, Any] | None, userinfo: Mapping[str, Any], needed: tuple[str, ...]
) -> dict[str, Any]:
    """Return all that is known of a user; what the userinfo endpoint says now comes before the ID token.

    Parameters
    ----------
    id_token
        Claims of the ID token, None where it has expired.
    userinfo
        Claims of the userinfo endpoint, empty where there is none.
    needed
        Claims that must not be taken for absent only because the ID token has expired.

    Raises
    ------
    ExpiredTokenError
        A needed claim is not in the userinfo, and the ID token has expired.
    ClaimsError
        The two are about different subjects (Core 5.3.2).
    """
    if id_token is None:
        if any(find(userinfo, claim) is MISSING for claim in needed):
            raise ExpiredTokenError("The sign-in has expired. Sign in again.")
        return dict(userinfo)
    if "sub" in userinfo and userinfo["sub"] != id_token.get("sub"):
        raise ClaimsError(
            "The identity provider answered about another person than the one who signed in. "
            "Sign out there, close the browser, and sign in again."
        )
    return {**id_token, **userinfo}


def find(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim by its name, or by a path of names such as ``realm_access.roles``; else `MISSING`."""
    if name in claims:
        return claims[name]
    value: object = claims
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def username_of(claims: Mapping[str, Any], claim: str) -> str:
    """Return the hub's name of a user: the claim in lower case.

    Only ASCII is made lower case, so no two letters of other alphabets fall together; that two people whose
    names differ in case do not become one is seen to when they sign in, by their subject.

    Raises
    ------
    ClaimsError
        There is no such claim, it cannot be a name here, or it is an email address that nobody verified.
    """
    value = find(claims, claim)
    if not isinstance(value, str) or not value:
        raise ClaimsError(
            f"The identity provider did not send the claim {claim!r}, which names users here. Tell the site's "
            "administrators: the client may need another scope, or identity.usernameClaim another value."
        )
    if claim == "email" and claims.get("email_verified") is not True:
        raise ClaimsError(
            f"The identity provider does not vouch that the address {value!r} is yours. "
            "Verify it there, and sign in again."
        )
    name = value.lower() if ASCII_NAME.match(value) else value
    if not is_username(name):
        raise ClaimsError(
            f"Your name at the identity provider, {value!r}, cannot be a user name here: names are "
            f"{USERNAME_RULE}. Ask the site's administrators for another way to sign in."
        )
    return name


def groups_of(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """Return a user's groups; a single string is one group, no claim is none.

    Raises
    ------
    ClaimsError
        The claim is not made of names.
    """
    value = find(claims, claim)
    if value is MISSING or value is None:
        return frozenset()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ClaimsError(
            f"The identity provider's claim {claim!r} is not a list of group names. "
            "Tell the site's administrators to correct identity.groupsClaim."
        )
    return frozenset(names)


def same_person(kept: Mapping[str, Any], issuer: str, claims: Mapping[str, Any]) -> bool:
    """Return whether a user's kept claims may be of the person who signs in now.

    A subject is unique and never given to another person at its issuer (Core 2). After a change of issuer by
    the operator, names are taken to mean the same people.
    """
    if not kept or kept.get("iss", issuer) != issuer:
        return True
    return kept.get("sub") == claims.get("sub")
