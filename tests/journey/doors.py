"""The doors to one user's files, each with the same few operations: a test runs over all of them."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Protocol
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stacks.journey.client import HubClient
from stacks.journey.errors import KernelError
from stacks.journey.offer import Offer
from stacks.journey.server import Kernel, UserServer

REFUSED, ABSENT = "refused", "absent"
_XMLNS = "{http://s3.amazonaws.com/doc/2006-03-01/}"


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
        try:
            said = self.kernel.run(code, timeout=120)
        except KernelError:
            # Jupyter Server now and then never opens the channels of a kernel again: another one has nothing to forget.
            del self.kernel
            said = self.kernel.run(code, timeout=120)
        return json.loads(said.strip().splitlines()[-1])

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


class S3:
    """The S3 gateway, with keys that the user's token is exchanged for; requests are signed by botocore."""

    def __init__(self, client: HubClient, offer: Offer) -> None:
        self.url = offer.doors["s3"].rstrip("/")
        self.browser = offer.route.client(timeout=120)
        given = self.browser.post(f"{self.url}/-/keys", headers={"Authorization": f"Bearer {client.token}"})
        keys = given.raise_for_status().json()
        self.signer = S3SigV4Auth(
            Credentials(keys["accessKeyId"], keys["secretAccessKey"]), "s3", "us-east-1"
        )

    @staticmethod
    def place(path: str) -> tuple[str, str]:
        """Return bucket and key of a path."""
        parts = path.strip("/").split("/")
        return (parts[0], "/".join(parts[1:])) if parts[0] == "home" else (parts[1], "/".join(parts[2:]))

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> httpx.Response:
        """Send a signed request."""
        bucket, key = self.place(path)
        url = f"{self.url}/{bucket}/{quote(key)}".rstrip("/")
        if params:
            url += "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(params.items()))
        request = AWSRequest(method=method, url=url, data=content, headers=dict(headers or {}))
        self.signer.add_auth(request)
        return self.browser.request(method, url, headers=dict(request.headers.items()), content=content)

    def write(self, path: str, content: bytes) -> str:
        return self._outcome(self.ask("PUT", path, content=content))

    def read(self, path: str) -> bytes | str:
        answer = self.ask("GET", path)
        return answer.content if answer.status_code == httpx.codes.OK else ABSENT

    def size(self, path: str) -> int:
        return int(self.ask("HEAD", path).headers["Content-Length"])

    def remove(self, path: str) -> str:
        return self._outcome(self.ask("DELETE", path))

    def rename(self, path: str, new: str) -> str:
        """S3 has no renaming: copy, then delete."""
        bucket, key = self.place(path)
        copied = self.ask("PUT", new, headers={"x-amz-copy-source": f"/{bucket}/{quote(key)}"})
        return self._outcome(copied) if not copied.is_success else self.remove(path)

    def names(self, folder: str) -> set[str]:
        _, key = self.place(folder)
        found: set[str] = set()
        token = ""
        while True:
            params = {"list-type": "2", "delimiter": "/", "prefix": f"{key}/"}
            params |= {"continuation-token": token} if token else {}
            page = ET.fromstring(  # noqa: S314 - the answer of our own gateway
                self.ask("GET", self._root(folder), params=params).content
            )
            found |= {(each.text or "").removeprefix(f"{key}/") for each in page.iter(f"{_XMLNS}Key")}
            token = page.findtext(f"{_XMLNS}NextContinuationToken") or ""
            if not token:
                return found - {""}

    @staticmethod
    def _root(folder: str) -> str:
        parts = folder.strip("/").split("/")
        return "/home" if parts[0] == "home" else f"/projects/{parts[1]}"

    @staticmethod
    def _outcome(answer: httpx.Response) -> str:
        if answer.is_success:
            return "done"
        return ABSENT if answer.status_code == httpx.codes.NOT_FOUND else REFUSED


DOORS: Mapping[str, Callable[[HubClient, Offer], FileDoor]] = {
    "posix": lambda client, _: Posix(client),
    "webdav": Webdav,
    "s3": S3,
}
"""How each door is opened for a user who is signed in, with a server that runs."""
