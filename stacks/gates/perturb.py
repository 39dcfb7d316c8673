"""Other values for a site's: each as valid as what is there, or told apart from it wherever it turns up."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from infra.fields import bytes_of, seconds_of
from stacks.json_schema import Walk
from stacks.site import site_schema
from stacks.site_errors import Keys

_NUMBER = re.compile(r"[0-9]+")
_MEBIBYTE = 2**20


def leaves(value: Any, path: Keys = ()) -> Iterator[tuple[Keys, Any]]:  # noqa: ANN401 - any JSON
    """Yield every value of a site that is neither a mapping nor a list, with the way to it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path, value


def changed(site: Mapping[str, Any], values: Mapping[Keys, object]) -> dict[str, Any]:
    """Return a site with other values at some places."""
    return {key: _changed(item, (key,), values) for key, item in site.items()}


def _changed(value: Any, path: Keys, values: Mapping[Keys, object]) -> Any:  # noqa: ANN401 - any JSON
    if path in values:
        return values[path]
    if isinstance(value, Mapping):
        return {key: _changed(item, (*path, key), values) for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, (*path, place), values) for place, item in enumerate(value)]
    return value


@dataclass(frozen=True)
class Marked:
    """A value that is nowhere else, so that where it turns up it has had an effect.

    Attributes
    ----------
    value
        As the site file would have it.
    forms
        As plans may have it: an amount of memory in bytes, a time in seconds.
    """

    value: object
    forms: tuple[str, ...]


def marked(value: Any, number: int) -> Iterator[Marked]:  # noqa: ANN401 - any JSON
    """Yield values a little other than ``value`` that no other ``number`` gives; a site's rules may refuse some."""
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield Marked(value + number, (str(value + number),))
    if isinstance(value, int | float):
        other = round(value + number / 10_000, 4)
        yield Marked(other, (f"{other:g}", str(other)))
        return
    for amount in (_marked_memory, _marked_duration, _marked_network):
        try:
            yield amount(value, number)
        except ValueError:
            continue
    mark = f"qz{number}qz"
    yield from (Marked(other, (mark,)) for other in (f"{value}-{mark}", f"{mark}-{value}"))


def _marked_memory(text: str, number: int) -> Marked:
    other = bytes_of(text) // _MEBIBYTE + number
    return Marked(f"{other}Mi", (f"{other}Mi", str(other * _MEBIBYTE)))


def _marked_duration(text: str, number: int) -> Marked:
    other = seconds_of(text) + number
    return Marked(f"{other}s", (f"{other}s", str(other)))


def _marked_network(text: str, number: int) -> Marked:
    network = ip_network(text)
    address = network.network_address + number * network.num_addresses
    return Marked(f"{address}/{network.prefixlen}", (str(address),))


def alternatives(site: Mapping[str, Any], path: Keys, value: Any) -> Iterator[object]:  # noqa: ANN401 - any JSON
    """Yield other values for one place of a site, most of which its rules may refuse."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, value * 2)
    elif isinstance(value, float):
        yield from (value * 2, value / 2)
    elif isinstance(value, str):
        yield from (other for other in _other_texts(site, path, value) if other != value)


def _other_texts(site: Mapping[str, Any], path: Keys, text: str) -> Iterator[str]:
    yield from _choices(site, path)
    for step in (1, -1):
        for match in _NUMBER.finditer(text):
            number = int(match[0]) + step
            if number >= 0:
                yield f"{text[: match.start()]}{number}{text[match.end() :]}"
    yield from (f"{text}-x", f"x-{text}", f"{text}x")
    # It may be the name of something else in the site: a node pool, a group.
    yield from dict.fromkeys(_words(site))


def _choices(site: Mapping[str, Any], path: Keys) -> list[str]:
    """Return the words that the schema allows at a place."""
    walk = Walk(site_schema())
    schema, value = site_schema(), site
    for key in path:
        schema = walk.step(walk.variant(schema, value), key)
        value = value[key]  # type: ignore[index] - the way leads there
    return schema.get("enum", [])


def _words(value: object) -> Iterator[str]:
    for path, leaf in leaves(value):
        yield from (key for key in path if isinstance(key, str))
        if isinstance(leaf, str):
            yield leaf
