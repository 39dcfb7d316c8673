"""Planned inputs held against the types of Pulumi's SDKs, nested ones too: Python checks only the outermost names."""

import importlib
import inspect
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pulumi import _types

from stacks.plan import PlannedResource

PACKAGES = {"aws": "pulumi_aws", "openstack": "pulumi_openstack"}


def unknown_inputs(resource: PlannedResource) -> list[str]:
    """Return the paths of inputs that the SDK's type of a resource does not know."""
    return sorted(_unknown(resource.inputs, _arguments(resource.type), ""))


@cache
def _arguments(token: str) -> type:
    """Return the class of a resource's arguments."""
    package, module, name = token.split(":")
    found = importlib.import_module(f"{PACKAGES[package]}.{module.split('/')[0]}")
    return getattr(found, f"{name}Args")


@cache
def _names(cls: type) -> dict[str, Any]:
    """Return the types of a class's arguments by the names that the engine knows them by."""
    names = _types.input_type_py_to_pulumi_names(cls)
    hints = typing.get_type_hints(cls.__init__, vars(inspect.getmodule(cls)))
    return {engine_name: hints.get(name) for name, engine_name in names.items()}


def _unknown(value: object, cls: type, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    known = _names(cls)
    for key, inner in value.items():
        below = f"{path}.{key}" if path else str(key)
        if key not in known:
            yield below
            continue
        nested = _nested(known[key])
        for each in inner if isinstance(inner, list) else [inner]:
            if nested is not None:
                yield from _unknown(each, nested, below)


def _nested(hint: object) -> type | None:
    """Return the class of arguments somewhere in a type, if there is one."""
    if inspect.isclass(hint) and hint.__name__.endswith("Args"):
        return hint
    for inner in typing.get_args(hint):
        found = _nested(inner)
        if found is not None:
            return found
    return None
