"""The real Caddy on loopback, with the configuration that the edge would have, and a client for it."""

import contextlib
import http.client
import json
import random
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.edge.authority import make_authority
from components.edge.caddy import configuration
from components.edge.doors import Door, hosts
from components.edge.landing import pages
from components.edge.places import Places
from components.edge.spec import EdgeSpec
from images.golang import GoModule, build
from infra.cluster import Exposure
from infra.paths import ROOT
from infra.progress import Progress

CADDY = GoModule(ROOT / "images/gomod/caddy", 90)


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nothing listens on.

    They are below those that the kernel gives to connections, so that none takes one in the meantime.
    """
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20000, 32000)  # noqa: S311 - not a secret
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("127.0.0.1", port))
            found.append(port)
    return found


@dataclass(frozen=True)
class Answer:
    """A response, with header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body, which is a JSON object."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class RunningEdge:
    """A Caddy that runs.

    Parameters
    ----------
    authority
        Certificate that a client has to trust.
    """

    process: subprocess.Popen[bytes]
    places: Places
    log_file: Path
    host: str
    authority: str

    def context(self) -> ssl.SSLContext:
        """Return a TLS context that trusts this site's authority alone and verifies the host."""
        return ssl.create_default_context(cadata=self.authority)

    def connect(self, host: str | None = None) -> ssl.SSLSocket:
        """Return a TLS connection, with ``host`` as the name that is asked for and verified."""
        plain = socket.create_connection(("127.0.0.1", self.places.https), timeout=20)
        return self.context().wrap_socket(plain, server_hostname=host or self.host)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        host: str | None = None,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Iterable[bytes] | None = None,
    ) -> Answer:
        """Ask over TLS.

        Parameters
        ----------
        host
            Host header, without a port.
        name
            Name for TLS; defaults to the host.
        """
        connection = http.client.HTTPConnection("127.0.0.1", timeout=30)
        connection.sock = self.connect(name or host)
        try:
            wanted = {"Host": f"{host or self.host}:30443", **(headers or {})}
            connection.request(method, path, headers=wanted, body=body)
            return _answer(connection.getresponse())
        finally:
            connection.close()

    def ask_plainly(
        self, path: str, *, port: int, host: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask without TLS."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path, headers={"Host": host or self.host, **(headers or {})})
            return _answer(connection.getresponse())
        finally:
            connection.close()

    def log(self) -> str:
        """Return everything logged so far."""
        time.sleep(0.2)
        return self.log_file.read_text()

    def requests_logged(self) -> list[dict[str, Any]]:
        """Return the access log's entries."""
        entries = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [entry for entry in entries if entry.get("logger", "").startswith("http.log.access")]


def _answer(response: http.client.HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def hurried(config: str) -> str:
    """Return a configuration whose waiting is cut short, for tests of what comes after it."""
    short = {
        '"try_duration": "10s"': '"try_duration": "500ms"',
        '"shutdown_delay": "10s"': '"shutdown_delay": "1s"',
    }
    for long_time, short_time in short.items():
        assert long_time in config
        config = config.replace(long_time, short_time)
    return config


@contextlib.contextmanager
def run_edge(
    folder: Path,
    spec: EdgeSpec,
    exposure: Exposure,
    doors: Sequence[Door],
    *,
    hurry: bool = True,
    trusted: str | None = None,
) -> Iterator[RunningEdge]:
    """Run Caddy for a site, with all of its files in ``folder``, until the body ends.

    Parameters
    ----------
    trusted
        Certificate that clients trust instead of that of the site's own authority.
    """
    https, http_port, health, metrics, reader = free_ports(5)
    places = Places(
        https=https,
        http=http_port,
        health=health,
        metrics=metrics,
        reader=reader,
        pages=str(folder),
        authority=str(folder),
        certificate=str(folder),
        state=str(folder / "state"),
    )
    certificate, key = make_authority("test", hosts(spec.host, doors))
    config = json.dumps(configuration(spec, exposure, doors, places))
    files = {
        "ca.crt": certificate,
        "ca.key": key,
        "caddy.json": hurried(config) if hurry else config,
        **pages("Test site", f"https://{spec.host}", doors),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    binary = build(CADDY, Progress()) / "caddy"
    log_file = folder / "log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [binary, "run", "--config", folder / "caddy.json"],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={"HOME": str(folder)},
        )
    edge = RunningEdge(
        process=process, places=places, log_file=log_file, host=spec.host, authority=trusted or certificate
    )
    try:
        _wait(edge, exposure)
        yield edge
    finally:
        process.kill()
        process.wait()


def _wait(edge: RunningEdge, exposure: Exposure) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and edge.process.poll() is None:
        try:
            edge.ask_plainly("/healthz", port=edge.places.health)
            if exposure != "ingress":
                edge.connect().close()
        except (OSError, ssl.SSLError):
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"Caddy did not start:\n{edge.log_file.read_text()}")


def terminate(edge: RunningEdge) -> None:
    """Ask Caddy to stop, as the kubelet does."""
    edge.process.send_signal(signal.SIGTERM)
