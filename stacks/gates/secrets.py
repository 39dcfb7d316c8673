"""Gate ``secret-in-plain-text``: secrets are in Secrets, and nowhere else in what a site declares.

Found by what they are (a value that the program or the site keeps secret), by their shape (a private key, a token of
a known service), by the name beside them (``--password``), or because they look like nothing but a random text.
No finding ever quotes one.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from stacks.gates.rules import ResourceGate, Setting
from stacks.gates.secret_shapes import looks_random, names_secret, random_parts, shape_of
from stacks.masking import is_masked
from stacks.resources import PlannedResource

_SHORTEST = 6
"""Characters from which a value that is known to be secret is looked for; shorter ones are in any text."""

Leaf = tuple[str, str, str]
"""Where a text is, the name that it goes by there, and the text."""


def _rule(resource: PlannedResource, setting: Setting) -> Iterator[str]:
    if shape_of(resource.name) or random_parts(resource.name):
        yield "its name looks like a secret: names are in logs, URLs and states"
    if resource.package != "kubernetes":
        return
    for path, name, text in leaves(_readable(resource)):
        why = _why(name, text, setting)
        if why:
            yield f"{path} {why}: put it into a Secret, and name that"


def _readable(resource: PlannedResource) -> dict[str, Any]:
    """Return the parts of an object that are there for more people than its secrets are."""
    inputs = dict(resource.inputs)
    if resource.type.endswith((":Secret", ":SecretPatch")):
        inputs.pop("data", None)
        inputs.pop("stringData", None)
    return inputs


def _why(name: str, text: str, setting: Setting) -> str | None:
    if is_masked(text):
        return "holds a value that the program keeps secret"
    if any(form in text for secret in setting.secrets for form in _forms(secret)):
        return "holds one of the site's secrets"
    shape = shape_of(text)
    if shape:
        return f"holds {shape}"
    if names_secret(name) and looks_random(text, strictly=False):
        return "is called a secret and has a value"
    return "holds what looks like a secret" if random_parts(text) else None


def _forms(secret: str) -> Iterator[str]:
    if len(secret) >= _SHORTEST:
        yield secret
        yield base64.b64encode(secret.encode()).decode().rstrip("=")


def leaves(value: Any, path: str = "", name: str = "") -> Iterator[Leaf]:  # noqa: ANN401 - any JSON
    """Yield every text of a value, keys of mappings included, with the name that it goes by.

    A text that is JSON is taken for what it says. The name of a variable is that of its value, and a flag's that
    of the argument after it.
    """
    if isinstance(value, Mapping):
        yield from _in_mapping(value, path)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            before = value[place - 1] if place else None
            flag = before if isinstance(before, str) and before.startswith("-") else name
            yield from leaves(item, f"{path}[{place}]", flag)
    elif isinstance(value, str):
        inside = _json(value)
        if inside is not None:
            yield from leaves(inside, path, name)
        else:
            flag, equals, rest = value.partition("=")
            given = equals and flag.startswith("-")
            yield path, flag if given else name, rest if given else value


def _in_mapping(value: Mapping[str, Any], path: str) -> Iterator[Leaf]:
    variable = value.get("name") if isinstance(value.get("value"), str) else None
    for key, item in value.items():
        below = f"{path}.{key}" if path else str(key)
        yield below, "", str(key)
        yield from leaves(item, below, str(variable) if variable and key == "value" else str(key))


def _json(text: str) -> object:
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


GATES = (ResourceGate("secret-in-plain-text", "Secrets are in Secrets and nowhere else.", _rule),)
