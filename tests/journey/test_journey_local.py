"""A user's day on the site of a developer's machine, and what must be gone afterwards."""

from typing import Any

import pytest

from tests.support.site import USER_SERVER, DeployedSite

pytestmark = pytest.mark.cluster


def test_a_user_s_day_goes_well(journeys: dict[str, Any]):
    steps = journeys["local"]

    # What may be skipped on this site: anything else skipped would be a check that no one notices.
    assert [title for title, step in steps.items() if step["outcome"] == "skipped"] == [
        "the network lets through what it should",
        "too many servers are refused",
    ]


@pytest.mark.usefixtures("journeys")
def test_a_user_s_day_leaves_nothing_behind(local: DeployedSite):
    assert local.pods(USER_SERVER) == []
    with local.client(local.people["alice"]) as alice:
        servers = alice.api("GET", "/users/alice", params={"include_stopped_servers": 1}).json()["servers"]
        assert [name for name in servers if name.startswith("journey-")] == []
        assert alice.servers() == {}
        tokens = alice.api("GET", "/users/alice/tokens").json()["api_tokens"]
        assert [token["note"] for token in tokens if token["note"].startswith("journey-")] == []
