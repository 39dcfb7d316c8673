"""The parts of the distribution API that one local registry does not show: tokens, and uploads to another host."""

import io
import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from images.credentials import Credentials
from images.registry import Registry, RegistryError

BASIC = "Basic YWRhOnNlY3JldA=="


class Fake(ThreadingHTTPServer):
    """Answers as its table says, or with the next of its tokens, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, str | None]] = []
        self.bodies: list[bytes] = []
        self.tokens: list[str] = []
        self.answers: dict[tuple[str, str, str | None], tuple[int, dict[str, str], bytes]] = {}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def _do(self) -> None:
        server = self.server
        if not isinstance(server, Fake):
            raise TypeError
        request = (self.command, self.path, self.headers.get("authorization"))
        server.asked.append(request)
        server.bodies.append(self.rfile.read(int(self.headers.get("content-length") or 0)))
        if server.tokens:
            answer = (200, {}, json.dumps({"access_token": server.tokens.pop(0)}).encode())
        else:
            answer = server.answers.get(request, (500, {}, b"unexpected"))
        status, headers, body = answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _do  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@pytest.fixture
def fakes() -> Iterator[tuple[Fake, Fake]]:
    """Return two servers, stopped afterwards."""
    servers = (Fake(), Fake())
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


def challenge(tokens: Fake) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer realm="http://{tokens.host}/token",service="registry"'}


def token_path() -> str:
    return "/token?" + urllib.parse.urlencode(
        {"service": "registry", "scope": "repository:site/hub:pull,push"}
    )


def test_a_token_is_fetched_where_the_registry_says_and_kept(fakes: tuple[Fake, Fake]):
    registry, tokens = fakes
    manifest = json.dumps({"config": {}}).encode()
    registry.answers[("GET", "/v2/site/hub/manifests/1", None)] = (401, challenge(tokens), b"")
    registry.answers[("GET", "/v2/site/hub/manifests/1", "Bearer t1")] = (200, {}, manifest)
    tokens.answers[("GET", token_path(), BASIC)] = (200, {}, b'{"token": "t1"}')

    client = Registry(registry.host, "site/hub", Credentials("ada", "secret"))
    assert client.manifest("1") == {"config": {}}
    assert client.manifest("1") == {"config": {}}
    assert tokens.asked == [("GET", token_path(), BASIC)]


def test_a_token_that_has_run_out_is_replaced_and_the_upload_sent_whole_again(fakes: tuple[Fake, Fake]):
    registry, tokens = fakes
    start, upload = "/v2/site/hub/blobs/uploads/", "/v2/site/hub/upload?state=1"
    registry.answers[("POST", start, None)] = (401, challenge(tokens), b"")
    registry.answers[("POST", start, "Bearer t1")] = (202, {"Location": upload}, b"")
    registry.answers[("PUT", f"{upload}&digest=sha256:x", "Bearer t1")] = (401, challenge(tokens), b"")
    registry.answers[("PUT", f"{upload}&digest=sha256:x", "Bearer t2")] = (201, {}, b"")
    tokens.tokens = ["t1", "t2"]
    Registry(registry.host, "site/hub", None).push_blob("sha256:x", 4, io.BytesIO(b"blob"))
    assert registry.bodies == [b"", b"", b"blob", b"blob"]


def test_an_upload_to_another_host_does_not_take_the_token_along(fakes: tuple[Fake, Fake]):
    registry, elsewhere = fakes
    start = "/v2/site/hub/blobs/uploads/"
    registry.answers[("POST", start, None)] = (401, {"WWW-Authenticate": 'Basic realm="site"'}, b"")
    registry.answers[("POST", start, BASIC)] = (202, {"Location": f"http://{elsewhere.host}/bucket"}, b"")
    elsewhere.answers[("PUT", "/bucket?digest=sha256:x", None)] = (201, {}, b"")
    Registry(registry.host, "site/hub", Credentials("ada", "secret")).push_blob(
        "sha256:x", 4, io.BytesIO(b"blob")
    )
    assert elsewhere.asked == [("PUT", "/bucket?digest=sha256:x", None)]


def test_a_redirect_is_not_followed(fakes: tuple[Fake, Fake]):
    registry, elsewhere = fakes
    registry.answers[("GET", "/v2/site/hub/manifests/1", None)] = (
        307,
        {"Location": f"http://{elsewhere.host}/x"},
        b"",
    )
    with pytest.raises(RegistryError, match="answered 307 to GET /v2/site/hub/manifests/1"):
        Registry(registry.host, "site/hub", None).manifest("1")
    assert elsewhere.asked == []


def test_an_unknown_kind_of_sign_in_is_an_error_that_names_it(fakes: tuple[Fake, Fake]):
    registry, _ = fakes
    registry.answers[("GET", "/v2/site/hub/manifests/1", None)] = (
        401,
        {"WWW-Authenticate": "Negotiate"},
        b"",
    )
    with pytest.raises(RegistryError, match="not known here: Negotiate"):
        Registry(registry.host, "site/hub", None).manifest("1")
