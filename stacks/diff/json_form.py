"""A comparison as JSON, for programs."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from stacks.diff.groups import Group
from stacks.diff.model import ABSENT, Change, Field, Impact

FORMAT = 1


def to_json(groups: tuple[Group, ...], base: str) -> str:
    """Return the comparison as JSON: impacts by name, and no ``before`` or ``after`` where there is none."""
    document = {
        "format": FORMAT,
        "base": base,
        "groups": [
            {
                "sites": list(group.sites),
                "blocked": group.result.blocked,
                "impact": _plain(group.result.impact),
                **_plain(group.result),
            }
            for group in groups
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 - any of the records
    if isinstance(value, Impact):
        return value.name.lower()
    if isinstance(value, Field):
        sides = {
            key: _plain(getattr(value, key))
            for key in ("before", "after")
            if getattr(value, key) is not ABSENT
        }
        return {"path": value.path, **sides, "forces": value.forces, "causes": list(value.causes)}
    if is_dataclass(value):
        left_out = ("before", "after") if isinstance(value, Change) else ("site",)
        return {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if each.name not in left_out
        }
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
