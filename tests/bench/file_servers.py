"""Servers of one folder that are measured beside each other: the WebDAV door, a plain Go file server, rclone."""

import base64
import contextlib
import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from images.golang import GoModule, build
from infra.paths import ROOT
from infra.progress import Progress
from tests.bench.bare import BareError
from tests.bench.resident import peak_kib
from tests.components.edge.running import free_ports

DOOR = GoModule(ROOT / "services", 60)
PLAIN = GoModule(ROOT / "tests/bench/plainserver", 10)
LISTED = 10_000
MANY = "many"
USERS = tuple(f"user{number}" for number in range(50))


class Hub(BaseHTTPRequestHandler):
    """Answers as JupyterHub does: a user's token is the user's name."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""

    def do_GET(self) -> None:
        """Tell whose a token is, or a user's groups."""
        token = self.headers.get("Authorization", "").removeprefix("token ")
        name = token if self.path.endswith("/user") else self.path.rpartition("/")[2]
        model = {"kind": "user", "name": name, "groups": [], "scopes": ["access:services"]}
        body = json.dumps(model if name in USERS else None).encode()
        self.send_response(200 if name in USERS else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True)
class FileServer:
    """A server that runs, and where each user's files are at it.

    Parameters
    ----------
    prefix
        What a path begins with; ``{user}`` stands for the user's name.
    """

    title: str
    port: int
    pid: int
    prefix: str

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection of its own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def headers(self, user: str) -> dict[str, str]:
        """Return the headers of a user's requests."""
        return {"Authorization": f"Basic {base64.b64encode(f'{user}:{user}'.encode()).decode()}"}

    def path(self, user: str, name: str) -> str:
        """Return the path of one of a user's files."""
        return self.prefix.format(user=user) + name

    def memory(self) -> float:
        """Return the most memory that it had at a time, in MiB (VmHWM: pages of files are not counted)."""
        return peak_kib(Path(f"/proc/{self.pid}/status").read_text()) / 1024


def _furnish(folder: Path) -> None:
    """Make the users' folders, and one of many files before a server can remember that it is not there."""
    for user in USERS:
        (folder / user).mkdir(parents=True)
    many = folder / USERS[0] / MANY
    many.mkdir()
    for number in range(LISTED):
        (many / str(number)).touch()


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[int]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            deadline = time.monotonic() + 20
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise BareError(f"{command[0]} does not serve")
                time.sleep(0.05)
            yield process.pid
        finally:
            process.kill()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


@contextlib.contextmanager
def door(top: Path, progress: Progress) -> Iterator[FileServer]:
    """Run the door as it is deployed, with a hub of its own."""
    program = build(DOOR, progress) / "webdav"
    homes = top / "homes"
    _furnish(homes)
    hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    document = {"hub": f"http://127.0.0.1:{hub.server_port}", "homes": str(homes), "cacheSeconds": 30}
    (top / "rooms.json").write_text(json.dumps(document))
    (top / "token").write_text(USERS[0])
    port, metrics = free_ports(2)
    command = [str(program), f"-rooms={top}/rooms.json", f"-token={top}/token"]
    command += [f"-listen=127.0.0.1:{port}", f"-metrics=127.0.0.1:{metrics}"]
    try:
        with _running(command, port) as pid:
            yield FileServer("WebDAV door", port, pid, "/home/")
    finally:
        hub.shutdown()


@contextlib.contextmanager
def plain(top: Path, progress: Progress) -> Iterator[FileServer]:
    """Run the standard library's file server."""
    [port] = free_ports(1)
    _furnish(top)
    command = [str(build(PLAIN, progress) / "plainserver"), f"127.0.0.1:{port}", str(top)]
    with _running(command, port) as pid:
        yield FileServer("plain Go file server", port, pid, "/{user}/")


@contextlib.contextmanager
def rclone(top: Path, _: Progress) -> Iterator[FileServer]:
    """Run ``rclone serve webdav`` (Debian's), one tree for all."""
    [port] = free_ports(1)
    _furnish(top)
    command = ["rclone", "--config=", "serve", "webdav", f"--addr=127.0.0.1:{port}", str(top)]
    with _running(command, port) as pid:
        yield FileServer("rclone serve webdav", port, pid, "/{user}/")
