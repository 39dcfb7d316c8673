"""The JSON Schema of a pydantic model, made tidy, and the way through it from one key to the next.

Tidy: no nulls (a key is written or left out), no defaults that are sections, every property with a title and a
description, the rules of names in ``propertyNames``. Editors, error messages and the reference all read it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_EXPECTED = "patternErrorMessage"


def tidy_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a model."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    for section in (schema, *definitions.values()):
        section["description"] = section["description"].replace("``", "`")
    for section in (schema, *definitions.values()):
        for key, field in section.get("properties", {}).items():
            section["properties"][key] = _tidy(field, definitions)
    return schema


def _tidy(field: Schema, definitions: Mapping[str, Schema]) -> Schema:
    field = dict(field)
    if "anyOf" in field:
        options = [option for option in field.pop("anyOf") if option != {"type": "null"}]
        field |= options[0] if len(options) == 1 else {"anyOf": options}
    if field.get("default", 0) is None or isinstance(field.get("default"), dict):
        del field["default"]
    if "patternProperties" in field:
        [(pattern, items)] = field.pop("patternProperties").items()
        field["additionalProperties"] = items
        field["propertyNames"] = {"pattern": pattern, **field.get("propertyNames", {})}
    if "$ref" in field:
        # pydantic leaves out a title or description that the section has word for word.
        section = definitions[field["$ref"].rpartition("/")[2]]
        field |= {key: section[key] for key in ("title", "description") if key not in field}
    field["description"] = field["description"].replace("``", "`")
    return field


class Walk:
    """Goes through a schema by the keys of a value.

    Parameters
    ----------
    root
        The schema of the whole value, with its ``$defs``.
    """

    def __init__(self, root: Schema) -> None:
        self._root = root

    def resolve(self, schema: Schema) -> Schema:
        """Return the schema behind a reference, under the field's own title and description."""
        if "$ref" not in schema:
            return schema
        target = self._root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}

    def variants(self, schema: Schema) -> dict[str, Schema]:
        """Return the sections that a section with a ``kind`` may be, by kind; empty for others."""
        mapping = schema.get("discriminator", {}).get("mapping", {})
        return {kind: self.resolve({"$ref": reference}) for kind, reference in mapping.items()}

    def variant(self, schema: Schema, value: object) -> Schema:
        """Return the section that a value's ``kind`` chooses; the schema itself where there is no choice."""
        kind = value.get("kind") if isinstance(value, dict) else None
        return self.variants(schema).get(kind, schema) if isinstance(kind, str) else schema

    def step(self, schema: Schema, key: str | int) -> Schema:
        """Return the schema one key down; empty where there is none."""
        if isinstance(key, int):
            return self.resolve(schema.get("items", {}))
        properties = schema.get("properties", {})
        entries = schema.get("additionalProperties")
        return self.resolve(properties.get(key) or (entries if isinstance(entries, dict) else {}))

    def sections(self, schema: Schema | None = None, place: str = "") -> Iterator[tuple[str, Schema]]:
        """Yield every section below a schema that has keys of its own, and where it is.

        A place is a dotted key in which ``<name>`` stands for any name and ``[]`` for any position; the choice of
        a kind is in brackets.
        """
        schema = self._root if schema is None else schema
        if "$ref" in schema:
            # The section's own description, not that of the one key that leads here.
            schema = self.resolve({"$ref": schema["$ref"]})
        for kind, variant in self.variants(schema).items():
            yield from self.sections(variant, f"{place} (kind: {kind})")
        if "properties" in schema:
            yield place, schema
        for key, field in schema.get("properties", {}).items():
            yield from self.sections(field, f"{place}.{key}" if place else key)
        for inner, name in (("additionalProperties", ".<name>"), ("items", "[]")):
            if isinstance(schema.get(inner), dict):
                yield from self.sections(schema[inner], f"{place}{name}")


def expected(schema: Schema) -> str:
    """Return in words what a value of a schema looks like."""
    if "discriminator" in schema:
        return f"a section with kind: {' or '.join(schema['discriminator']['mapping'])}"
    if _EXPECTED in schema:
        return schema[_EXPECTED].removeprefix("expected ")
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"{'one of ' if len(values) > 1 else ''}{', '.join(map(str, values))}"
    words = {
        "integer": f"a whole number{_range(schema)}",
        "number": f"a number{_range(schema)}",
        "boolean": "true or false",
        "array": "a list",
        "string": f"text{_length(schema)}",
        "object": f"a section with the keys {', '.join(schema['properties'])}"
        if "properties" in schema
        else "a mapping of names to values",
    }
    return words[schema["type"]]


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    parts = [f"above {above:g}"] if above is not None else []
    parts += [f"of at least {low:g}"] if low is not None else []
    parts += [f"at most {high:g}"] if high is not None else []
    return f" {' and '.join(parts)}" if parts else ""


def _length(schema: Schema) -> str:
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    if high is not None:
        return f" of {low} to {high} characters" if low else f" of at most {high} characters"
    return ", not empty" if low else ""
