"""What DaCHS is told of a catalogue."""

from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest

from definition import DEC, MAIN, RA, Field, descriptor, fields, published_name, sql_type
from readers import CatalogueError, Column

SECTION: dict[str, Any] = {
    "title": "Messier & friends",
    "description": "No comets: \\getConfig{db}{profilePath}",
    "subjects": ["galaxies"],
    "table": "main",
    "position": {"ra": "RA", "dec": "DE"},
    "identifier": "Name",
    "columns": {"V": {"unit": "mag", "ucd": None, "description": None}},
}
COLUMNS = [
    Column(name="Name"),
    Column(name="RA"),
    Column(name="DE"),
    Column(name="V", ucd="phot.mag;meta.main"),
]
SCHEMA = pa.schema([("Name", pa.string()), ("RA", pa.float64()), ("DE", pa.float64()), ("V", pa.float32())])


def found(**changes: object) -> list[Field]:
    return fields("a.fits", COLUMNS, SCHEMA, {**SECTION, **changes}, frozenset({"SIZE"}))


def test_the_site_says_what_is_the_position_and_what_columns_are():
    assert [(field.name, field.kind, field.column.unit, field.column.ucd) for field in found()] == [
        ("name", "text", "", MAIN),
        ("ra", "double precision", "", RA),
        ("de", "double precision", "", DEC),
        ("v", "real", "mag", "phot.mag"),
    ]


def test_columns_that_are_not_in_the_file_are_named():
    with pytest.raises(
        CatalogueError, match=r"a.fits: there is no column B, raj; there are: Name, RA, DE, V"
    ):
        found(position={"ra": "raj", "dec": "DE"}, columns={"B": {}})


def test_two_columns_of_one_name_are_refused():
    columns = [Column(name="B-V"), Column(name="B V")]
    schema = pa.schema([("B-V", pa.float64()), ("B V", pa.float64())])
    section = {**SECTION, "position": None, "identifier": None, "columns": {}}
    with pytest.raises(CatalogueError, match="several columns would be called b_v"):
        fields("a.fits", columns, schema, section, frozenset())


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("RA", "ra"),
        ("B-V", "b_v"),
        ("2MASS", "c_2mass"),
        ("size", "size_"),
        ("µ", "column"),
        ("e_ra", "e_ra"),
    ],
)
def test_columns_are_called_as_adql_allows(name: str, published: str):
    assert published_name(name, frozenset({"SIZE"})) == published


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        (pa.bool_(), "boolean"),
        (pa.uint8(), "smallint"),
        (pa.int32(), "integer"),
        (pa.int64(), "bigint"),
        (pa.float32(), "real"),
        (pa.float64(), "double precision"),
        (pa.timestamp("ms"), "timestamp"),
        (pa.large_string(), "text"),
    ],
)
def test_every_kind_of_column_has_a_type(kind: pa.DataType, sql: str):
    assert sql_type("a.fits", "x", kind) == sql


def test_a_column_of_lists_has_none():
    with pytest.raises(CatalogueError, match=r"a.fits: column x holds list"):
        sql_type("a.fits", "x", pa.list_(pa.int32()))


def test_the_descriptor_is_xml_in_which_nothing_is_a_command():
    text = descriptor("messier", SECTION, found(), "2026-07-01T00:00:00Z")
    root = ET.fromstring(text)  # noqa: S314 - the test's own text
    assert root.attrib == {"schema": "messier", "resdir": "messier"}
    assert [meta.text for meta in root.findall("meta")] == [
        "2026-07-01T00:00:00Z",
        "Messier & friends",
        "No comets: getConfig{db}{profilePath}",
        "galaxies",
    ]
    assert "\\" not in text
    (table,) = root.findall("table")
    assert table.attrib == {"id": "main", "onDisk": "True", "adql": "True", "mixin": "//scs#pgs-pos-index"}
    assert [column.get("name") for column in table.findall("column")] == ["name", "ra", "de", "v"]
    assert [service.get("id") for service in root.findall("service")] == ["cone"]


@pytest.mark.parametrize("missing", ["position", "identifier"])
def test_without_position_or_identifier_there_is_no_cone_search(missing: str):
    section = {**SECTION, missing: None}
    text = descriptor("messier", section, found(**{missing: None}), "2026-07-01T00:00:00Z")
    assert "<service" not in text
    assert ("pgs-pos-index" in text) == (missing == "identifier")
