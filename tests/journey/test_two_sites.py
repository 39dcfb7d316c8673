"""Two sites in one cluster do not notice each other."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from stacks.journey import JourneyError
from tests.support.site import DeployedSite

pytestmark = pytest.mark.cluster


def test_both_journeys_go_well_at_once(local: DeployedSite, twin: DeployedSite):
    with ThreadPoolExecutor() as pool:
        _, steps = pool.map(DeployedSite.journey, (local, twin))

    # Two servers are the limit on twin, so there it is reached.
    refusal = steps["too many servers are refused"]
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
