"""What the configuration does in the real Caddy."""

import gzip
import json
import ssl
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from components.edge.doors import Door
from components.edge.landing import content_security_policy
from components.edge.spec import EdgeSpec
from tests.components.edge.running import RunningEdge, free_ports, run_edge, terminate
from tests.components.edge.upstream import MARK, Upstream

HOST, TAP_HOST = "site.localhost", "tap.site.localhost"
HTML = {"Accept": "text/html,application/xhtml+xml"}
SPEC = EdgeSpec.model_validate(
    {"host": HOST, "nodePort": 30443, "certificate": {"kind": "ownAuthority"}, "replicas": 1}
)


def doors(port: int, dead: int) -> list[Door]:
    """Return a hub, a door that nobody is behind, and one with a host of its own."""
    door = partial(Door, title="", description="", service="127.0.0.1", pods="x")
    return [
        door(name="hub", port=port, paths=("/hub", "/user"), compress=True, mark=MARK),
        door(name="dead", port=dead, paths=("/dead", "/user/dead")),
        door(name="tap", port=port, host=TAP_HOST),
    ]


@pytest.fixture(scope="module")
def upstream_port() -> Iterator[int]:
    (port,) = free_ports(1)
    with Upstream(port):
        yield port


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, upstream_port: int) -> Iterator[RunningEdge]:
    (dead,) = free_ports(1)
    with run_edge(tmp_path_factory.mktemp("edge"), SPEC, "nodePort", doors(upstream_port, dead)) as running:
        yield running


def test_landing_page(edge: RunningEdge):
    answer = edge.ask("/", headers=HTML)
    assert answer.status == 200
    assert b"<h1>Test site</h1>" in answer.body
    chosen = (
        "content-type",
        "content-security-policy",
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "cross-origin-opener-policy",
        "cache-control",
    )
    assert [answer.headers[name] for name in chosen] == [
        "text/html; charset=utf-8",
        content_security_policy(),
        "nosniff",
        "DENY",
        "no-referrer",
        "same-origin",
        "no-cache",
    ]


@pytest.mark.parametrize("path", ["/", "/hub/", "/dead", "/nowhere"])
def test_no_answer_says_what_serves_it(edge: RunningEdge, path: str):
    headers = edge.ask(path, headers=HTML).headers
    assert not {"server", "via", "x-powered-by", "alt-svc"} & set(headers)


def test_an_own_authority_is_not_pinned_by_hsts(edge: RunningEdge):
    assert "strict-transport-security" not in edge.ask("/").headers


@pytest.mark.parametrize("path", ["/hub", "/hub/home", "/user/alice/lab?a=%2Fb&c=d", "/hub/a%2Fb//c"])
def test_doors_get_the_path_as_it_came(edge: RunningEdge, path: str):
    assert edge.ask(path).json()["path"] == path


@pytest.mark.parametrize("path", ["/hubs", "/hub2/x", "/landing.html", "/caddy.json", "/ca.key", "/nowhere"])
def test_other_paths_lead_nowhere(edge: RunningEdge, path: str):
    answer = edge.ask(path, headers=HTML)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"There is nothing here" in answer.body
    assert edge.ask(path).body == b"404 Not Found\n"


def test_the_most_specific_path_wins(edge: RunningEdge):
    assert edge.ask("/user/dead/x").status == 502
    assert edge.ask("/user/deadline").status == 200


def test_a_door_with_a_host_of_its_own_has_all_of_it(edge: RunningEdge):
    answer = edge.ask("/tap/sync?QUERY=x", host=TAP_HOST).json()
    assert (answer["path"], answer["host"]) == ("/tap/sync?QUERY=x", f"{TAP_HOST}:30443")
    assert edge.ask("/", host=TAP_HOST).json()["path"] == "/"


def test_an_unknown_host_is_misdirected(edge: RunningEdge):
    answer = edge.ask("/hub/", host="evil.example", name=HOST)
    assert (answer.status, answer.body) == (421, b"This server does not answer for that host.\n")


def test_what_a_client_says_of_itself_is_not_believed(edge: RunningEdge):
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Forwarded-Prefix": "/evil",
        "X-Real-Ip": "203.0.113.9",
        "X-Scheme": "http",
        "Forwarded": "for=203.0.113.9;proto=http",
        "X-Script-Name": "/evil",
        "X-Kept": "yes",
    }
    seen = edge.ask("/hub/", headers=forged).json()["headers"]
    about = {name: value for name, value in seen.items() if name.startswith(("X-", "Forwarded"))}
    assert about == {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": f"{HOST}:30443",
        "X-Forwarded-Proto": "https",
        "X-Kept": "yes",
    }


def read_until(connection: ssl.SSLSocket, end: bytes) -> bytes:
    """Return what comes, in however many parts, up to ``end``."""
    text = b""
    while end not in text:
        part = connection.recv(4096)
        assert part, f"closed after {text!r}"
        text += part
    return text


def test_web_sockets_pass_through(edge: RunningEdge):
    with edge.connect() as connection:
        connection.sendall(
            f"GET /user/alice/ws HTTP/1.1\r\nHost: {HOST}:30443\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: AAAA\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"\x81\x05hello")
        assert read_until(connection, b"hello") == b"\x81\x05hello"


def test_answers_stream(edge: RunningEdge):
    with edge.connect() as connection:
        connection.sendall(f"GET /user/alice/stream HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        started = time.monotonic()
        text = read_until(connection, b"first")
        assert time.monotonic() - started < 0.8
        assert b"second" not in text


def test_uploads_stream_and_have_no_limit(edge: RunningEdge):
    size = 64 * 2**20

    def body() -> Iterator[bytes]:
        yield b"x" * (size // 2)
        time.sleep(1)
        yield b"x" * (size // 2)

    answer = edge.ask(
        "/user/alice/files/big", method="PUT", headers={"Content-Length": str(size)}, body=body()
    ).json()
    assert answer["size"] == size
    assert answer["last"] - answer["first"] > 0.9


def test_scripts_are_compressed_and_nothing_else(edge: RunningEdge):
    script = edge.ask("/hub/script.js", headers={"Accept-Encoding": "gzip"})
    assert script.headers["content-encoding"] == "gzip"
    assert gzip.decompress(script.body) == b"let a = 1;\n" * 1000
    assert "content-encoding" not in edge.ask("/hub/x", headers={"Accept-Encoding": "gzip"}).headers
    elsewhere = edge.ask("/script.js", host=TAP_HOST, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in elsewhere.headers


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_people_see_a_page_that_tries_again_where_nobody_answers(edge: RunningEdge, method: str):
    answer = edge.ask("/dead/x", method=method, headers=HTML)
    assert (answer.status, answer.headers["retry-after"], answer.headers["cache-control"]) == (
        502,
        "5",
        "no-store",
    )
    assert b'<meta http-equiv="refresh" content="5">' in answer.body


def test_programs_get_a_line_where_nobody_answers(edge: RunningEdge):
    answer = edge.ask("/dead/x", headers={"Accept": "application/json"})
    assert (answer.status, answer.headers["retry-after"], answer.body) == (
        502,
        "5",
        b"Not available now; try again in 5 seconds.\n",
    )


def test_an_applications_own_error_page_is_left_alone(edge: RunningEdge):
    answer = edge.ask("/hub/own-503", headers=HTML)
    assert (answer.status, answer.body) == (503, b"own words")


def test_an_error_made_up_on_the_way_becomes_the_edges_page(edge: RunningEdge):
    answer = edge.ask("/hub/made-up-503", headers=HTML)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert b"One moment" in answer.body


def test_the_log_has_no_secrets(edge: RunningEdge):
    headers = {
        "Authorization": "token s3cret-1",
        "Cookie": "jupyterhub-session-id=s3cret-2",
        "Sec-WebSocket-Protocol": "v1.token.websocket.jupyter.org.s3cret-3",
        "Referer": f"https://{HOST}/?token=s3cret-4",
        "X-Amz-Security-Token": "s3cret-5",
        "User-Agent": "the-test",
    }
    edge.ask("/user/alice/api?token=s3cret-6&x=%3Ftoken%3Ds3cret-7", headers=headers)
    edge.ask("/dead/y?token=s3cret-8", headers=headers)
    ours = [entry for entry in edge.requests_logged() if entry.get("user_agent") == "the-test"]
    assert [(entry["status"], entry["request"]["uri"]) for entry in ours] == [
        (200, "/user/alice/api"),
        (502, "/dead/y"),
    ]
    assert "s3cret" not in edge.log()


def test_http_on_the_tls_port_is_led_to_https(edge: RunningEdge):
    answer = edge.ask_plainly("/hub/?a=b", port=edge.places.https, host=f"{HOST}:30443")
    assert (answer.status, answer.headers["location"]) == (308, f"https://{HOST}:30443/hub/?a=b")


def test_metrics_have_a_port_of_their_own(edge: RunningEdge):
    edge.ask("/hub/")
    assert b"caddy_http_requests_total" in edge.ask_plainly("/metrics", port=edge.places.metrics).body
    assert edge.ask("/metrics").status == 404


def test_caddy_has_nothing_to_complain_of(edge: RunningEdge):
    lines = [json.loads(line) for line in edge.log().splitlines() if line.startswith("{")]
    # Not of requests: other tests ask for trouble.
    about_itself = [line for line in lines if not line.get("logger", "").startswith("http.")]
    assert {line["msg"] for line in about_itself if line["level"] != "info"} == {"admin endpoint disabled"}


def test_there_is_no_admin_api(edge: RunningEdge):
    assert '"msg":"admin endpoint disabled"' in edge.log()


def test_a_request_waits_for_a_service_that_restarts(tmp_path: Path):
    port, dead = free_ports(2)
    with run_edge(tmp_path, SPEC, "nodePort", doors(port, dead), hurry=False) as running:
        answers = []
        asking = threading.Thread(target=lambda: answers.append(running.ask("/hub/")))
        asking.start()
        time.sleep(1.5)
        with Upstream(port):
            asking.join()
    assert [answer.status for answer in answers] == [200]


def test_a_stopping_pod_is_not_ready_but_serves_and_lets_requests_finish(tmp_path: Path, upstream_port: int):
    with run_edge(tmp_path, SPEC, "nodePort", doors(upstream_port, upstream_port)) as running:
        answers = []
        terminate(running)
        time.sleep(0.3)
        health = running.places.health
        ready = running.ask_plainly("/healthz", port=health).status
        alive = running.ask_plainly("/livez", port=health).status
        late = threading.Thread(target=lambda: answers.append(running.ask("/hub/slow").body))
        late.start()
        late.join()
        assert (ready, alive, answers) == (503, 200, [b"slow but sure"])
        assert running.process.wait(timeout=10) == 0


def test_port_80_leads_to_https(tmp_path: Path, upstream_port: int):
    spec = SPEC.model_copy(update={"node_port": None})
    with run_edge(tmp_path, spec, "loadBalancer", doors(upstream_port, upstream_port)) as running:
        http = running.places.http
        answer = running.ask_plainly("/hub/?a=b", port=http)
        assert (answer.status, answer.headers["location"]) == (308, f"https://{HOST}/hub/?a=b")
        assert not {"server", "strict-transport-security"} & set(answer.headers)
        assert running.ask_plainly("/", port=http, host="evil.example").status == 421


def behind_ingress(allow_from: tuple[str, ...] = ()) -> EdgeSpec:
    return EdgeSpec.model_validate({"host": HOST, "allowFrom": allow_from})


def test_behind_an_ingress_the_controller_is_believed(tmp_path: Path, upstream_port: int):
    with run_edge(tmp_path, behind_ingress(), "ingress", doors(upstream_port, upstream_port)) as running:
        told = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Scheme": "http"}
        answer = running.ask_plainly("/hub/", port=running.places.http, headers=told)
        seen = answer.json()["headers"]
        assert {name: value for name, value in seen.items() if name.startswith("X-")} == {
            "X-Forwarded-For": "203.0.113.9, 127.0.0.1",
            "X-Forwarded-Host": HOST,
            "X-Forwarded-Proto": "https",
        }
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert [entry["request"]["client_ip"] for entry in running.requests_logged()] == ["203.0.113.9"]


def test_behind_an_ingress_plain_http_is_led_to_https(tmp_path: Path, upstream_port: int):
    with run_edge(tmp_path, behind_ingress(), "ingress", doors(upstream_port, upstream_port)) as running:
        answer = running.ask_plainly("/hub/", port=running.places.http, headers={"X-Forwarded-Proto": "http"})
        assert (answer.status, answer.headers["location"]) == (308, f"https://{HOST}/hub/")
        assert not {"server", "strict-transport-security"} & set(answer.headers)


def test_behind_an_ingress_only_allowed_networks_come_in(tmp_path: Path, upstream_port: int):
    spec = behind_ingress(("198.51.100.0/24",))
    with run_edge(tmp_path, spec, "ingress", doors(upstream_port, upstream_port)) as running:

        def ask(forwarded_for: str) -> int:
            told = {"X-Forwarded-For": forwarded_for, "X-Forwarded-Proto": "https"}
            return running.ask_plainly("/hub/", port=running.places.http, headers=told).status

        assert [ask("198.51.100.7"), ask("203.0.113.9"), ask("198.51.100.7, 203.0.113.9")] == [200, 403, 403]
