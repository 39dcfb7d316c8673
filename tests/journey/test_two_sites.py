"""Two sites in one cluster do not notice each other."""

from typing import Any

import pytest

from stacks.journey import JourneyError
from tests.support.site import DeployedSite

pytestmark = pytest.mark.cluster


def test_both_journeys_go_well_at_once(journeys: dict[str, Any]):
    outcomes = {site: {step["outcome"] for step in steps.values()} for site, steps in journeys.items()}
    assert outcomes == {site: {"passed", "skipped"} for site in ("local", "twin")}


def test_more_servers_than_a_site_allows_are_refused_with_the_limit(journeys: dict[str, Any]):
    # Two servers are the limit on twin, so there it is reached.
    refusal = journeys["twin"]["too many servers are refused"]
    assert refusal["outcome"] == "passed"
    assert "2 servers" in refusal["seen"] or "1 named servers" in refusal["seen"]


def test_a_password_of_one_site_opens_nothing_on_the_other(local: DeployedSite, twin: DeployedSite):
    with twin.client() as client, pytest.raises(JourneyError, match="alice is not let in"):
        client.sign_in(local.people["alice"].sign_in)


def test_a_token_of_one_site_opens_nothing_on_the_other(local: DeployedSite, twin: DeployedSite):
    with local.client(local.people["alice"]) as here, twin.client() as there:
        answer = there.browser.get(f"{there.hub}/api/user", headers={"Authorization": f"token {here.token}"})
    assert answer.status_code == 403


def test_objects_of_one_site_are_in_its_own_namespace(local: DeployedSite, twin: DeployedSite):
    for site in (local, twin):
        labels = {pod["metadata"]["labels"].get("app.kubernetes.io/instance") for pod in site.pods()}
        assert labels == {site.name}
