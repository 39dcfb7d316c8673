"""Catalogue files of every kind: what they say of their columns, their rows, and what is wrong with bad ones."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from astropy.io import fits
from astropy.table import Table

from readers import CatalogueError, Column, check_position, cleaned, open_source

ROWS = {"Name": ["M1", "M31"], "RA": [83.5, 10.68], "mag": [8.4, None]}
RA = Column(name="RA", unit="deg", ucd="pos.eq.ra", description="Right ascension")


def table() -> Table:
    made = Table(
        {"Name": ["M1", "M31"], "RA": [83.5, 10.68], "mag": np.ma.array([8.4, 0], mask=[False, True])}
    )
    made["RA"].unit, made["RA"].description = "deg", "Right ascension"
    made["RA"].meta["ucd"] = "pos.eq.ra"
    return made


def write(path: Path) -> None:
    match path.suffix:
        case ".fits":
            table().write(path)
            fits.setval(path, "TUCD2", value="pos.eq.ra", ext=1)
        case ".vot":
            table().write(path, format="votable")
        case ".ecsv":
            table().write(path, format="ascii.ecsv")
        case ".csv":
            path.write_text("Name,RA,mag\nM1,83.5,8.4\nM31,10.68,\n")
        case ".parquet":
            said = {"unit": "deg", "ucd": "pos.eq.ra", "description": "Right ascension"}
            schema = pa.schema(
                [
                    pa.field("Name", pa.string()),
                    pa.field("RA", pa.float64(), metadata=said),
                    ("mag", pa.float64()),
                ]
            )
            pa.parquet.write_table(pa.table(ROWS, schema=schema), path)


@pytest.mark.parametrize("ending", ["fits", "vot", "ecsv", "csv", "parquet"])
def test_every_kind_of_file_has_the_same_rows(ending: str, tmp_path: Path):
    path = tmp_path / f"messier.{ending}"
    write(path)
    source = open_source(path)
    batches = [cleaned(batch) for batch in source.batches]
    assert pa.Table.from_batches(batches).to_pydict() == ROWS
    assert source.rows == (None if ending == "csv" else 2)


@pytest.mark.parametrize(
    ("ending", "column"),
    [
        ("fits", RA),
        ("ecsv", RA),
        ("vot", RA),
        ("parquet", RA),
        ("csv", Column(name="RA")),
    ],
)
def test_what_a_file_says_of_its_columns_is_kept(ending: str, column: Column, tmp_path: Path):
    path = tmp_path / f"messier.{ending}"
    write(path)
    found = next(each for each in open_source(path).columns if each.name == "RA")
    # Descriptions have no place in a FITS table's header that astropy would read back.
    expected = (
        column
        if ending != "fits"
        else Column(name="RA", unit="deg", ucd="pos.eq.ra", description=found.description)
    )
    assert found == expected


@pytest.mark.parametrize("ending", ["fits", "vot", "ecsv", "parquet"])
def test_a_file_that_is_something_else_is_named(ending: str, tmp_path: Path):
    path = tmp_path / f"broken.{ending}"
    path.write_bytes(b"no table at all\n" * 10)
    with pytest.raises(CatalogueError, match=rf"^{path}: ."):
        list(open_source(path).batches)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CatalogueError, match="there is no such file"):
        open_source(tmp_path / "none.fits")


def test_a_later_row_that_is_unlike_the_first_ones_is_an_error_of_the_file(tmp_path: Path):
    path = tmp_path / "long.csv"
    with path.open("w") as stream:
        stream.write("id\n" + "1234567\n" * 3_000_000 + "abc\n")
    with pytest.raises(CatalogueError, match=rf"^{path}: In CSV column #0: .*abc"):
        for _ in open_source(path).batches:
            pass


def test_a_column_of_several_values_a_row_is_refused(tmp_path: Path):
    path = tmp_path / "vectors.fits"
    Table({"flux": np.zeros((2, 3))}).write(path)
    with pytest.raises(CatalogueError, match=r"column flux holds \(3,\) values a row"):
        list(open_source(path).batches)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 400.0, 500.0], "row 12, column ra: 400.0 is not between 0 and 360 degrees"),
        ([None, 1.0], "row 11, column ra: null is not between"),
        (["a"], "column ra: a position is a number, and this is string"),
    ],
)
def test_the_first_impossible_position_is_named_by_row_and_column(values: list[object], message: str):
    batch = pa.RecordBatch.from_pydict({"ra": pa.array(values)})
    with pytest.raises(CatalogueError, match=message):
        check_position(Path("a.csv"), batch, 11, "ra", (0, 360))


def test_possible_positions_pass():
    check_position(
        Path("a.csv"), pa.RecordBatch.from_pydict({"ra": pa.array([0, 360, 10])}), 1, "ra", (0, 360)
    )


def test_what_is_no_number_is_null():
    batch = pa.RecordBatch.from_pydict({"mag": pa.array([1.0, float("nan")]), "id": pa.array([1, 2])})
    assert cleaned(batch).to_pydict() == {"mag": [1.0, None], "id": [1, 2]}
