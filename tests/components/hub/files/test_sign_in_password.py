"""Sign-in on disposable sites."""

import asyncio
from types import SimpleNamespace

import pytest

from sign_in_password import SitePasswordAuthenticator

USERS, ADMINS = "for-all-users", "for-administrators-only-0123456789abcdef"


@pytest.fixture
def authenticator(site):
    return SitePasswordAuthenticator(
        identity=site.identity, user_password=USERS, admin_password=ADMINS, manage_groups=True
    )


def sign_in(authenticator, **form):
    return asyncio.run(authenticator.get_authenticated_user(None, form))


def test_a_user_has_the_groups_of_the_site_file(authenticator):
    assert sign_in(authenticator, username="Alice", password=USERS) == {
        "name": "alice",
        "admin": False,
        "groups": ["galaxies"],
        "auth_state": None,
        "user_info": None,
    }


def test_an_administrator_is_no_admin_of_jupyterhubs(authenticator):
    assert sign_in(authenticator, username="carol", password=ADMINS) == {
        "name": "carol",
        "admin": False,
        "groups": [],
        "auth_state": None,
        "user_info": None,
    }


@pytest.mark.parametrize(
    "form",
    [
        {"username": "alice", "password": "wrong"},
        {"username": "alice", "password": ADMINS},
        {"username": "carol", "password": USERS},
        {"username": "mallory", "password": USERS},
        {"username": "alice", "password": ""},
        {"username": "alice", "password": "pässword"},
        {"username": "alice"},
        {"password": USERS},
    ],
)
def test_everything_else_is_refused(authenticator, form):
    assert sign_in(authenticator, **form) is None


def test_a_missing_password_lets_nobody_in(site):
    authenticator = SitePasswordAuthenticator(identity=site.identity, admin_password=ADMINS)
    assert sign_in(authenticator, username="alice", password="") is None


def test_groups_follow_the_site_file_while_signed_in(authenticator):
    refreshed = asyncio.run(authenticator.refresh_user(SimpleNamespace(name="alice")))
    assert refreshed == {"name": "alice", "admin": False, "groups": ["galaxies"]}


def test_the_session_of_someone_who_left_the_site_file_ends(authenticator):
    assert asyncio.run(authenticator.refresh_user(SimpleNamespace(name="dave"))) is False
