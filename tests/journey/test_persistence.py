"""What a site keeps is found again when it was taken down."""

import pytest

from tests.support.site import DeployedSite, eventually

pytestmark = pytest.mark.cluster


def test_homes_are_found_again_after_down_and_up(twin: DeployedSite):
    with twin.client(twin.people["alice"]) as alice:
        alice.spawn("small")
        with alice.server() as server:
            server.write("thesis.txt", "chapter one")
    claim = twin.kube.get("v1", "PersistentVolumeClaim", "homes", twin.namespace)
    assert twin.lives(users=True) != {}  # it runs on: `down` has to stop it

    twin.down()
    eventually(lambda: twin.pods() == [], "all pods are gone", within=60)
    assert twin.kube.list("apps/v1", "Deployment", twin.namespace) == []
    twin.up()

    kept = twin.kube.get("v1", "PersistentVolumeClaim", "homes", twin.namespace)
    assert claim is not None
    assert kept is not None
    assert kept["metadata"]["uid"] == claim["metadata"]["uid"]
    del twin.people  # made anew with the site: the password was not kept
    with twin.client(twin.people["alice"]) as alice:
        alice.spawn("small")
        with alice.server() as server:
            assert server.read("thesis.txt") == "chapter one"
        alice.stop()
