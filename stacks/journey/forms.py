"""HTML forms as a person sees them: what is filled in already, what can be chosen, where they are sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

import httpx


@dataclass
class Form:
    """One form of a page.

    Parameters
    ----------
    action
        Where it is sent, relative to the page; empty for the page itself.
    method
        ``get`` or ``post``.
    multipart
        Whether it is sent as ``multipart/form-data``.
    values
        Fields as a browser would send them untouched, by name.
    choices
        What can be chosen where the form offers a choice (radio buttons, selections), by name.
    """

    action: str = ""
    method: str = "get"
    multipart: bool = False
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Names of all fields."""
        return self.values.keys() | self.choices.keys()

    def send(self, client: httpx.Client, page: httpx.Response, answers: Mapping[str, str]) -> httpx.Response:
        """Fill in ``answers``, send the form that was found on ``page``, and return the page that comes."""
        values = self.values | dict(answers)
        url = page.url.join(self.action) if self.action else page.url
        if self.method == "get":
            return client.get(url, params=values)
        body: dict[str, object] = {"data": values}
        if self.multipart:
            body = {"files": {name: (None, value.encode()) for name, value in values.items()}}
        answer = client.post(url, follow_redirects=False, **body)  # type: ignore[arg-type] # either is one
        # Not left to httpx: it would keep the multipart content type for a GET, which tornado answers with 400.
        return client.get(answer.url.join(answer.headers["location"])) if answer.is_redirect else answer


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._selection = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(
                action=attributes.get("action", ""),
                method=attributes.get("method", "get").lower(),
                multipart=attributes.get("enctype", "") == "multipart/form-data",
            )
            self.forms.append(self._open)
        elif self._open is not None and "disabled" not in attributes:
            self._field(tag, attributes, self._open)

    def _field(self, tag: str, attributes: Mapping[str, str], form: Form) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if tag == "option" and self._selection:
            self._choice(form, self._selection, value, chosen="selected" in attributes)
        elif tag == "select":
            self._selection = name
        elif tag in ("input", "textarea") and name:
            kind = attributes.get("type", "text").lower()
            if kind in ("radio", "checkbox"):
                self._choice(form, name, attributes.get("value", "on"), chosen="checked" in attributes)
            elif kind not in ("submit", "button", "image", "reset", "file"):
                form.values[name] = value

    @staticmethod
    def _choice(form: Form, name: str, value: str, *, chosen: bool) -> None:
        form.choices.setdefault(name, []).append(value)
        if chosen:
            form.values[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._selection = ""


def forms(html: str) -> list[Form]:
    """Return the forms of a page, in its order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def text_of(html: str) -> str:
    """Return what a person reads on a page (or in a fragment), on one line."""
    body = re.sub(r"(?s)<(script|style|head|nav)\b.*?</\1>|<!--.*?-->", " ", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def complaint(html: str) -> str:
    """Return what a page of the hub complains about: its message, else all its text, cut at 400 characters."""
    marked = re.search(
        r'(?s)class="[^"]*\b(?:spawn-error-msg|login_error)\b[^"]*"[^>]*>(.*?)</p>'
        r'|<div class="error">.*?<p>(.*?)</p>'
        r'|<div class="error">(.*?)</div>',
        html,
    )
    found = next((part for part in marked.groups() if part), None) if marked else None
    return text_of(found or html)[:400]
