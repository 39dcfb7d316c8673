"""Signing in as a person does: opening the hub's page and filling in whatever form comes.

The same walk serves a password form of the hub's own and an OpenID Connect provider's pages (sign-in, then
perhaps consent), since both are forms that end on a page of the hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from stacks.journey.errors import SignInError
from stacks.journey.forms import Form, complaint, forms

MAX_FORMS = 6
"""Forms after which a sign-in is taken to go round in circles: sign-in, second factor, consent, and as many more."""


class SignIn(Protocol):
    """A way to sign in."""

    @property
    def username(self) -> str:
        """Name of the user whom the hub will know."""
        ...

    def __call__(self, browser: httpx.Client, hub: str) -> None:
        """Sign ``browser`` in at the hub whose URL is ``hub`` (``https://host/hub``, no slash at the end).

        Raises
        ------
        SignInError
            The person is not let in.
        """
        ...


@dataclass(frozen=True)
class PasswordSignIn:
    """The hub's own form: user name and password."""

    username: str
    password: str = field(repr=False)

    def __call__(self, browser: httpx.Client, hub: str) -> None:
        """Sign in; see `SignIn`."""
        answers = {"username": self.username, "password": self.password}
        _walk(browser, f"{hub}/login", hub, self.username, answers)


@dataclass(frozen=True)
class ProviderSignIn:
    """An OpenID Connect provider's pages.

    Parameters
    ----------
    username
        Name of the user whom the hub will know.
    answers
        What to fill in, by the names of the provider's form fields: Keycloak's are ``username`` and
        ``password``. A form without such fields (consent) is sent as it is.
    """

    username: str
    answers: Mapping[str, str] = field(repr=False)

    def __call__(self, browser: httpx.Client, hub: str) -> None:
        """Sign in; see `SignIn`."""
        _walk(browser, f"{hub}/oauth_login", hub, self.username, self.answers)


def _walk(browser: httpx.Client, start: str, hub: str, username: str, answers: Mapping[str, str]) -> None:
    """Follow pages and fill forms from ``start`` until the hub shows a page to somebody signed in."""
    page = browser.get(start)
    for _ in range(MAX_FORMS):
        if page.is_error:
            raise SignInError(f"{username} is not let in: HTTP {page.status_code}: {complaint(page.text)}")
        if _is_in(page, hub):
            return
        form = _form_to_fill(page)
        page = form.send(browser, page, {name: answers[name] for name in form.names & answers.keys()})
    raise SignInError(f"{username} is asked again and again, last at {page.url.copy_with(query=None)}")


def _is_in(page: httpx.Response, hub: str) -> bool:
    home = httpx.URL(hub)
    at_site = (page.url.scheme, page.url.netloc) == (home.scheme, home.netloc)
    return at_site and page.url.path not in (f"{home.path}/login", f"{home.path}/oauth_login")


def _form_to_fill(page: httpx.Response) -> Form:
    to_fill = [form for form in forms(page.text) if form.method == "post"]
    if not to_fill:
        where = page.url.copy_with(query=None)
        raise SignInError(f"nothing to fill in at {where}: {complaint(page.text)}")
    return to_fill[0]
