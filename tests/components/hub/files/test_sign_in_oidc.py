"""Sign-in through a provider on this machine: from the code to the hub's model of a user."""

import asyncio
from types import SimpleNamespace

import pytest
from traitlets.config import Config

from refusal import Refused
from sign_in import sign_in_config
from sign_in_oidc import SiteOidcAuthenticator
from site_document import parse

ENVIRONMENT = {"OIDC_CLIENT_SECRET": "made-up"}


@pytest.fixture
def make(document, provider):
    """Return a function that makes the authenticator of a site with such a provider."""

    def authenticator(**changes):
        document["identity"] = {
            "kind": "oidc",
            "title": "the institute's account",
            "issuer": provider.issuer,
            "clientId": "hub",
            "usernameClaim": "preferred_username",
            "groupsClaim": "groups",
            "scopes": ["openid", "profile"],
            "allowedGroups": ["staff"],
            "allowAll": False,
            "adminGroups": ["operators"],
            **changes,
        }
        return SiteOidcAuthenticator(config=Config(sign_in_config(parse(document), ENVIRONMENT)))

    return authenticator


class Handler:
    """What the authenticator sees of the request that comes back from the provider."""

    def __init__(self, known=None):
        self.known = known

    def get_argument(self, name):
        return {"code": "the-code"}[name]

    def get_state_cookie(self):
        return "eyJjb2RlX3ZlcmlmaWVyIjogInRoZS12ZXJpZmllciJ9"  # {"code_verifier": "the-verifier"}

    def find_user(self, _):
        return self.known


class User:
    def __init__(self, name, auth_state):
        self.name, self.auth_state = name, auth_state

    async def get_auth_state(self):
        return self.auth_state


def sign_in(authenticator, known=None):
    """Return the model, its state reduced to the claims."""

    async def run():
        return await authenticator.get_authenticated_user(Handler(known), None)

    model = asyncio.run(run())
    return {**model, "auth_state": model["auth_state"]["oauth_user"]}


def refresh(authenticator, user):
    return asyncio.run(authenticator.refresh_user(user))


def signed_in(provider, name="alice"):
    tokens = provider.tokens()
    return User(name, {**tokens, "token_response": tokens, "oauth_user": provider.claims})


def refused(action):
    with pytest.raises(Refused) as caught:
        action()
    return caught.value.status_code, caught.value.jupyterhub_message


def test_the_settings_of_a_site(document, provider, make):
    make()
    config = sign_in_config(parse(document), ENVIRONMENT)
    settings = dict(config["SiteOidcAuthenticator"])
    assert (settings.pop("identity").title, settings.pop("endpoints").issuer) == (
        "the institute's account",
        provider.issuer,
    )
    assert config["Authenticator"] == {
        "username_pattern": r"[a-z0-9]([-a-z0-9._@]{0,62}[a-z0-9])?\Z",
        "manage_groups": True,
        "allow_existing_users": False,
        "auth_refresh_age": 300,
        "refresh_pre_spawn": True,
        "enable_auth_state": True,
    }
    assert settings == {
        "login_service": "the institute's account",
        "client_id": "hub",
        "client_secret": "made-up",
        "authorize_url": f"{provider.issuer}/authorize",
        "token_url": f"{provider.issuer}/token",
        "userdata_url": f"{provider.issuer}/userinfo",
        "basic_auth": False,
        "scope": ["openid", "profile"],
        "allow_all": False,
        "enable_pkce": True,
        "oauth_callback_url": "https://local.localhost:30443/hub/oauth_callback",
        "logout_redirect_url": (
            f"{provider.issuer}/logout?client_id=hub"
            "&post_logout_redirect_uri=https%3A%2F%2Flocal.localhost%3A30443%2F"
        ),
    }


def test_the_code_is_exchanged_with_its_verifier(make, provider):
    sign_in(make())
    path, form = next(request for request in provider.requests if request[0] == "/token")
    assert (path, form["code"], form["code_verifier"], form["client_secret"]) == (
        "/token",
        ["the-code"],
        ["the-verifier"],
        ["made-up"],
    )


def test_the_model_of_a_user(make, provider):
    provider.claims |= {"preferred_username": "Alice.Smith", "groups": ["staff", "galaxies"]}
    model = sign_in(make())
    assert model.pop("auth_state")["sub"] == "1"
    assert model == {
        "name": "alice.smith",
        "admin": False,
        "groups": ["galaxies", "staff"],
        "user_info": None,
    }


def test_groups_that_only_the_id_token_has(make, provider):
    provider.claims.pop("groups")
    provider.id_token["groups"] = ["staff"]
    assert sign_in(make())["groups"] == ["staff"]


def test_who_is_in_no_allowed_group_is_told_which_ones_are(make, provider):
    provider.claims["groups"] = ["guests"]
    authenticator = make()
    assert refused(lambda: sign_in(authenticator)) == (
        403,
        (
            "You signed in as alice, but none of your groups may use this site. "
            "Ask to be added to operators or staff, then sign in again."
        ),
    )


def test_administrators_may_sign_in_and_are_no_admins_of_jupyterhubs(make, provider):
    provider.claims["groups"] = ["operators"]
    assert sign_in(make())["admin"] is False


def test_a_site_for_everyone(make, provider):
    provider.claims["groups"] = []
    assert sign_in(make(allowAll=True))["groups"] == []


def test_two_people_whose_names_differ_in_case_do_not_become_one(make, provider):
    authenticator = make()
    alice = User("alice", {"oauth_user": sign_in(authenticator)["auth_state"]})
    provider.claims |= {"sub": "2", "preferred_username": "ALICE"}
    status, message = refused(lambda: sign_in(authenticator, known=alice))
    assert (status, message[:56]) == (403, "The name alice belongs to another person here, whose acc")


def test_the_same_person_signs_in_again(make):
    authenticator = make()
    alice = User("alice", {"oauth_user": sign_in(authenticator)["auth_state"]})
    assert sign_in(authenticator, known=alice)["name"] == "alice"


def test_a_name_that_cannot_be_used_is_refused_with_its_reason(make, provider):
    provider.claims["preferred_username"] = "al ice"
    status, message = refused(lambda: sign_in(make()))
    assert (status, message[:59]) == (403, "Your name at the identity provider, 'al ice', cannot be a u")


def test_answers_about_different_people_are_refused(make, provider):
    provider.id_token["sub"] = "2"
    assert refused(lambda: sign_in(make()))[0] == 403


def test_groups_follow_the_provider_while_signed_in(make, provider):
    authenticator = make()
    user = signed_in(provider)
    provider.claims = {**provider.claims, "groups": ["staff", "galaxies"]}
    assert refresh(authenticator, user)["groups"] == ["galaxies", "staff"]


def test_who_leaves_the_allowed_groups_must_sign_in_again(make, provider):
    authenticator = make()
    user = signed_in(provider)
    provider.claims = {**provider.claims, "groups": []}
    assert refresh(authenticator, user) is False


def test_an_expired_access_token_is_renewed(make, provider):
    authenticator = make()
    user = signed_in(provider)
    provider.answers["/userinfo"] = [(401, {})]
    assert refresh(authenticator, user)["name"] == "alice"
    assert ("/token", ["refresh_token"]) in [
        (path, form.get("grant_type")) for path, form in provider.requests
    ]


def test_groups_of_an_expired_id_token_are_asked_for_again(make, provider):
    authenticator = make()
    provider.claims.pop("groups")
    provider.id_token |= {"groups": ["staff", "left"], "exp": 1000}
    user = signed_in(provider)
    provider.id_token = {"groups": ["staff"]}
    assert refresh(authenticator, user)["groups"] == ["staff"]


def test_who_has_another_name_now_must_sign_in_again(make, provider):
    authenticator = make()
    user = signed_in(provider)
    provider.claims = {**provider.claims, "preferred_username": "alicia"}
    assert refresh(authenticator, user) is False


@pytest.mark.parametrize("status", [500, 503])
def test_a_provider_that_is_down_signs_nobody_out(make, provider, status):
    authenticator = make()
    user = signed_in(provider)
    provider.answers["/userinfo"] = [(status, {})]
    assert refresh(authenticator, user) is True


def test_a_provider_that_cannot_be_reached_signs_nobody_out(make, provider):
    authenticator = make()
    user = signed_in(provider)
    authenticator.userdata_url = "http://127.0.0.1:1/userinfo"
    assert refresh(authenticator, user) is True


def test_who_has_no_kept_claims_must_sign_in_again(make):
    assert (
        refresh(make(), SimpleNamespace(name="alice", get_auth_state=User("alice", None).get_auth_state))
        is False
    )
