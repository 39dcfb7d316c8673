"""The S3 door as a process of its own, in front of a hub that knows two people."""

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

from infra.paths import ROOT

TOKENS = {"token-of-alice": ("alice", "a1"), "token-of-bob": ("bob", "a2")}
DOORS_TOKEN = "token-of-the-door"
SCOPES = ["access:services!service=s3"]


class Hub(BaseHTTPRequestHandler):
    """The part of JupyterHub's API that the door asks."""

    def _answer(self) -> object:
        token = self.headers["Authorization"].removeprefix("token ")
        match self.path.removeprefix("/hub/api/").split("/"):
            case ["user"] if token in TOKENS:
                name, number = TOKENS[token]
                return {"kind": "user", "name": name, "scopes": SCOPES, "token_id": number}
            case ["users", name] if token == DOORS_TOKEN:
                return {"name": name, "groups": ["astronomers"] if name == "alice" else []}
            case ["users", name, "tokens", number] if token == DOORS_TOKEN:
                return {"scopes": SCOPES, "expires_at": None} if (name, number) in TOKENS.values() else None
        return None

    def do_GET(self) -> None:
        """Answer, or refuse."""
        answer = self._answer()
        self.send_response(200 if answer else 404)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as it is called
        """Say nothing."""


@dataclass(frozen=True)
class S3Door:
    """A door that is open: its URL, its process, and the folders behind it."""

    url: str
    pid: int
    homes: Path
    projects: Path

    def keys(self, user: str) -> dict[str, str]:
        """Return a user's keys, as the door gives them for the user's token."""
        headers = {"Authorization": f"Bearer token-of-{user}"}
        with urlopen(Request(f"{self.url}/-/keys", method="POST", headers=headers)) as answer:  # noqa: S310 - ours
            return json.load(answer)


def program() -> Path:
    """Return the program, built if any of its source is newer."""
    made = Path(tempfile.gettempdir()) / "science-platform-tests-s3"
    subprocess.run(["go", "build", "-o", made, "./s3"], cwd=ROOT / "services", check=True)
    return made


@contextmanager
def s3_door(folder: Path) -> Iterator[S3Door]:
    """Open the door over folders below ``folder``."""
    homes, projects = folder / "homes", folder / "projects"
    for each in (homes / "alice", homes / "bob", projects / "stars"):
        each.mkdir(parents=True, exist_ok=True)
    hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    document = {
        "site": "here",
        "hub": f"http://127.0.0.1:{hub.server_port}/hub/api",
        "cacheSeconds": 1,
        "homes": str(homes),
        "projects": str(projects),
        "spaces": {"stars": {"readWrite": ["astronomers"], "readOnly": []}},
    }
    (folder / "rooms.json").write_text(json.dumps(document))
    (folder / "token").write_text(DOORS_TOKEN)
    (folder / "master").write_text("m" * 32)
    command = [
        *(program(), "-listen=127.0.0.1:0", "-watch=127.0.0.1:0", "-endpoint=https://s3.example.org"),
        *(f"-rooms={folder}/rooms.json", f"-hub-token={folder}/token", f"-keys={folder}/master"),
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            if process.stdout is None:
                raise AssertionError
            opened = json.loads(process.stdout.readline())
            threading.Thread(target=lambda: log.writelines(process.stdout or ()), daemon=True).start()
            yield S3Door(f"http://{opened['address']}", process.pid, homes, projects)
        finally:
            process.terminate()
            process.wait(30)
            hub.shutdown()
