"""Resource properties between Pulumi's wire format and plain Python, secrets and unknowns kept in place.

Pulumi's own deserialiser moves the mark of a secret up to the whole top-level property; here a secret stays a
`Secret` exactly where the program put it, so that everything around it can be shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from google.protobuf import struct_pb2

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the wire format's constant, not a password
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that only the real resource will have; there is one instance, `UNKNOWN`."""

    def __repr__(self) -> str:
        """Return a marker."""
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that must not be shown. Its representation hides it."""

    value: object

    def __repr__(self) -> str:
        """Return a marker instead of the value."""
        return "Secret(…)"


def decode(message: struct_pb2.Struct) -> dict[str, object]:
    """Return the properties as plain Python.

    Numbers are doubles on the wire: integral ones become `int` again, because Kubernetes rejects ``1.0`` for
    an integer. Marked values become `Secret`, values not yet known `UNKNOWN`.
    """
    return _sorted(message.fields)


def _decoded(value: struct_pb2.Value) -> object:  # noqa: PLR0911 - one for each kind of value
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value == _UNKNOWN else value.string_value
    if kind == "number_value":
        return int(value.number_value) if value.number_value.is_integer() else value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decoded(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
            return Secret(_decoded(fields["value"]))
        return _sorted(fields)
    return None


def _sorted(fields: Mapping[str, struct_pb2.Value]) -> dict[str, object]:
    # Protobuf's maps have an order of their own, not the program's.
    return {key: _decoded(fields[key]) for key in sorted(fields)}


def encode(properties: Mapping[str, object]) -> struct_pb2.Struct:
    """Return the properties in wire format; the inverse of `decode`."""
    return struct_pb2.Struct(fields={key: _encoded(value) for key, value in properties.items()})


def _encoded(value: object) -> struct_pb2.Value:  # noqa: PLR0911 - one for each kind of value
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):  # before numbers: a bool is an int
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_encoded(item) for item in value]))
    if isinstance(value, Secret):
        wrapped: dict[str, object] = {_SIGNATURE: _SECRET, "value": value.value}
        return struct_pb2.Value(struct_value=encode(wrapped))
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=_UNKNOWN)
    raise TypeError(f"a resource property cannot be a {type(value).__name__}")
