"""The HTTP interfaces of forges: JSON in and out, pages, files of a limited size; the token goes to the forge only."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

_PAGE = 100
_MOST_PAGES = 50
_TIMEOUT = 60


class ForgeError(Exception):
    """A forge refused or was not reached; the text names the request and never a token."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to where files are kept without taking the credentials there."""

    def __init__(self, credentials: frozenset[str]) -> None:
        self._credentials = credentials

    def redirect_request(  # noqa: PLR0917 - as urllib calls it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the next request; without credentials where it goes elsewhere."""
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        if following and (here.scheme, here.netloc) != (there.scheme, there.netloc):
            for name in [name for name in following.headers if name.lower() in self._credentials]:
                following.remove_header(name)
        return following


@dataclass(frozen=True)
class Api:
    """A forge's interface.

    Parameters
    ----------
    root
        Its address, such as ``https://api.github.com``.
    credentials
        Headers that say who asks.
    headers
        Further ones of every request.
    """

    root: str
    credentials: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON
        """Return what is at a path."""
        return self._json("GET", path, query=query)

    def pages(self, path: str, **query: str | int) -> Iterator[Any]:
        """Yield the items of a list, page by page."""
        for page in range(1, _MOST_PAGES + 1):
            items = self.get(path, **query, per_page=_PAGE, page=page)
            yield from items
            if len(items) < _PAGE:
                return

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - any JSON
        """Send JSON and return the answer."""
        return self._json(method, path, body=body)

    def content(self, path: str, limit: int) -> bytes:
        """Return a file of at most so many bytes.

        Raises
        ------
        ForgeError
            It is larger, or cannot be had.
        """
        found = self._bytes("GET", path, limit=limit + 1)
        if len(found) > limit:
            raise ForgeError(f"GET {path}: more than {limit} bytes")
        return found

    def _json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON
        asked = f"{path}?{urlencode(query)}" if query else path
        answer = self._bytes(method, asked, body=body)
        try:
            return json.loads(answer)
        except ValueError:
            raise ForgeError(f"{method} {path}: the answer is no JSON") from None

    def _bytes(
        self, method: str, path: str, *, body: Mapping[str, object] | None = None, limit: int | None = None
    ) -> bytes:
        data = json.dumps(body).encode() if body is not None else None
        headers = {**self.headers, **({"Content-Type": "application/json"} if data else {})}
        # S310: the address is the forge's own, and the opener below speaks HTTP only.
        request = urllib.request.Request(f"{self.root}{path}", data, headers, method=method)  # noqa: S310
        for name, value in self.credentials.items():
            request.add_header(name, value)
        try:
            with self._opener().open(request, timeout=_TIMEOUT) as answer:
                return answer.read(limit)
        except urllib.error.HTTPError as error:
            with error:
                why = _message(error.read(10_000))
            raise ForgeError(f"{method} {path}: {error.code}{why}", error.code) from None
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise ForgeError(f"{method} {path}: {self.root} cannot be reached: {reason}") from None

    def _opener(self) -> urllib.request.OpenerDirector:
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(frozenset(name.lower() for name in self.credentials)),
        ):
            opener.add_handler(handler)
        return opener


def _message(content: bytes) -> str:
    """Return what an answer says is wrong, as GitHub and GitLab say it."""
    try:
        found = json.loads(content)["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {found if isinstance(found, str) else json.dumps(found)}"
