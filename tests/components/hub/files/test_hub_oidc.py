"""The real JupyterHub of a site with an OpenID Connect provider."""

import sqlite3
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.components.hub.files.example import DOCUMENT
from tests.components.hub.files.fake_provider import FakeProvider
from tests.components.hub.files.running_hub import SECRETS, Browser, running_hub


@pytest.fixture(scope="module")
def site_of_provider(tmp_path_factory):
    """Return a running hub and its provider."""
    provider = FakeProvider()
    identity = {
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
    }
    with running_hub(tmp_path_factory.mktemp("hub"), {**DOCUMENT, "identity": identity}) as running:
        yield running, provider
    provider.close()


def sign_in(hub, provider, **claims):
    """Go to the provider and come back with a code, as the person of these claims."""
    provider.claims = {"sub": "1", "preferred_username": "alice", "groups": ["staff"], **claims}
    browser = Browser(hub.url)
    leave = browser.session.get(f"{hub.url}/hub/oauth_login", allow_redirects=False)
    browser.asked = parse_qs(urlsplit(leave.headers["Location"]).query)
    query = {"code": "the-code", "state": browser.asked["state"][0]}
    browser.answer = browser.session.get(f"{hub.url}/hub/oauth_callback", params=query, allow_redirects=False)
    return browser


def test_the_login_page_names_the_account(site_of_provider):
    hub, _ = site_of_provider
    page = Browser(hub.url).get("/hub/login").text
    assert "Sign in with the institute&#39;s account" in page
    assert "disposable" not in page


def test_the_provider_is_asked_with_a_challenge(site_of_provider):
    hub, provider = site_of_provider
    asked = sign_in(hub, provider).asked
    assert (asked["code_challenge_method"], asked["scope"], asked["redirect_uri"]) == (
        ["S256"],
        ["openid profile"],
        [f"{hub.url}/hub/oauth_callback"],
    )


def test_a_person_comes_in_with_their_groups(site_of_provider):
    hub, provider = site_of_provider
    browser = sign_in(hub, provider, groups=["staff", "galaxies"])
    user = browser.api("GET", "/user").json()
    assert (user["name"], sorted(user["groups"]), user["admin"]) == ("alice", ["galaxies", "staff"], False)


def test_tokens_of_the_provider_are_not_readable_in_the_database(site_of_provider):
    hub, provider = site_of_provider
    sign_in(hub, provider)
    with sqlite3.connect(hub.log.with_name("hub.sqlite")) as database:
        (state,) = database.execute("select encrypted_auth_state from users where name = 'alice'").fetchone()
    assert state
    assert b"access_token" not in state


def test_another_person_of_the_same_name_is_turned_away_in_words(site_of_provider):
    hub, provider = site_of_provider
    sign_in(hub, provider)
    answer = sign_in(hub, provider, sub="2", preferred_username="Alice").answer
    assert answer.status_code == 403
    assert "The name alice belongs to another person here" in answer.text


def test_who_may_not_use_the_site_is_told_why(site_of_provider):
    hub, provider = site_of_provider
    answer = sign_in(hub, provider, sub="3", preferred_username="mallory", groups=["guests"]).answer
    assert answer.status_code == 403
    assert "Ask to be added to operators or staff, then sign in again." in answer.text


def test_an_operator_administers(site_of_provider):
    hub, provider = site_of_provider
    browser = sign_in(hub, provider, sub="4", preferred_username="olga", groups=["operators"])
    assert browser.get("/hub/admin").status_code == 200
    assert browser.api("GET", "/users").status_code == 200


def test_who_is_no_operator_does_not(site_of_provider):
    hub, provider = site_of_provider
    assert sign_in(hub, provider).get("/hub/admin").status_code == 403


def test_signing_out_goes_by_the_provider(site_of_provider):
    hub, provider = site_of_provider
    browser = sign_in(hub, provider)
    leave = browser.session.get(f"{hub.url}/hub/logout", allow_redirects=False)
    assert leave.headers["Location"].startswith(f"{provider.issuer}/logout?client_id=hub&")


def test_the_log_has_no_secrets(site_of_provider):
    hub, _ = site_of_provider
    log = hub.log.read_text()
    assert [name for name, value in SECRETS.items() if value in log] == []
    assert "the-code" not in log
