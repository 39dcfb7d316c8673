"""The doors to one user's files, each with the same few operations: a test runs over all of them."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Protocol
from urllib.parse import quote

import httpx

from stacks.journey.client import HubClient
from stacks.journey.offer import Offer
from stacks.journey.server import Kernel, UserServer

REFUSED, ABSENT = "refused", "absent"


class FileDoor(Protocol):
    """One door; paths begin with ``/home`` or ``/projects/<space>``, as all doors have them."""

    def write(self, path: str, content: bytes) -> str:
        """Write a file; return ``done`` or `REFUSED`."""
        ...

    def read(self, path: str) -> bytes | str:
        """Return what a file holds, or `ABSENT`."""
        ...

    def size(self, path: str) -> int:
        """Return a file's length in bytes."""
        ...

    def remove(self, path: str) -> str:
        """Remove a file; return ``done``, `REFUSED` or `ABSENT`."""
        ...

    def rename(self, path: str, new: str) -> str:
        """Rename a file; return as `remove` does."""
        ...

    def names(self, folder: str) -> set[str]:
        """Return the names in a folder."""
        ...


_POSIX = """
import base64, errno, json, os
def place(path):
    return os.path.expanduser('~' + path.removeprefix('/home')) if path.startswith('/home') else path
def attempt(act):
    try:
        return act() or 'done'
    except OSError as error:
        refused = (errno.EROFS, errno.EACCES, errno.EPERM)
        return 'refused' if error.errno in refused else 'absent'
def write(path, content):
    def act():
        os.makedirs(os.path.dirname(place(path)), exist_ok=True)
        with open(place(path), 'wb') as file:
            file.write(base64.b64decode(content))
    return attempt(act)
def read(path):
    try:
        with open(place(path), 'rb') as file:
            return ['content', base64.b64encode(file.read()).decode()]
    except OSError:
        return ['absent', '']
def size(path):
    return os.path.getsize(place(path))
def remove(path):
    return attempt(lambda: os.remove(place(path)))
def rename(path, new):
    return attempt(lambda: os.rename(place(path), place(new)))
def names(folder):
    return sorted(os.listdir(place(folder)))
print(json.dumps(eval(base64.b64decode('{call}').decode())))
"""


@dataclass
class Posix:
    """The file system, as code in a kernel of the user's server sees it."""

    client: HubClient

    @cached_property
    def kernel(self) -> Kernel:
        """One kernel for all that is asked; it ends with the server."""
        client = self.client
        return UserServer(
            client.route, f"{client.url}/user/{quote(client.user)}/", client.token
        ).start_kernel()

    def ask(self, call: str) -> object:
        """Evaluate a call of the functions above."""
        code = _POSIX.replace("{call}", base64.b64encode(call.encode()).decode())
        return json.loads(self.kernel.run(code, timeout=120).strip().splitlines()[-1])

    def write(self, path: str, content: bytes) -> str:
        return str(self.ask(f"write({path!r}, {base64.b64encode(content).decode()!r})"))

    def read(self, path: str) -> bytes | str:
        found = self.ask(f"read({path!r})")
        assert isinstance(found, list)
        return base64.b64decode(found[1]) if found[0] == "content" else ABSENT

    def size(self, path: str) -> int:
        found = self.ask(f"size({path!r})")
        assert isinstance(found, int)
        return found

    def remove(self, path: str) -> str:
        return str(self.ask(f"remove({path!r})"))

    def rename(self, path: str, new: str) -> str:
        return str(self.ask(f"rename({path!r}, {new!r})"))

    def names(self, folder: str) -> set[str]:
        found = self.ask(f"names({folder!r})")
        assert isinstance(found, list)
        return set(found)


class Webdav:
    """The WebDAV gateway, with the user's token as the password."""

    def __init__(self, client: HubClient, offer: Offer) -> None:
        self.url = offer.doors["webdav"].rstrip("/")
        self.auth = (client.user, client.token)
        self.browser = offer.route.client(timeout=120)

    def ask(self, method: str, path: str, **options: object) -> httpx.Response:
        """Send a request."""
        return self.browser.request(method, f"{self.url}{quote(path)}", auth=self.auth, **options)  # type: ignore[arg-type] # httpx checks

    def write(self, path: str, content: bytes) -> str:
        self.ask("MKCOL", path.rpartition("/")[0])
        return self._outcome(self.ask("PUT", path, content=content))

    def read(self, path: str) -> bytes | str:
        answer = self.ask("GET", path)
        return answer.content if answer.status_code == httpx.codes.OK else ABSENT

    def size(self, path: str) -> int:
        return int(self.ask("HEAD", path).headers["Content-Length"])

    def remove(self, path: str) -> str:
        return self._outcome(self.ask("DELETE", path))

    def rename(self, path: str, new: str) -> str:
        return self._outcome(self.ask("MOVE", path, headers={"Destination": f"{self.url}{quote(new)}"}))

    def names(self, folder: str) -> set[str]:
        text = self.ask("PROPFIND", f"{folder}/", headers={"Depth": "1"}).text
        shown = text.split("<D:displayname>")[2:]
        return {unescape(each.partition("</D:displayname>")[0]) for each in shown}

    @staticmethod
    def _outcome(answer: httpx.Response) -> str:
        if answer.is_success:
            return "done"
        return ABSENT if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT) else REFUSED


DOORS: Mapping[str, Callable[[HubClient, Offer], FileDoor]] = {
    "posix": lambda client, _: Posix(client),
    "webdav": Webdav,
}
"""How each door is opened for a user who is signed in, with a server that runs."""
