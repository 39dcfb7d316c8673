"""The Kubernetes client against a small server that answers as the API does."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from infra.kube import Kube
from infra.kube_config import Login
from infra.kube_errors import KubeError, NoSuchKindError, refusal

CORE = {
    "resources": [
        {"name": "namespaces", "kind": "Namespace", "namespaced": False},
        {"name": "configmaps", "kind": "ConfigMap", "namespaced": True},
        {"name": "secrets", "kind": "Secret", "namespaced": True},
        {"name": "pods", "kind": "Pod", "namespaced": True},
        {"name": "pods/log", "kind": "Pod", "namespaced": True},
    ]
}


@dataclass
class Api:
    """What the server answers, by method and path; what it was asked."""

    answers: dict[str, Any] = field(default_factory=lambda: {"GET /api/v1": CORE})
    asked: list[tuple[str, Any]] = field(default_factory=list)
    url: str = ""

    def kube(self, **user: str) -> Kube:
        return Kube(Login(self.url, {}, user, "demo", Path()))

    def requests(self) -> list[str]:
        return [request for request, _ in self.asked if not request.endswith("/api/v1")]


@pytest.fixture
def api() -> Iterator[Api]:
    served = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        api: ClassVar[Api] = served

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            self.api.asked.append((f"{self.command} {self.path}", body))
            found = self.api.answers.get(f"{self.command} {self.path}", (404, {"reason": "NotFound"}))
            found = found.pop(0) if isinstance(found, list) else found
            status, content = found if isinstance(found, tuple) else (200, found)
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


def test_one_object_is_got_in_the_contexts_namespace_or_another(api: Api):
    found = {"kind": "ConfigMap", "metadata": {"name": "c"}, "anyField": [1.5, {"x": None}]}
    api.answers["GET /api/v1/namespaces/demo/configmaps/c"] = found
    assert api.kube().get("v1", "ConfigMap", "c") == found
    assert api.kube().get("v1", "ConfigMap", "c", "other") is None


def test_an_unknown_kind_is_said_and_asked_for_again(api: Api):
    kube = api.kube()
    api.answers["GET /apis/x.org/v1"] = {"resources": []}
    with pytest.raises(NoSuchKindError, match=r"the cluster has no kind It in x\.org/v1: is the CRD"):
        kube.get("x.org/v1", "It", "it")
    api.answers["GET /apis/x.org/v1"] = {"resources": [{"name": "its", "kind": "It", "namespaced": False}]}
    assert kube.get("x.org/v1", "It", "it") is None
    assert api.requests()[-1] == "GET /apis/x.org/v1/its/it"


def test_lists_are_read_to_their_end_and_items_say_what_they_are(api: Api):
    first = "/api/v1/configmaps?labelSelector=app%3Dhub&limit=500"
    api.answers[f"GET {first}"] = {"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "a"}}]}
    api.answers[f"GET {first}&continue=more"] = {"metadata": {}, "items": [{"metadata": {"name": "b"}}]}
    assert api.kube().list("v1", "ConfigMap", labels={"app": "hub"}) == [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}},
    ]


def test_applying_names_the_manager_and_forces_only_when_told(api: Api):
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    path = "PATCH /api/v1/namespaces/n?fieldManager=us"
    for query in ("", "&force=true", "&dryRun=All"):
        api.answers[path + query] = {"applied": query}
    kube = api.kube()
    assert kube.apply(manifest, manager="us") == {"applied": ""}
    assert kube.apply(manifest, manager="us", force=True) == {"applied": "&force=true"}
    assert kube.apply(manifest, manager="us", dry_run=True) == {"applied": "&dryRun=All"}
    assert api.asked[-1][1] == manifest


def test_deleting_says_whether_there_was_something(api: Api):
    api.answers["DELETE /api/v1/namespaces/demo/configmaps/c"] = {}
    assert api.kube().delete("v1", "ConfigMap", "c", propagation="Foreground") is True
    assert api.asked[-1][1]["propagationPolicy"] == "Foreground"
    assert api.kube().delete("v1", "ConfigMap", "none") is False


def test_waiting_follows_the_changes_of_one_object(api: Api):
    path = "/api/v1/namespaces/demo/configmaps"
    events = [
        {"type": "MODIFIED", "object": {"metadata": {"resourceVersion": "2"}, "n": 1}},
        {"type": "MODIFIED", "object": {"metadata": {"resourceVersion": "3"}, "n": 2}},
    ]
    api.answers[f"GET {path}/c"] = {"metadata": {"resourceVersion": "1"}, "n": 0}
    watch = f"GET {path}?watch=true&fieldSelector=metadata.name%3Dc&resourceVersion=1&timeoutSeconds=5"
    api.answers[watch] = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    found = api.kube().wait(
        "v1", "ConfigMap", "c", "demo", until=lambda live: bool(live and live["n"] == 2), timeout=5
    )
    assert found == events[1]["object"]


def test_waiting_lists_again_where_its_version_is_too_old(api: Api):
    path = "/api/v1/namespaces/demo/configmaps"
    gone = {"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old"}}
    api.answers[f"GET {path}/c"] = [{"metadata": {"resourceVersion": "1"}}, (404, {})]
    watch = f"GET {path}?watch=true&fieldSelector=metadata.name%3Dc&resourceVersion=1&timeoutSeconds=5"
    api.answers[watch] = json.dumps(gone).encode() + b"\n"
    assert api.kube().wait("v1", "ConfigMap", "c", until=lambda live: live is None, timeout=5) is None


def test_waiting_ends_with_its_time(api: Api):
    api.answers["GET /api/v1/namespaces/demo/configmaps/c"] = {"metadata": {"resourceVersion": "1"}}
    with pytest.raises(TimeoutError, match="waited 0 s in vain for ConfigMap c"):
        api.kube().wait("v1", "ConfigMap", "c", until=lambda _: False, timeout=0)


def test_logs_are_text_of_the_container_and_run_asked_for(api: Api):
    path = "GET /api/v1/namespaces/demo/pods/p/log?container=c&previous=true&tailLines=2"
    api.answers[path] = b"one\ntwo \xff\n"
    assert api.kube().logs("p", "demo", container="c", tail=2, previous=True) == "one\ntwo \ufffd\n"


def test_expired_credentials_are_renewed_once(api: Api, monkeypatch: pytest.MonkeyPatch):
    kube = api.kube(token="old")
    tokens = []
    connect = Login.connect
    monkeypatch.setattr(Login, "connect", lambda self: (tokens.append(self), connect(self))[1])
    api.answers["GET /version"] = [(401, {}), {"gitVersion": "v1.37.0"}]
    assert kube.version() == "v1.37.0"
    api.answers["GET /version"] = [(401, {}), (401, {"message": "who are you"})]
    with pytest.raises(KubeError, match="cannot ask for the version: 401: who are you"):
        kube.version()
    assert len(tokens) == 2


def test_a_server_that_is_not_there_is_said():
    with pytest.raises(KubeError, match=r"cannot reach the cluster at http://127\.0\.0\.1:1: .*refused"):
        Kube(Login("http://127.0.0.1:1", {}, {}, "demo", Path())).version()


INVALID = {
    "reason": "Invalid",
    "message": 'Secret "s" is invalid: data[a]: Invalid value: "hunter2"',
    "details": {"causes": [{"field": "data[a]", "message": 'Invalid value: "hunter2"'}]},
}


def test_refusals_say_what_was_asked_and_what_is_wrong():
    error = refusal("apply ConfigMap demo/c", 422, json.dumps(INVALID).encode())
    assert (error.status, error.reason) == (422, "Invalid")
    assert error.causes == (("data[a]", 'Invalid value: "hunter2"'),)
    assert str(error) == (
        'cannot apply ConfigMap demo/c: 422 Invalid: Secret "s" is invalid: data[a]: Invalid value: "hunter2"'
    )


def test_refusals_of_secrets_do_not_quote_them():
    error = refusal("apply Secret demo/s", 422, json.dumps(INVALID).encode(), secret=True)
    assert str(error) == "cannot apply Secret demo/s: 422 Invalid: data[a]"
    assert "hunter2" not in repr(error) + repr(error.causes)


def test_what_a_proxy_says_is_passed_on():
    assert str(refusal("list Pod", 502, b"<html>Bad gateway")) == "cannot list Pod: 502: <html>Bad gateway"
