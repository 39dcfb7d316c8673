"""What DaCHS is told of a catalogue: its table and services, as a resource descriptor."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa

from readers import CatalogueError, Column

RA, DEC, MAIN = "pos.eq.ra;meta.main", "pos.eq.dec;meta.main", "meta.id;meta.main"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TYPES = (
    (pa.types.is_boolean, "boolean"),
    (lambda kind: kind in (pa.int8(), pa.uint8(), pa.int16()), "smallint"),
    (lambda kind: kind in (pa.uint16(), pa.int32()), "integer"),
    (pa.types.is_integer, "bigint"),
    (lambda kind: kind in (pa.float16(), pa.float32()), "real"),
    (pa.types.is_floating, "double precision"),
    (pa.types.is_decimal, "double precision"),
    (pa.types.is_timestamp, "timestamp"),
    (pa.types.is_date, "date"),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), "text"),
    (pa.types.is_null, "text"),
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of the published table: what it is called there, and its type in SQL."""

    name: str
    kind: str
    column: Column


def sql_type(path: str, name: str, kind: pa.DataType) -> str:
    """Return the SQL type of a column.

    Raises
    ------
    CatalogueError
        There is none for what the column holds.
    """
    for fits, sql in _TYPES:
        if fits(kind):
            return sql
    raise CatalogueError(f"{path}: column {name} holds {kind}, which has no type in ADQL")


def fields(
    path: str,
    columns: Sequence[Column],
    schema: pa.Schema,
    section: Mapping[str, Any],
    reserved: frozenset[str],
) -> list[Field]:
    """Return the columns of the published table, with what the site says put over what the file says.

    Parameters
    ----------
    reserved
        ADQL's words, in upper case: columns of these names get an underscore.

    Raises
    ------
    CatalogueError
        The site names columns that are not there, or two would have one name.
    """
    overrides, position = section["columns"], section["position"] or {}
    named = [*overrides, *position.values(), *([section["identifier"]] if section["identifier"] else [])]
    known = [column.name for column in columns]
    if missing := sorted({name for name in named if name not in known}):
        raise CatalogueError(
            f"{path}: there is no column {', '.join(missing)}; there are: {', '.join(known)}"
        )
    main = {position.get("ra"): RA, position.get("dec"): DEC, section["identifier"]: MAIN}
    found = []
    for column in columns:
        said = {key: value for key, value in overrides.get(column.name, {}).items() if value is not None}
        told = replace(column, **said)
        # Only the site says which of several is the position.
        ucd = main.get(column.name) or told.ucd.replace(";meta.main", "").removesuffix("_MAIN")
        kind = sql_type(path, column.name, schema.field(column.name).type)
        found.append(
            Field(name=published_name(column.name, reserved), kind=kind, column=replace(told, ucd=ucd))
        )
    names = [field.name for field in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CatalogueError(f"{path}: several columns would be called {', '.join(twice)}")
    return found


def published_name(name: str, reserved: frozenset[str]) -> str:
    """Return what a column is called in ADQL: lower case, letters, digits and underscores."""
    plain = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_") or "column"
    plain = plain if _NAME.fullmatch(plain) else f"c_{plain}"
    return f"{plain}_" if plain.upper() in reserved else plain


def _text(value: str) -> str:
    # A backslash would begin one of DaCHS's macros.
    return escape(" ".join(value.replace("\\", " ").split()))


def _attribute(value: str) -> str:
    return quoteattr(" ".join(value.replace("\\", " ").split()))


def descriptor(name: str, section: Mapping[str, Any], found: Sequence[Field], created: str) -> str:
    """Return the resource descriptor (https://docs.g-vo.org/DaCHS/ref.html).

    Parameters
    ----------
    name
        The catalogue, and its schema.
    created
        When it was published first, in ISO 8601.
    """
    table, position = section["table"], section["position"]
    mixin = ' mixin="//scs#pgs-pos-index"' if position else ""
    lines = [
        f'<resource schema="{name}" resdir="{name}">',
        f'  <meta name="creationDate">{created}</meta>',
        f'  <meta name="title">{_text(section["title"])}</meta>',
        f'  <meta name="description">{_text(section["description"])}</meta>',
        *(f'  <meta name="subject">{_text(subject)}</meta>' for subject in section["subjects"]),
        f'  <table id="{table}" onDisk="True" adql="True"{mixin}>',
        f'    <meta name="description">{_text(section["description"])}</meta>',
        *(_column(field) for field in found),
        "  </table>",
        f'  <data id="import"><make table="{table}"/></data>',
        *(_cone(name, section) if position and section["identifier"] else []),
        "</resource>",
    ]
    return "\n".join(lines) + "\n"


def _column(field: Field) -> str:
    column = field.column
    nulls = '<values nullLiteral="-9223372036854775808"/>' if field.kind == "bigint" else ""
    if field.kind in ("smallint", "integer"):
        nulls = f'<values nullLiteral="{-32768 if field.kind == "smallint" else -2147483648}"/>'
    return (
        f'    <column name="{field.name}" type="{field.kind}" unit={_attribute(column.unit)} '
        f"ucd={_attribute(column.ucd)} description={_attribute(column.description or column.name)}>{nulls}</column>"
    )


def _cone(name: str, section: Mapping[str, Any]) -> list[str]:
    return [
        '  <service id="cone" allowed="scs.xml,form">',
        f'    <meta name="shortName">{_text(name[:16])}</meta>',
        f'    <meta name="title">{_text(section["title"])} cone search</meta>',
        '    <meta name="testQuery.ra">0</meta><meta name="testQuery.dec">0</meta><meta name="testQuery.sr">1</meta>',
        '    <publish render="scs.xml" sets="ivo_managed"/>',
        f'    <scsCore queriedTable="{section["table"]}"><FEED source="//scs#coreDescs"/></scsCore>',
        "  </service>",
    ]
