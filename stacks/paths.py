"""Property paths as in `ignore_changes`: ``data``, ``spec.template``, ``data["a.b"]``, ``rules[*].hosts``."""

import copy
import re
from typing import Any

Path = tuple[str | int, ...]
"""Keys and positions, outermost first; ``"*"`` is each of them."""

_PART = re.compile(r"""\.?([^.\[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]""")
_MISSING = object()


def parse(text: str) -> Path:
    """Return the parts of a path in Pulumi's syntax; `ValueError` where it has another."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if not match:
            raise ValueError(f"{text!r} is not a property path")
        name, position, quoted = match.groups()
        if position is not None:
            parts.append(position if position == "*" else int(position))
        else:
            parts.append(name if quoted is None else quoted.replace('\\"', '"'))
        at = match.end()
    return tuple(parts)


def without(value: Any, path: Path) -> Any:  # noqa: ANN401 - any JSON
    """Return ``value`` without what is at ``path``."""
    return _replaced(value, path, _MISSING)


def carried_over(value: Any, path: Path, source: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return ``value`` with what ``source`` has at ``path``, or without it where ``source`` has nothing there."""
    return _replaced(value, path, source)


def _replaced(value: Any, path: Path, source: Any) -> Any:  # noqa: ANN401 - any JSON
    if not path:
        return source if source is _MISSING else copy.deepcopy(source)
    first, rest = path[0], path[1:]
    if isinstance(value, dict):
        known = value.keys() | (source.keys() if isinstance(source, dict) else ())
        keys = [key for key in known if first in ("*", key)]
        changed = dict(value)
        for key in keys:
            below = source.get(key, _MISSING) if isinstance(source, dict) else _MISSING
            inside = value.get(key, {} if rest else _MISSING)
            new = _replaced(inside, rest, below)
            if new is _MISSING or (key not in value and new == {}):
                changed.pop(key, None)
            else:
                changed[key] = new
        return changed
    if isinstance(value, list):
        return [
            _replaced(item, rest, source[at] if isinstance(source, list) and at < len(source) else _MISSING)
            if first in ("*", at)
            else item
            for at, item in enumerate(value)
        ]
    return value
