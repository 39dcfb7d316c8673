"""The hub's modules as its pod finds them, and a site for them."""

import copy
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from tests.components.hub.files.example import DOCUMENT, FILES

sys.path.insert(0, str(FILES))

import site_document
from server_pod import pod_traits
from spawning import SiteSpawner
from tests.components.hub.files.fake_provider import FakeProvider


@pytest.fixture
def document() -> dict[str, Any]:
    """Return the ``site.json`` of a site, the test's own to change."""
    return copy.deepcopy(DOCUMENT)


@pytest.fixture
def site(document: dict[str, Any]) -> site_document.Site:
    return site_document.parse(document)


HUB = SimpleNamespace(
    public_host="https://local.localhost:30443",
    base_url="/hub/",
    api_url="http://hub:8081/hub/api",
)


class User:
    """What a spawner sees of a user."""

    def __init__(self, site: site_document.Site, name: str, groups: tuple[str, ...] = ()) -> None:
        self.site, self.name, self.escaped_name = site, name, name
        self.id = 1
        self.url = f"/user/{name}/"
        self.groups = [SimpleNamespace(name=group) for group in groups]
        self.spawners: dict[str, SiteSpawner] = {}

    def server(self, name: str = "") -> SiteSpawner:
        """Return the spawner of one of the user's servers, which has not started."""
        spawner = SiteSpawner(
            config=Config({"SiteSpawner": {**pod_traits(self.site), "site": self.site}}),
            user=self,
            hub=HUB,
            orm_spawner=SimpleNamespace(name=name, server=None, state={}),
            oauth_client_id="client",
            api_token="made-up",
        )
        self.spawners[name] = spawner
        return spawner

    def start(self, name: str = "", **user_options: object) -> SiteSpawner:
        """Return the spawner of a server that was admitted and starts."""
        spawner = self.server(name)
        spawner._spawn_pending = True
        spawner.apply_user_options(spawner, user_options)
        return spawner


@pytest.fixture
def user(site: site_document.Site, monkeypatch: pytest.MonkeyPatch):
    """Return a function that makes users."""
    # KubeSpawner looks for its cluster when it is made; nothing here connects to one.
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)
    monkeypatch.setattr("kubespawner.spawner.shared_client", lambda _: None)

    def make(name: str = "alice", *groups: str) -> User:
        return User(site, name, groups)

    return make


@pytest.fixture
def provider():
    """Return an OpenID Connect provider on this machine."""
    running = FakeProvider()
    yield running
    running.close()
