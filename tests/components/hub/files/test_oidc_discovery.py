"""Discovery of a provider's endpoints, against a server on this machine."""

import logging

import pytest

from oidc_discovery import DiscoveryError, Endpoints, discover, logout_url, parse_metadata

ISSUER = "https://id.example.org/realms/science"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "end_session_endpoint": f"{ISSUER}/logout",
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
}
ENDPOINTS = Endpoints(
    issuer=ISSUER,
    authorize=f"{ISSUER}/authorize",
    token=f"{ISSUER}/token",
    userinfo=f"{ISSUER}/userinfo",
    end_session=f"{ISSUER}/logout",
    basic_auth=False,
)


def without(*keys):
    return {key: value for key, value in METADATA.items() if key not in keys}


def test_metadata_of_a_full_provider():
    assert parse_metadata(ISSUER, METADATA) == ENDPOINTS


def test_metadata_of_the_least_provider():
    keys = ("userinfo_endpoint", "end_session_endpoint", "token_endpoint_auth_methods_supported")
    assert parse_metadata(ISSUER, without(*keys)) == Endpoints(
        issuer=ISSUER,
        authorize=f"{ISSUER}/authorize",
        token=f"{ISSUER}/token",
        userinfo="",
        end_session="",
        basic_auth=True,
    )


def test_an_issuer_that_ends_with_a_slash_is_kept_as_tokens_spell_it():
    assert parse_metadata(ISSUER, {**METADATA, "issuer": f"{ISSUER}/"}).issuer == f"{ISSUER}/"


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (
            {**METADATA, "issuer": "https://evil.example.org"},
            "is about the issuer 'https://evil.example.org', not",
        ),
        (without("issuer"), "is about the issuer None, not"),
        (without("token_endpoint"), "has no token_endpoint"),
        ({**METADATA, "token_endpoint": "http://id.example.org/token"}, "which is not an https URL"),
        ({**METADATA, "userinfo_endpoint": 7}, "which is not an https URL"),
    ],
)
def test_unusable_metadata_is_refused(metadata, message):
    with pytest.raises(DiscoveryError, match=message):
        parse_metadata(ISSUER, metadata)


def test_a_provider_that_comes_up_late_is_waited_for(provider, caplog):
    provider.answers["/.well-known/openid-configuration"] = [(503, {}), (200, provider.metadata())]
    pauses = []
    with caplog.at_level(logging.WARNING, logger="JupyterHub"):
        assert discover(provider.issuer, sleep=pauses.append).token == f"{provider.issuer}/token"
    assert pauses == [5.0]
    assert "openid-configuration cannot be read (attempt 1 of 12): HTTP Error 503" in caplog.text


def test_a_provider_that_stays_away_is_named(provider):
    provider.answers["/.well-known/openid-configuration"] = [(200, "not JSON")] * 2
    with pytest.raises(
        DiscoveryError, match=f"{provider.issuer}/.well-known/openid-configuration cannot be read"
    ):
        discover(provider.issuer, attempts=2, sleep=lambda _: None)


def test_signing_out_goes_by_the_provider_and_back_to_the_site():
    assert logout_url(ENDPOINTS, client_id="a hub", site_url="https://science.example.org") == (
        f"{ISSUER}/logout?client_id=a+hub&post_logout_redirect_uri=https%3A%2F%2Fscience.example.org%2F"
    )


def test_a_provider_without_logout_is_not_asked_for_it():
    endpoints = parse_metadata(ISSUER, without("end_session_endpoint"))
    assert logout_url(endpoints, client_id="hub", site_url="https://science.example.org") == ""
