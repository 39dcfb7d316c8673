"""Site files by name, and their configuration."""

from pathlib import Path

import pytest

from stacks.sites import (
    MissingSecretError,
    UnknownSiteError,
    find,
    known_secrets,
    program_config,
    read,
    secret_variable,
    secrets_from_environment,
)


def test_a_committed_site_is_found_by_name():
    assert find("local").name == "Pulumi.local.yaml"


def test_a_site_is_found_by_path(tmp_path: Path):
    file = tmp_path / "Pulumi.here.yaml"
    file.touch()
    assert find(str(file)) == file


def test_an_unknown_site_is_told_the_nearest_one_and_all():
    with pytest.raises(UnknownSiteError) as refused:
        find("lokal")
    assert str(refused.value) == (
        "no site 'lokal': did you mean 'local'? there are: austral, boreal, equinox, local, meridian; "
        "a path to a Pulumi.<site>.yaml is good as well"
    )


def test_the_program_gets_the_site_and_the_context_alone():
    config = program_config(read("local"), context="kind-dev")
    assert sorted(config) == ["science-platform:context", "science-platform:site"]
    assert config["science-platform:context"] == "kind-dev"


def test_a_secret_has_a_variable_of_its_own():
    assert secret_variable("hubDatabaseUrl") == "SCIENCE_PLATFORM_HUB_DATABASE_URL"


def test_secrets_come_from_the_environment():
    found = secrets_from_environment(["oidcClientSecret"], {"SCIENCE_PLATFORM_OIDC_CLIENT_SECRET": "s3"})
    assert found == {"science-platform:oidcClientSecret": "s3"}


def test_missing_secrets_are_named_all_at_once():
    with pytest.raises(MissingSecretError) as refused:
        secrets_from_environment(
            ["oidcClientSecret", "hubDatabaseUrl"], {"SCIENCE_PLATFORM_HUB_DATABASE_URL": ""}
        )
    assert str(refused.value) == (
        "set SCIENCE_PLATFORM_OIDC_CLIENT_SECRET and SCIENCE_PLATFORM_HUB_DATABASE_URL in the environment: "
        "without the Pulumi CLI, a site's secrets come from there"
    )


def test_secrets_are_known_where_they_are_set():
    environment = {"SCIENCE_PLATFORM_HUB_DATABASE_URL": "", "SCIENCE_PLATFORM_OIDC_CLIENT_SECRET": "s3"}
    assert known_secrets(["oidcClientSecret", "hubDatabaseUrl", "other"], environment) == ("s3",)
