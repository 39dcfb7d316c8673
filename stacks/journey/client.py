"""A user's way through the hub: pages as in a browser, the API with a token of the user's own."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

from stacks.journey.errors import JourneyError, RefusedError
from stacks.journey.forms import complaint, forms
from stacks.journey.route import Route
from stacks.journey.server import UserServer
from stacks.journey.signin import SignIn

TOKEN_LIFE = 3600
"""Seconds after which a token that a cut-off journey left behind is worth nothing."""


class HubClient:
    """One person at one hub; a context manager, which takes its token back at the end.

    Parameters
    ----------
    route
        The way to the site.
    url
        The hub's site, ``https://host[:port]``, without a path.
    """

    def __init__(self, route: Route, url: str) -> None:
        self.route = route
        self.url = url.rstrip("/")
        self.hub = f"{self.url}/hub"
        self.browser = route.client()
        self.user = ""
        self._token: tuple[str, str] | None = None

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client; see `close`."""
        self.close()

    def close(self) -> None:
        """Take the token back, and close all connections."""
        try:
            if self._token is not None:
                self.revoke_token(self._token[0])
        except (httpx.HTTPError, JourneyError):
            pass  # the hub is away: the token ends by itself after TOKEN_LIFE
        finally:
            self._token = None
            self.browser.close()

    def sign_in(self, sign_in: SignIn) -> None:
        """Sign in with the browser, and make a token for the API.

        Raises
        ------
        SignInError
            The person is not let in.
        JourneyError
            Somebody else than ``sign_in.username`` came to be signed in.
        """
        sign_in(self.browser, self.hub)
        known = self.by_cookie("GET", "/user").json()["name"]
        if known != sign_in.username:
            raise JourneyError(f"signed in as {known}, not as {sign_in.username}")
        self.user = known
        self._token = self.make_token("journey")

    def sign_out(self) -> httpx.Response:
        """Sign the browser out, and return the page that is shown then."""
        return self.browser.get(f"{self.hub}/logout")

    @property
    def token(self) -> str:
        """The user's token; secret."""
        if self._token is None:
            raise JourneyError("not signed in")
        return self._token[1]

    # -- the API ------------------------------------------------------------------------------------------

    def by_cookie(self, method: str, path: str, **options: object) -> httpx.Response:
        """Call the hub's API as its pages do: by cookie, with the cross-site request token.

        Raises
        ------
        RefusedError
            The hub answers with an error.
        """
        headers = {"X-XSRFToken": self._xsrf(), "Referer": f"{self.hub}/home", "Sec-Fetch-Mode": "cors"}
        return _checked(
            self.browser.request(method, f"{self.hub}/api{path}", headers=headers, **options)  # type: ignore[arg-type] # httpx checks
        )

    def api(self, method: str, path: str, **options: object) -> httpx.Response:
        """Call the hub's API with the user's token; see `by_cookie`."""
        return _checked(self._send(method, path, **options))

    def _send(self, method: str, path: str, **options: object) -> httpx.Response:
        headers = {"Authorization": f"token {self.token}"}
        return self.browser.request(method, f"{self.hub}/api{path}", headers=headers, **options)  # type: ignore[arg-type] # httpx checks

    def _xsrf(self) -> str:
        path = httpx.URL(self.hub).path + "/"
        found = [
            cookie.value
            for cookie in self.browser.cookies.jar
            if (cookie.name, cookie.path) == ("_xsrf", path)
        ]
        if not found or found[0] is None:
            raise JourneyError("the hub has set no _xsrf cookie: open one of its pages first")
        return found[0]

    def make_token(
        self, note: str, *, seconds: int = TOKEN_LIFE, scopes: list[str] | None = None
    ) -> tuple[str, str]:
        """Make a token of the user's own, and return its id and the token itself (secret)."""
        wish = {"note": note, "expires_in": seconds} | ({"scopes": scopes} if scopes else {})
        made = self.by_cookie("POST", f"/users/{quote(self.user)}/tokens", json=wish).json()
        return made["id"], made["token"]

    def revoke_token(self, token_id: str) -> None:
        """Take one of the user's tokens back."""
        self.by_cookie("DELETE", f"/users/{quote(self.user)}/tokens/{token_id}")

    # -- servers ------------------------------------------------------------------------------------------

    def servers(self) -> dict[str, dict[str, object]]:
        """Return what the hub knows of the user's servers, by name; the unnamed one's is empty."""
        return self.api("GET", f"/users/{quote(self.user)}").json()["servers"]

    def offered_profiles(self) -> list[str]:
        """Return the profiles that the hub's page offers to the user."""
        page = _checked(self.browser.get(f"{self.hub}/spawn/{quote(self.user)}"))
        return next((form.choices["profile"] for form in forms(page.text) if "profile" in form.choices), [])

    def spawn(
        self,
        profile: str | None = None,
        *,
        name: str = "",
        timeout: float = 180,
        said: Callable[[str], None] = lambda _: None,
    ) -> float:
        """Start a server as a person does: choose on the page, send the form, watch the progress.

        Parameters
        ----------
        profile
            What to choose; None for what the page has chosen already.
        name
            Name of the server; empty for the user's unnamed one.
        timeout
            Seconds after which waiting ends.
        said
            Called with each message that the user sees.

        Returns
        -------
        float
            Seconds until the server was ready.

        Raises
        ------
        RefusedError
            The hub does not start it, and says why.
        """
        started = time.monotonic()
        url = f"{self.hub}/spawn/{quote(self.user)}" + (f"/{quote(name)}" if name else "")
        page = self.browser.get(url)
        if not page.url.path.startswith(httpx.URL(self.hub).path):
            raise RefusedError(f"the server {name or 'of ' + self.user} is running already")
        form = next((each for each in forms(page.text) if "profile" in each.choices), None)
        if page.is_error or form is None:
            raise RefusedError(complaint(page.text), page.status_code)
        answer = form.send(self.browser, page, {"profile": profile} if profile else {})
        again = any("profile" in each.choices for each in forms(answer.text))
        if answer.is_error or again:
            raise RefusedError(complaint(answer.text), answer.status_code)
        self._await_ready(name, started + timeout, said)
        return time.monotonic() - started

    def _await_ready(self, name: str, deadline: float, said: Callable[[str], None]) -> None:
        for event in self._progress(name, deadline):
            said(str(event.get("message", "")))
            if event.get("failed"):
                raise RefusedError(str(event.get("message", "the server failed to start")))
            if event.get("ready"):
                return
        raise JourneyError(f"the server of {self.user} was not ready in time")

    def _progress(self, name: str, deadline: float) -> Iterator[Mapping[str, object]]:
        """Read the progress of a start, as server-sent events, until ``deadline`` (monotonic)."""
        headers = {"Authorization": f"token {self.token}"}
        path = f"{self.hub}/api{self._server_path(name)}/progress"
        with self.browser.stream("GET", path, headers=headers) as answer:
            if answer.is_error:
                answer.read()
                raise RefusedError(_reason(answer), answer.status_code)
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))
                if time.monotonic() > deadline:
                    return

    def stop(self, name: str = "", *, timeout: float = 60, remove: bool = False) -> float:
        """Stop a server, wait until it is gone, and return the seconds that took.

        Parameters
        ----------
        remove
            Forget a named server, not only stop it.
        """
        started = time.monotonic()
        self.api("DELETE", self._server_path(name), **({"json": {"remove": True}} if remove else {}))
        while name in (servers := self.servers()) and not servers[name].get("stopped"):
            if time.monotonic() - started > timeout:
                raise JourneyError(f"the server of {self.user} did not stop within {timeout:g} s")
            time.sleep(0.2)
        return time.monotonic() - started

    def forget(self, name: str) -> None:
        """Forget a named server that does not run: one that was refused is kept, and counts, all the same."""
        try:
            self.api("DELETE", self._server_path(name), json={"remove": True})
        except RefusedError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise

    def _server_path(self, name: str) -> str:
        user = f"/users/{quote(self.user)}"
        return f"{user}/servers/{quote(name)}" if name else f"{user}/server"

    @contextmanager
    def server(self, name: str = "", *, owner: str | None = None) -> Iterator[UserServer]:
        """Talk to a running server with this user's token.

        Parameters
        ----------
        owner
            User whose server it is; None for this one's own.
        """
        place = f"{self.url}/user/{quote(owner or self.user)}/" + (f"{quote(name)}/" if name else "")
        with closing(UserServer(self.route, place, self.token)) as server:
            yield server


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise RefusedError(_reason(answer), answer.status_code)
    return answer


def _reason(answer: httpx.Response) -> str:
    if answer.headers.get("content-type", "").startswith("application/json"):
        return str(answer.json().get("message") or f"HTTP {answer.status_code}")
    return complaint(answer.text)
