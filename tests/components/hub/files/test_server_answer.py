"""That a server which answers is noticed, and that nobody waits for one which does not."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

import server_answer
from server_answer import pause, until_answer


class Answering:
    """A server that gives one status after the other, and remembers what it was asked."""

    def __init__(self, *statuses: int) -> None:
        self.asked: list[str] = []
        left = iter(statuses)
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(next(left))
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/user/bob/api"
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_answer, "SHORTEST_PAUSE", 0.01)


@pytest.fixture
def answering() -> Iterator[Answering]:
    server = Answering(503, 500, 302, 200)
    yield server
    server.close()


def test_errors_are_no_answer_and_a_redirection_is_one(answering):
    asyncio.run(until_answer(lambda: answering.url, longest=20))
    assert answering.asked == ["/user/bob/api"] * 3


def test_nothing_is_asked_before_there_is_an_address(answering):
    addresses = itertools.chain([None, None, None], itertools.repeat(answering.url))
    asyncio.run(until_answer(lambda: next(addresses), longest=20))
    assert len(answering.asked) == 3
    assert next(addresses) == answering.url


def test_a_server_that_never_answers_is_left_to_the_hub():
    looks = itertools.count()

    def address() -> str:
        next(looks)
        return "http://127.0.0.1:1/"

    asyncio.run(until_answer(address, longest=0.3))
    assert next(looks) > 3


@pytest.mark.parametrize(("waited", "seconds"), [(0, 0.1), (1, 0.1), (4, 0.2), (20, 1)])
def test_pauses_are_a_small_share_of_the_wait(waited, seconds, monkeypatch):
    monkeypatch.setattr(server_answer, "SHORTEST_PAUSE", 0.1)
    assert pause(waited) == seconds


RUNNING = {
    "metadata": {"name": "jupyter-bob"},
    "spec": {"containers": [{"ports": [{"name": "notebook-port", "containerPort": 8888}]}]},
    "status": {"phase": "Running", "podIP": "10.1.2.3", "containerStatuses": [{"ready": True}]},
}


@pytest.fixture
def bob(user, monkeypatch):
    """Return bob's spawner, and the pods that it sees."""
    spawner, pods = user("bob").start(), {}
    monkeypatch.setattr(type(spawner), "pod_reflector", SimpleNamespace(pods=pods))
    monkeypatch.setattr(type(spawner), "server", SimpleNamespace(base_url="/user/bob/"))
    return spawner, pods


def test_a_server_has_an_address_once_its_pod_runs(bob):
    spawner, pods = bob
    seen = [spawner.address()]
    pods[f"{spawner.namespace}/{spawner.pod_name}"] = {**RUNNING, "status": {"phase": "Pending"}}
    seen.append(spawner.address())
    pods[f"{spawner.namespace}/{spawner.pod_name}"] = RUNNING
    seen.append(spawner.address())
    assert seen == [None, None, "http://10.1.2.3:8888/user/bob/api"]


def test_a_server_that_was_given_up_has_no_address(bob, monkeypatch):
    spawner, pods = bob
    pods[f"{spawner.namespace}/{spawner.pod_name}"] = RUNNING
    monkeypatch.setattr(type(spawner), "server", None)
    assert spawner.address() is None


@pytest.mark.parametrize("made", [True, False])
def test_an_answer_is_waited_for_where_a_pod_was_made(bob, made, monkeypatch):
    spawner, _ = bob
    waited = []

    async def make(*_: object) -> bool:
        return made

    async def wait(address) -> None:
        waited.append(address)

    monkeypatch.setattr("kubespawner.KubeSpawner._make_create_pod_request", make)
    monkeypatch.setattr("spawning.until_answer", wait)
    assert asyncio.run(spawner._make_create_pod_request(None, 3)) is made
    assert waited == ([spawner.address] if made else [])
