"""A site whose people sign in at an identity provider, which decides their groups."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.progress import Progress
from stacks.journey import Person, run
from stacks.journey.errors import SignInError
from stacks.journey.signin import ProviderSignIn
from tests.conftest import SITES
from tests.support.database import database, rows
from tests.support.provider import SECRET, person, provider
from tests.support.site import DeployedSite

pytestmark = pytest.mark.cluster

PORT = 30900
DATABASE_PORT = 30901
ALICE = person("alice", "astronomers")
BOB = person("bob", "students", "choir")
EVE = person("eve", "choir")
OLGA = person("olga", "operators")
PEOPLE = {each.name: each for each in (ALICE, BOB, EVE, OLGA)}


@pytest.fixture(scope="module")
def institute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSite]:
    """Give a site, its provider, and its hub's database."""
    folder = tmp_path_factory.mktemp("oidc")
    path = folder / "Pulumi.oidc.yaml"
    template = (SITES / path.name).read_text()
    path.write_text(template)
    site = DeployedSite(path, {"SCIENCE_PLATFORM_OIDC_CLIENT_SECRET": SECRET})
    url = "https://oidc.localhost:30446"
    with (
        provider(site.cluster, PORT, url, PEOPLE, folder / "provider.log"),
        database(
            site.cluster, DATABASE_PORT, Path(f"/var/tmp/science-platform-test-{os.getpid()}")
        ) as hub_database,
    ):
        path.write_text(template.replace("192.0.2.1", site.cluster.node_address))
        site.environment = {**site.environment, "SCIENCE_PLATFORM_HUB_DATABASE_URL": hub_database}
        try:
            site.up()
            yield site
        finally:
            site.down(everything=True)


def test_a_member_and_a_read_only_member_have_their_day(institute: DeployedSite):
    report = run(institute.record, [ALICE, BOB], Progress())

    assert [(step.title, step.seen) for step in report.steps if step.outcome == "failed"] == []
    seen = {step.title: step.seen for step in report.steps}
    assert set(seen["the profiles of one's groups are offered"].split(", ")) == {"small", "large"}
    assert seen["a member writes in the project space"] == "/projects/survey"
    assert seen["a read-only member reads there only"] == "bob: Read-only file system"


def test_the_hub_remembers_people_in_the_database_elsewhere(institute: DeployedSite):
    url = institute.environment["SCIENCE_PLATFORM_HUB_DATABASE_URL"]
    with institute.client(ALICE):
        assert "alice" in rows(url, "select name from users")
    assert institute.kube.get("v1", "PersistentVolumeClaim", "hub-state", institute.namespace) is None


def test_groups_of_the_provider_decide_which_profiles_are_offered(institute: DeployedSite):
    with institute.client(BOB) as bob:
        assert bob.offered_profiles() == ["small"]
        assert sorted(bob.api("GET", "/user").json()["groups"]) == ["choir", "students"]


def test_nobody_without_an_allowed_group_is_let_in(institute: DeployedSite):
    with institute.client() as client, pytest.raises(SignInError) as refused:
        client.sign_in(EVE.sign_in)
    assert "none of your groups may use this site" in str(refused.value)
    assert "astronomers or operators or students" in str(refused.value)


def test_a_group_makes_admins_and_others_are_none(institute: DeployedSite):
    with institute.client(OLGA) as olga, institute.client(ALICE) as alice:
        assert {"alice", "olga"} <= {user["name"] for user in olga.api("GET", "/users").json()}
        answer = alice.browser.get(
            f"{alice.hub}/api/users", headers={"Authorization": f"token {alice.token}"}
        )
        assert answer.status_code == 403


def test_signing_out_ends_at_the_provider_and_the_hub_asks_again(institute: DeployedSite):
    with institute.client(ALICE) as alice:
        page = alice.sign_out()
        assert str(page.url).startswith(institute.record["signIn"]["issuer"])
        assert "session/end" in page.url.path
        again = alice.browser.get(f"{alice.hub}/home", follow_redirects=False)
        assert again.status_code == 302
        assert "/hub/login" in again.headers["location"] or "/hub/oauth_login" in again.headers["location"]


def test_a_name_that_the_provider_does_not_know_is_not_let_in(institute: DeployedSite):
    stranger = Person(sign_in=ProviderSignIn("mallory", {"login": "mallory", "password": "any"}))
    with institute.client() as client, pytest.raises(SignInError):
        client.sign_in(stranger.sign_in)
