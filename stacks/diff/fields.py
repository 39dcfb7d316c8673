"""Field-level comparison of two JSON values: what differs, where, in a stable order."""

import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from stacks.diff.model import ABSENT, Field
from stacks.masking import SECRET, is_masked

CHANGED = f"{SECRET} (changed)"
"""Shown after a secret that is not the same: that it changed is all that may be seen."""

_HASH = re.compile(r"[-:][0-9a-f]{8,64}$")
_NAMES = ("name", "mountPath", "key", "cidr", "host")
"""Keys by which the items of Kubernetes' lists are told apart, the first that all of them have."""


def compared(before: object, after: object, path: str = "") -> tuple[Field, ...]:
    """Return what differs; None is as good as absent, as in Kubernetes' API."""
    return tuple(_compared(before, after, path))


def child(path: str, key: object) -> str:
    """Return the pointer of a key or item below ``path`` (RFC 6901)."""
    return f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"


def keys_of(path: str) -> tuple[str, ...]:
    """Return the keys of a pointer; the inverse of `child`."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:])


def _compared(before: Any, after: Any, path: str) -> Iterator[Field]:  # noqa: ANN401 - any JSON
    if is_masked(before) and is_masked(after):
        if not same_secret(before, after):
            yield Field(path, SECRET, CHANGED)
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from _mappings(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif is_masked(before) or is_masked(after):
        yield Field(path, shown(before), shown(after))
    elif isinstance(before, str) and isinstance(after, str) and before != after:
        documents = _json(before), _json(after)
        if None in documents:
            yield Field(path, before, after)
        elif documents[0] == documents[1]:
            yield Field(path, "JSON in one form", "the same JSON in another")
        else:
            yield from _compared(*documents, path)
    elif before != after or (type(before) is not type(after) and bool in (type(before), type(after))):
        yield Field(path, shown(before), shown(after))


def same_secret(before: object, after: object) -> bool:
    """Return whether two masked values are the same, as far as can be told: without a fingerprint, they are."""
    return before == after or SECRET in (before, after)


def shown(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value without the fingerprints of its secrets."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return SECRET if is_masked(value) else value


def _json(text: str) -> object:
    """Return the mapping or list that a text is, or None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _mappings(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Field]:
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = (ABSENT if side.get(key) is None else side[key] for side in (before, after))
        yield from _compared(old, new, child(path, key))


def _lists(before: list[Any], after: list[Any], path: str) -> Iterator[Field]:
    name = next((key for key in _NAMES if _named(before, key) and _named(after, key)), None)
    if name is None:
        yield from _by_position(before, after, path)
        return
    pairs = _paired([item[name] for item in before], [item[name] for item in after])
    old, new = ({item[name]: item for item in side} for side in (before, after))
    for left, right in pairs:
        yield from _compared(
            old.get(left, ABSENT), new.get(right, ABSENT), child(path, right if left is None else left)
        )
    order = [right for left, right in pairs if left is not None and right is not None]
    if order != [item[name] for item in after if item[name] in order]:
        yield Field(path, [item[name] for item in before], [item[name] for item in after])


def _named(items: list[Any], key: str) -> bool:
    names = [item.get(key) if isinstance(item, dict) else None for item in items]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def _paired(before: list[str], after: list[str]) -> list[tuple[str | None, str | None]]:
    """Return which name became which: the same one, or one that differs in the hash at its end only."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    hashed = {name: next((each for each in new if stem(name) == stem(each) != each), None) for name in gone}
    taken = set(hashed.values())
    pairs = [(name, name if name in after else hashed[name]) for name in before]
    return [*pairs, *((None, name) for name in new if name not in taken)]


def stem(name: str) -> str:
    """Return a name without the hash at its end."""
    return _HASH.sub("", name)


def _by_position(before: list[Any], after: list[Any], path: str) -> Iterator[Field]:
    if len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _compared(old, new, child(path, place))
        return
    texts = [[json.dumps(item, sort_keys=True, default=str) for item in side] for side in (before, after)]
    for tag, left, left_end, right, right_end in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for place in range(left, left_end):
            yield Field(child(path, place), shown(before[place]), ABSENT)
        for place in range(right, right_end):
            yield Field(child(path, place), ABSENT, shown(after[place]))
