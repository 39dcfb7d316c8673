"""What a provider's claims say about a user."""

import time

import jwt
import pytest

from oidc_claims import (
    ClaimsError,
    ExpiredTokenError,
    groups_of,
    id_token_claims,
    merged,
    same_person,
    username_of,
)

ISSUER = "https://id.example.org"
NOW = int(time.time())
CLAIMS = {"iss": ISSUER, "aud": "hub", "exp": NOW + 600, "sub": "1"}


def token(**claims):
    return jwt.encode({**CLAIMS, **claims}, "k" * 32, algorithm="HS256")


def test_an_id_token_of_this_client():
    assert id_token_claims(token(name="Alice"), issuer=ISSUER, client_id="hub") == {**CLAIMS, "name": "Alice"}


def test_an_expired_id_token_says_nothing():
    assert id_token_claims(token(exp=NOW - 3600), issuer=ISSUER, client_id="hub") is None


@pytest.mark.parametrize("claims", [{"iss": "https://evil.example.org"}, {"aud": "other"}])
def test_an_id_token_of_another_issuer_or_client_is_refused(claims):
    with pytest.raises(ClaimsError, match="an ID token that is not for this site"):
        id_token_claims(token(**claims), issuer=ISSUER, client_id="hub")


def test_something_that_is_no_token_is_refused():
    with pytest.raises(ClaimsError, match="an ID token that is not for this site"):
        id_token_claims("nonsense", issuer=ISSUER, client_id="hub")


def test_userinfo_comes_before_the_id_token():
    assert merged({"sub": "1", "groups": ["old"], "email": "a@b"}, {"sub": "1", "groups": ["new"]}, ()) == {
        "sub": "1",
        "groups": ["new"],
        "email": "a@b",
    }


def test_two_answers_about_different_people_are_refused():
    with pytest.raises(ClaimsError, match="about another person"):
        merged({"sub": "1"}, {"sub": "2"}, ())


def test_a_claim_is_not_taken_for_absent_because_the_id_token_has_expired():
    with pytest.raises(ExpiredTokenError):
        merged(None, {"sub": "1", "name": "alice"}, ("name", "groups"))
    assert merged(None, {"sub": "1", "groups": []}, ("groups",)) == {"sub": "1", "groups": []}


@pytest.mark.parametrize(
    ("value", "name"),
    [("alice", "alice"), ("Alice.Smith", "alice.smith"), ("A@B.org", "a@b.org"), ("x" * 64, "x" * 64)],
)
def test_names_are_in_lower_case(value, name):
    assert username_of({"preferred_username": value}, "preferred_username") == name


def test_a_name_inside_of_another_claim():
    assert username_of({"account": {"login": "alice"}}, "account.login") == "alice"


def test_a_claim_whose_name_has_dots_is_not_a_path():
    assert username_of({"https://example.org/login": "alice"}, "https://example.org/login") == "alice"


@pytest.mark.parametrize(
    "value",
    [
        "a/../b",
        "..",
        "alice+1@example.org",
        "Åsa",
        "\N{KELVIN SIGN}elvin",
        "DOMAIN\\alice",
        "alice ",
        "alice\n",
        "x" * 65,
    ],
)
def test_names_that_cannot_be_used_are_refused_and_not_bent(value):
    with pytest.raises(ClaimsError, match="cannot be a user name here"):
        username_of({"preferred_username": value}, "preferred_username")


@pytest.mark.parametrize("claims", [{}, {"preferred_username": ""}, {"preferred_username": 7}])
def test_a_missing_name_is_explained(claims):
    with pytest.raises(ClaimsError, match="did not send the claim 'preferred_username'"):
        username_of(claims, "preferred_username")


@pytest.mark.parametrize("verified", [{}, {"email_verified": False}, {"email_verified": "true"}])
def test_an_address_that_nobody_verified_names_nobody(verified):
    with pytest.raises(ClaimsError, match="does not vouch"):
        username_of({"email": "a@b.org", **verified}, "email")


def test_a_verified_address_names_a_user():
    assert username_of({"email": "a@b.org", "email_verified": True}, "email") == "a@b.org"


@pytest.mark.parametrize(
    ("claims", "groups"),
    [
        ({"groups": ["a", "b", "a"]}, {"a", "b"}),
        ({"groups": "a"}, {"a"}),
        ({"groups": []}, set()),
        ({"groups": None}, set()),
        ({}, set()),
    ],
)
def test_groups(claims, groups):
    assert groups_of(claims, "groups") == groups


def test_groups_inside_of_another_claim():
    assert groups_of({"realm_access": {"roles": ["a"]}}, "realm_access.roles") == {"a"}


@pytest.mark.parametrize("value", [{"a": 1}, 7, ["a", 7], [""]])
def test_what_is_no_list_of_names_is_refused(value):
    with pytest.raises(ClaimsError, match="not a list of group names"):
        groups_of({"groups": value}, "groups")


@pytest.mark.parametrize(
    ("kept", "same"),
    [
        ({}, True),
        ({"iss": ISSUER, "sub": "1"}, True),
        ({"iss": ISSUER, "sub": "2"}, False),
        ({"iss": ISSUER}, False),
        ({"iss": "https://old.example.org", "sub": "2"}, True),
    ],
)
def test_a_name_stays_with_one_person(kept, same):
    assert same_person(kept, ISSUER, {"iss": ISSUER, "sub": "1"}) is same
