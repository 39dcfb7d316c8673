"""Says in an operator's words what pydantic found wrong with a site's shape.

pydantic's own messages speak of inputs, tags and patterns, and quote values, which may be secrets; these do not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from stacks.json_schema import Schema, Walk, expected
from stacks.site_errors import Keys, Problem, did_you_mean, nearest

_SECRET_KEY = re.compile(r"secret|password|token|databaseurl|credential|private", re.IGNORECASE)
_MANY_PLACES = 3
"""A key that is valid in more places than this is not worth a hint."""


class Words:
    """Puts what is wrong with one value into words.

    Parameters
    ----------
    schema
        What is expected: `stacks.json_schema.tidy_schema` of the model.
    value
        What the site file says.
    secrets
        Pulumi configuration keys of secrets: what each is for.
    """

    def __init__(self, schema: Schema, value: object, secrets: Mapping[str, str]) -> None:
        self._root, self._value, self._secrets = schema, value, secrets
        self._walk = Walk(schema)

    def problems(self, error: ValidationError) -> Iterator[Problem]:
        """Yield pydantic's errors as problems; a key that is mistyped is not missing as well."""
        all_details = error.errors(include_url=False, include_input=False)
        mistyped = {
            self._meant(details["loc"]) for details in all_details if details["type"] == "extra_forbidden"
        }
        for details in all_details:
            if details["type"] != "missing" or self._path(details["loc"])[0] not in mistyped:
                yield self._problem(details["type"], details["loc"], details.get("ctx", {}))

    def _meant(self, location: Keys) -> Keys | None:
        """Return the path of the key that was probably meant by an unknown one."""
        path, _ = self._path(location)
        meant = nearest(str(path[-1]), self._at(path)[1]["properties"])
        return (*path[:-1], meant) if meant else None

    def no_values(self, paths: Iterable[Keys]) -> Iterator[Problem]:
        """Yield a problem for each key or list item without a value, where a site has that key at all."""
        for path in paths:
            schema, above = self._at(path)
            if schema:
                hint = "" if path[-1] in above.get("required", []) else ", or leave it out"
                yield Problem(path, f"has no value: write {expected(schema)}{hint}")

    def _at(self, path: Keys) -> tuple[Schema, Schema]:
        """Return the schema at a path and the one above it, as the values on the way choose the kinds."""
        schema, above, value = self._root, {}, self._value
        for key in path:
            above = self._walk.variant(schema, value)
            schema = self._walk.step(above, key)
            value = _item(value, key)
        return schema, above

    def _problem(self, kind: str, location: Keys, context: Mapping[str, object]) -> Problem:
        path, is_key = self._path(location)
        schema, above = self._at(path)
        if kind == "extra_forbidden":
            return Problem(path, self._unknown(path, above), "key")
        if is_key:
            return Problem(path, _wrong_name(str(path[-1]), self._at(path[:-1])[0]["propertyNames"]), "key")
        kinds = list(self._walk.variants(schema))
        if kind == "union_tag_not_found":
            return Problem((*path, "kind"), f"is missing; expected {' or '.join(kinds)}")
        if kind == "union_tag_invalid":
            return Problem((*path, "kind"), _wrong_choice(_item(self._find(path), "kind"), kinds))
        if kind == "missing":
            about = str(schema["description"]).rstrip(".")
            return Problem(path, f"is missing; expected {expected(schema)}: {about}")
        return Problem(path, _wrong_value(kind, self._find(path), schema, context))

    def _path(self, location: Keys) -> tuple[Keys, bool]:
        """Return the keys of pydantic's location without kinds, and whether the last key itself is wrong."""
        schema, path = self._root, ()
        for key in location:
            if key == "[key]":
                return path, True
            variants = self._walk.variants(schema)
            if key in variants:
                schema = variants[str(key)]
                continue
            schema = self._walk.step(schema, key)
            path = (*path, key)
        return path, False

    def _find(self, path: Keys) -> object:
        value = self._value
        for key in path:
            value = _item(value, key)
        return value

    def _unknown(self, path: Keys, section: Schema) -> str:
        key, valid = str(path[-1]), section["properties"]
        return unknown_key(self._hint(key, path, list(valid)), valid)

    def _hint(self, key: str, path: Keys, valid: list[str]) -> str:
        close = did_you_mean(key, valid)
        if close:
            return close
        kinds = [
            kind
            for kind, section in self._walk.variants(self._at(path[:-1])[0]).items()
            if key in section["properties"]
        ]
        if kinds:
            return f": it is for kind: {' or '.join(kinds)}"
        places = [place for place, section in self._walk.sections() if key in section["properties"]]
        if 0 < len(places) <= _MANY_PLACES:
            return f": it belongs in {' or '.join(place or 'the site itself' for place in places)}"
        if _SECRET_KEY.search(key):
            secret = nearest(key, self._secrets)
            return f": secrets are not part of the site; {set_secret([secret] if secret else self._secrets)}"
        return ""


def unknown_key(hint: str, valid: Iterable[str]) -> str:
    """Return the rule of an unknown key; ``hint`` is empty, or starts as what follows a word does."""
    return f"unknown key{hint}{'' if hint.endswith('?') else ';'} valid keys: {', '.join(valid)}"


def set_secret(keys: Iterable[str]) -> str:
    """Return how one of some secrets is set."""
    keys = list(keys)
    which = "" if len(keys) == 1 else f", where <key> is {' or '.join(keys)}"
    return f"set it with `pulumi config set --secret {keys[0] if not which else '<key>'}`{which}"


def empty(value: object, path: Keys = ()) -> Iterator[Keys]:
    """Yield the path of each key or list item that has no value."""
    if value is None:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
    for key, item in pairs:
        yield from empty(item, (*path, key))


def _item(value: object, key: str | int) -> object:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _wrong_name(key: str, names: Schema) -> str:
    if "enum" in names:
        return unknown_key(did_you_mean(key, names["enum"]), names["enum"])
    return f"as a name, expected {expected(names)}"


def _wrong_choice(value: object, valid: list[str]) -> str:
    return f"expected {' or '.join(valid)}{did_you_mean(value, valid)}"


def _wrong_value(kind: str, value: object, schema: Schema, context: Mapping[str, object]) -> str:
    if kind == "literal_error":
        return _wrong_choice(value, schema["enum"])
    if kind == "value_error":
        return str(context["error"])
    if kind == "too_short":
        return "must not be empty"
    found = f", found {_found(value)}" if kind.endswith("_type") else ""
    plain_text = schema["type"] == "string" and "pattern" not in schema
    if plain_text and isinstance(value, (bool, int, float)):
        return f"expected text{found}: put it in quotes"
    return f"expected {expected(schema)}{found}"


def _found(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number with decimals"
    return {str: "text", list: "a list", dict: "a mapping"}.get(type(value), "something else")
