"""One repository of a container registry, over the OCI distribution API 1.1, with the standard library."""

import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from images.credentials import Credentials
from images.errors import ImageError
from images.oci import MANIFEST

_LOOPBACK = ("localhost", "127.0.0.1")
_TIMEOUT = 300
_UNAUTHORISED = 401
_NOT_FOUND = 404


class RegistryError(ImageError):
    """A registry refused or could not be reached; the text says which request and what it answered."""


@dataclass(frozen=True)
class Reference:
    """A reference taken apart: ``host``, ``repository`` and ``tag``."""

    host: str
    repository: str
    tag: str

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Take apart ``host[:port]/path/name:tag``."""
        found = re.fullmatch(r"([^/]+)/([a-z0-9._/-]+):([\w.-]+)", text)
        if not found:
            raise RegistryError(
                f"{text!r} is not a registry, a path and a tag, such as registry.example.org/site/hub:1"
            )
        host, repository, tag = found.groups()
        return cls("registry-1.docker.io" if host == "docker.io" else host, repository, tag)


@dataclass(frozen=True)
class Answer:
    """What a registry answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """One repository of a registry.

    Parameters
    ----------
    host
        Name, and port if it is not 443. Loopback addresses are spoken to in plain HTTP.
    repository
        Path of the repository.
    credentials
        Who to be, if the registry asks.
    """

    def __init__(self, host: str, repository: str, credentials: Credentials | None) -> None:
        self._host, self._repository, self._credentials = host, repository, credentials
        plain = host.partition(":")[0] in _LOOPBACK
        self._base = f"{'http' if plain else 'https'}://{host}"
        self._authorization: dict[str, str] = {}

    def manifest(self, tag: str) -> dict[str, Any] | None:
        """Return the manifest behind a tag, if there is one."""
        answer = self._request(
            "GET", self._url(f"manifests/{tag}"), {"Accept": MANIFEST}, allowed=(200, _NOT_FOUND)
        )
        return json.loads(answer.body) if answer.status != _NOT_FOUND else None

    def has_blob(self, digest: str) -> bool:
        """Tell whether the repository has a blob."""
        answer = self._request("HEAD", self._url(f"blobs/{digest}"), {}, allowed=(200, 302, 307, _NOT_FOUND))
        return answer.status != _NOT_FOUND

    def push_blob(self, digest: str, size: int, content: BinaryIO) -> None:
        """Upload a blob in one piece."""
        started = self._request("POST", self._url("blobs/uploads/"), {"Content-Length": "0"}, allowed=(202,))
        location = urllib.parse.urljoin(self._base, started.headers["location"])
        separator = "&" if "?" in location else "?"
        self._request(
            "PUT",
            f"{location}{separator}digest={digest}",
            {"Content-Type": "application/octet-stream", "Content-Length": str(size)},
            body=content,
            allowed=(201,),
        )

    def push_manifest(self, tag: str, manifest: bytes) -> None:
        """Upload a manifest under a tag."""
        headers = {"Content-Type": MANIFEST, "Content-Length": str(len(manifest))}
        self._request("PUT", self._url(f"manifests/{tag}"), headers, body=manifest, allowed=(201,))

    def _url(self, path: str) -> str:
        return f"{self._base}/v2/{self._repository}/{path}"

    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        allowed: tuple[int, ...],
        body: bytes | BinaryIO | None = None,
    ) -> Answer:
        answer = self._send(method, url, headers, body)
        if answer.status == _UNAUTHORISED:
            # Tokens are short-lived: a long upload may need a second one.
            self._authorize(answer.headers.get("www-authenticate", ""))
            if body is not None and not isinstance(body, bytes):
                body.seek(0)
            answer = self._send(method, url, headers, body)
        if answer.status not in allowed:
            raise RegistryError(self._refusal(method, url, answer))
        return answer

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | BinaryIO | None
    ) -> Answer:
        # An upload may go to a storage service elsewhere, which is no business of our token.
        ours = urllib.parse.urlsplit(url).netloc == self._host
        return _send(method, url, {**headers, **(self._authorization if ours else {})}, body)

    def _refusal(self, method: str, url: str, answer: Answer) -> str:
        path = urllib.parse.urlsplit(url).path
        text = f"{self._host} answered {answer.status} to {method} {path}: {answer.body[:300].decode(errors='replace')}"
        if answer.status in (_UNAUTHORISED, 403):
            text += f"\nLog in with `docker login {self._host}`, or set REGISTRY_USER and REGISTRY_PASSWORD."
        return text

    def _authorize(self, challenge: str) -> None:
        scheme, _, rest = challenge.partition(" ")
        basic = {"Authorization": self._credentials.basic} if self._credentials else {}
        if scheme.lower() == "basic":
            self._authorization = basic
            return
        fields = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme.lower() != "bearer" or "realm" not in fields:
            raise RegistryError(
                f"{self._host} asks for a kind of sign-in that is not known here: {scheme or '(none)'}"
            )
        query = {"service": fields.get("service", ""), "scope": f"repository:{self._repository}:pull,push"}
        url = f"{fields['realm']}?{urllib.parse.urlencode(query)}"
        answer = _send("GET", url, basic, None)
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise RegistryError(self._refusal("GET", url, answer))
        token = json.loads(answer.body)
        self._authorization = {"Authorization": f"Bearer {token.get('token') or token['access_token']}"}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to the caller: following one would take the token along to another host."""

    def redirect_request(  # noqa: PLR0917 - urllib calls it so
        self, req: object, fp: object, code: int, msg: str, headers: object, newurl: str
    ) -> None:
        """Decline."""


def _send(method: str, url: str, headers: Mapping[str, str], body: bytes | BinaryIO | None) -> Answer:
    host = urllib.parse.urlsplit(url).hostname
    direct = (urllib.request.ProxyHandler({}),) if host in _LOOPBACK else ()
    opener = urllib.request.build_opener(_NoRedirects, *direct)
    request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - built from https://
    try:
        with opener.open(request, timeout=_TIMEOUT) as response:
            return _answer(response.status, response)
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error)
    except (OSError, http.client.HTTPException) as error:
        raise RegistryError(f"cannot reach {host}: {error}") from error


def _answer(status: int, response: http.client.HTTPResponse | urllib.error.HTTPError) -> Answer:
    return Answer(status, {name.lower(): value for name, value in response.headers.items()}, response.read())
