"""Catalogue files, each as columns with what the file says of them and as batches of rows."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

BATCH_ROWS = 100_000


class CatalogueError(Exception):
    """A catalogue cannot be published; the text names the file, and the row and column where there is one."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as its file has it.

    Parameters
    ----------
    unit, ucd, description
        As the file says; empty where it says nothing.
    """

    name: str
    unit: str = ""
    ucd: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file that has been opened: its columns, how many rows it has if that is known, and its rows."""

    columns: Sequence[Column]
    rows: int | None
    batches: Iterator[pa.RecordBatch]


def open_source(path: Path) -> Source:
    """Return what is in a file, by the ending of its name.

    Raises
    ------
    CatalogueError
        It is not there, or not what its name says.
    """
    if not path.is_file():
        raise CatalogueError(f"{path}: there is no such file")
    reader = {".csv": _csv, ".parquet": _parquet}.get(path.suffix.lower(), _astropy)
    try:
        return reader(path)
    except CatalogueError:
        raise
    except Exception as error:
        raise CatalogueError(_first_line(path, error)) from error


def _first_line(path: Path, error: Exception) -> str:
    """Return what is wrong with a file, beginning with its name once."""
    lines = str(error).strip().splitlines()
    return f"{path}: {(lines[0] if lines else type(error).__name__).removeprefix(f'{path}:')}"


def _guarded(path: Path, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches; what is wrong with a row that is read later is an error of the file as well."""
    try:
        yield from batches
    except (pa.ArrowException, ValueError, OSError) as error:
        raise CatalogueError(_first_line(path, error)) from error


def _csv(path: Path) -> Source:
    with path.open(newline="") as stream:
        header = next(csv.reader(stream), [])
    options = pyarrow.csv.ReadOptions(block_size=1 << 24)
    # A block at a time: what the first rows look like is what the later ones have to be.
    reader = pyarrow.csv.open_csv(path, read_options=options)
    return Source(
        columns=[Column(name=name) for name in header], rows=None, batches=_guarded(path, iter(reader))
    )


def _parquet(path: Path) -> Source:
    file = pyarrow.parquet.ParquetFile(path)
    columns = [Column(name=field.name, **_said(field.metadata or {})) for field in file.schema_arrow]
    batches = file.iter_batches(batch_size=BATCH_ROWS)
    return Source(columns=columns, rows=file.metadata.num_rows, batches=_guarded(path, batches))


def _said(metadata: Mapping[bytes, bytes]) -> dict[str, str]:
    return {
        key: metadata[key.encode()].decode()
        for key in ("unit", "ucd", "description")
        if key.encode() in metadata
    }


def _astropy(path: Path) -> Source:
    from astropy.table import Table

    suffix = path.suffix.lower()
    formats = {".fits": "fits", ".fit": "fits", ".vot": "votable", ".xml": "votable", ".ecsv": "ascii.ecsv"}
    more: dict[str, Any] = {"memmap": True} if formats[suffix] == "fits" else {}
    table = Table.read(path, format=formats[suffix], **more)
    ucds = _fits_ucds(path) if formats[suffix] == "fits" else {}
    columns = [
        Column(
            name=name,
            unit=str(column.unit or ""),
            ucd=str(column.meta.get("ucd") or ucds.get(name, "")),
            description=str(column.description or ""),
        )
        for name, column in table.columns.items()
    ]
    return Source(columns=columns, rows=len(table), batches=_guarded(path, _slices(path, table)))


def _fits_ucds(path: Path) -> dict[str, str]:
    """Return the UCDs of a FITS table (TUCDn, a convention of many writers), by column."""
    from astropy.io import fits

    header = fits.getheader(path, 1)
    count = header.get("TFIELDS", 0)
    return {header[f"TTYPE{n}"]: header.get(f"TUCD{n}", "") for n in range(1, count + 1)}


def _slices(path: Path, table: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401 - astropy has no types
    for start in range(0, len(table), BATCH_ROWS):
        part = table[start : start + BATCH_ROWS]
        yield pa.RecordBatch.from_pydict({name: _array(path, name, part[name]) for name in table.colnames})


def _array(path: Path, name: str, column: Any) -> pa.Array:  # noqa: ANN401 - astropy has no types
    import numpy as np

    values = np.ma.asarray(column)
    if values.ndim > 1:
        raise CatalogueError(
            f"{path}: column {name} holds {values.shape[1:]} values a row, and one is needed"
        )
    mask = np.ma.getmaskarray(values)
    data = values.data
    if data.dtype.kind in "SOU":
        texts = [value.decode() if isinstance(value, bytes) else str(value) for value in data]
        return pa.array(
            [None if hidden else text for text, hidden in zip(texts, mask, strict=True)], pa.string()
        )
    # FITS is big-endian, and pyarrow is not.
    return pa.array(data.astype(data.dtype.newbyteorder("=")), mask=mask)


def cleaned(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch in which what is not a number is null, as ADQL compares."""
    arrays = [
        pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
        if pa.types.is_floating(array.type)
        else array
        for array in batch.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def check_position(
    path: Path, batch: pa.RecordBatch, first_row: int, column: str, bounds: tuple[float, float]
) -> None:
    """Raise an error for the first row whose position is missing or impossible.

    Parameters
    ----------
    first_row
        Number of the batch's first row in the file, from 1.
    bounds
        The least and the greatest that are possible, in degrees.

    Raises
    ------
    CatalogueError
        There is such a row.
    """
    array, (low, high) = batch.column(column), bounds
    if not pa.types.is_floating(array.type) and not pa.types.is_integer(array.type):
        raise CatalogueError(f"{path}: column {column}: a position is a number, and this is {array.type}")
    good = pc.fill_null(pc.and_(pc.greater_equal(array, low), pc.less_equal(array, high)), fill_value=False)
    bad = pc.index(good, pa.scalar(value=False)).as_py()
    if bad >= 0:
        value = json.dumps(array[bad].as_py())
        raise CatalogueError(
            f"{path}: row {first_row + bad}, column {column}: {value} is not between {low:g} and {high:g} degrees"
        )
