"""A user's day on the site of a developer's machine, and what must be gone afterwards."""

import pytest

from tests.support.site import USER_SERVER, DeployedSite

pytestmark = pytest.mark.cluster


def test_a_user_s_day_goes_well_and_leaves_nothing_behind(local: DeployedSite):
    said = local.command("journey").stdout
    print(said)

    lines = said.splitlines()
    assert [line for line in lines if line.startswith("FAILED")] == []
    # What may be skipped on this site, and why: anything else skipped would be a check that no one notices.
    assert [line.split("  ", 3)[-1].split("  ")[0] for line in lines if line.strip().startswith("- ")] == [
        "the network lets through what it should",
        "too many servers are refused",
    ]
    assert lines[-1].startswith("local: all is well, ")
    assert local.pods(USER_SERVER) == []
    with local.client(local.people["alice"]) as alice:
        assert alice.servers() == {}
        tokens = alice.api("GET", "/users/alice/tokens").json()["api_tokens"]
        assert [token["note"] for token in tokens if token["note"].startswith("journey-")] == []
