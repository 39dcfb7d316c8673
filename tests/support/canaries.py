"""Secrets that are easy to find again, in whatever form they leak."""

import base64
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from stacks.site_frame import SECRETS


def canary(key: str, mark: str = "one") -> str:
    """Return the part of a secret's value by which it is found: letters and digits, which nothing escapes."""
    return f"CaNaRy{mark}{key}7f3a9c"


def values(keys: Iterable[str], mark: str = "one") -> dict[str, str]:
    """Return a value with a canary for each secret, in the form that its description asks for."""
    return {key: _value(key, canary(key, mark)) for key in keys}


def _value(key: str, found: str) -> str:
    password = f"{found} +/&%"
    if "URL" in SECRETS[key]:
        return f"postgresql://someone:{quote(password, safe='')}@database.example.org/science"
    return password


def forms(text: str) -> tuple[str, ...]:
    """Return what a text looks like as it is, in base64 wherever it begins, in hexadecimal and backwards."""
    encoded = text.encode()
    found = [text, encoded.hex(), text[::-1]]
    for before in range(3):
        # What surrounds it decides on the first and last letters: those in between are always the same.
        whole = base64.b64encode(b"\0" * before + encoded).decode().rstrip("=")
        found.append(whole[4 if before else 0 : -4])
    return tuple(found)


def leaked(surfaces: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """Return which secrets, by name, are on which surfaces in which form."""
    return [
        f"{name} on {surface} as {form}"
        for surface, text in surfaces.items()
        for name, secret in secrets.items()
        for form in forms(secret)
        if form in text or form in text.replace("-", "+").replace("_", "/")
    ]
