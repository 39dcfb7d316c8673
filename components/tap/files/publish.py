"""Publishes a catalogue: ``publish.py NAME`` loads its file beside the old table, and then puts it in its place.

Whoever queries meanwhile sees the old table or the new one, and nothing of a file that is bad. ``publish.py drop NAME``
takes a catalogue away with its table, which nothing else does.
"""

import datetime as dt
import hashlib
import io
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from definition import RA, Field, descriptor, fields
from readers import CatalogueError, check_position, cleaned, open_source

FILES = Path("/etc/tap")
CATALOGUES = Path("/etc/catalogues/catalogues.json")
INPUTS = Path("/var/gavo/inputs")
REGISTER = """
CREATE SCHEMA IF NOT EXISTS platform;
CREATE TABLE IF NOT EXISTS platform.catalogues (
    name text PRIMARY KEY, digest text NOT NULL, created text NOT NULL, rows bigint NOT NULL, descriptor text NOT NULL
);
GRANT USAGE ON SCHEMA platform TO gavo;
GRANT SELECT ON platform.catalogues TO gavo;
"""
"""Where the service finds the descriptors of what is published."""

_SAY_SECONDS = 10


def digest_of(path: Path, section: Mapping[str, Any], programs: Sequence[Path]) -> str:
    """Return a hash of all that decides what is published: the file, the site's words, these programs."""
    found = hashlib.sha256(json.dumps(dict(section), sort_keys=True).encode())
    for program in programs:
        found.update(program.read_bytes())
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def as_csv(batch: pa.RecordBatch) -> io.BytesIO:
    """Return a batch as PostgreSQL's COPY reads it: nothing for null, and quotes around every text."""
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(batch, buffer, pyarrow.csv.WriteOptions(include_header=False))
    buffer.seek(0)
    return buffer


def rows_checked(
    path: Path, batches: Iterator[pa.RecordBatch], position: Mapping[str, str] | None
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield how many rows came before each batch, and the batch with its positions checked."""
    before = 0
    for raw in batches:
        batch = cleaned(raw)
        if position:
            check_position(path, batch, before + 1, position["ra"], (0, 360))
            check_position(path, batch, before + 1, position["dec"], (-90, 90))
        yield before, batch
        before += batch.num_rows


def load(
    cursor: Any,  # noqa: ANN401 - psycopg2 has no types
    table: str,
    batches: Iterator[tuple[int, pa.RecordBatch]],
    found: Sequence[Field],
    total: int | None,
) -> int:
    """Make a table of its own and fill it; return how many rows it has."""
    columns = ", ".join(f'"{field.name}" {field.kind}' for field in found)
    cursor.execute(f"DROP TABLE IF EXISTS {table}")
    cursor.execute(f"CREATE TABLE {table} ({columns})")
    rows, said = 0, time.monotonic()
    schema = None
    for before, batch in batches:
        schema = schema or batch.schema
        cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", as_csv(batch.cast(schema)))
        rows = before + batch.num_rows
        if time.monotonic() - said > _SAY_SECONDS:
            print(f"{rows} rows" + (f" of {total}" if total else ""))
            said = time.monotonic()
    return rows


def publish(name: str, section: Mapping[str, Any]) -> None:
    """Publish one catalogue, unless the same is published already.

    Raises
    ------
    CatalogueError
        Its file is bad; what was published before still is.
    """
    from gavo import api
    from gavo.adql import grammar

    path = Path("/data") / section["collection"] / section["path"]
    if not path.is_file():
        raise CatalogueError(f"/data/{section['collection']}/{section['path']}: there is no such file")
    digest = digest_of(path, section, sorted(FILES.glob("*.py")))
    connection = api.getDBConnection("admin")
    cursor = connection.cursor()
    # Two publishers of one catalogue would take each other's new table away.
    cursor.execute("SELECT pg_advisory_lock(hashtext('platform.publish'))")
    cursor.execute(REGISTER)
    connection.commit()
    cursor.execute("SELECT digest, created FROM platform.catalogues WHERE name = %s", (name,))
    known = cursor.fetchone()
    if known and known[0] == digest:
        print(f"{name}: unchanged")
        return
    started = time.monotonic()
    source = open_source(path)
    first = next(source.batches, None)
    if first is None or first.num_rows == 0:
        raise CatalogueError(f"{path}: has no rows")
    reserved = frozenset(grammar.ALL_RESERVED_WORDS)
    found = fields(str(path), source.columns, first.schema, section, reserved)
    new, table = f'"{name}"."{section["table"]}__new"', f'"{name}"."{section["table"]}"'
    cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
    batches = rows_checked(path, _chain(first, source.batches), section["position"])
    rows = load(cursor, new, batches, found, source.rows)
    print(f"{name}: {rows} rows in {time.monotonic() - started:.0f} s")
    index(cursor, new, found)
    connection.commit()
    created = known[1] if known else dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = descriptor(name, section, found, created)
    put_in_place(connection, name, (new, table), text, {"digest": digest, "created": created, "rows": rows})
    print(f"{name}: published as {name}.{section['table']} after {time.monotonic() - started:.0f} s")


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def index(cursor: Any, table: str, found: Sequence[Field]) -> None:  # noqa: ANN401 - psycopg2 has no types
    """Index positions as queries ask for them (//scs#pgs-pos-index), and the identifier."""
    names = {field.column.ucd: field.name for field in found}
    if RA in names:
        started = time.monotonic()
        ra, dec = names[RA], names[RA.replace("ra", "dec", 1)]
        cursor.execute(f'CREATE INDEX ON {table} USING gist (spoint(radians("{ra}"), radians("{dec}")))')
        print(f"positions indexed in {time.monotonic() - started:.0f} s")
    if "meta.id;meta.main" in names:
        cursor.execute(f'CREATE INDEX ON {table} ("{names["meta.id;meta.main"]}")')
    cursor.execute(f"ANALYZE {table}")


def put_in_place(
    connection: Any,  # noqa: ANN401 - psycopg2 has no types
    name: str,
    tables: tuple[str, str],
    text: str,
    row: Mapping[str, Any],
) -> None:
    """Replace the old table by the new one and publish it, all in one transaction."""
    from gavo import api
    from gavo.protocols import tap
    from gavo.registry import publication

    new, table = tables
    folder = INPUTS / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "q.rd").write_text(text)
    rd = api.getRD(f"{name}/q")
    cursor = connection.cursor()
    cursor.execute(f"DROP TABLE IF EXISTS {table}")
    cursor.execute(f"ALTER TABLE {new} RENAME TO {table.rpartition('.')[2]}")
    tap.unpublishFromTAP(rd, connection)
    tap.publishToTAP(rd, connection)
    api.Data.create(rd.getById("import"), connection=connection).updateMeta()
    cursor.execute(
        "INSERT INTO platform.catalogues VALUES (%s, %s, %s, %s, %s) ON CONFLICT (name) DO UPDATE SET "
        "digest = EXCLUDED.digest, rows = EXCLUDED.rows, descriptor = EXCLUDED.descriptor",
        (name, row["digest"], row["created"], row["rows"], text),
    )
    # Commits.
    publication.updateServiceList([rd], connection=connection)
    connection.commit()


def drop(name: str) -> None:
    """Take a catalogue away, with its table."""
    from gavo import api
    from gavo.protocols import tap
    from gavo.registry import publication

    connection = api.getDBConnection("admin")
    cursor = connection.cursor()
    cursor.execute("SELECT 1 FROM platform.catalogues WHERE name = %s", (name,))
    if not cursor.fetchone():
        raise CatalogueError(f"{name}: no such catalogue is published")
    rd = api.getRD(f"{name}/q")
    tap.unpublishFromTAP(rd, connection)
    publication.updateServiceList([rd], connection=connection, unpublish=True)
    cursor.execute("DELETE FROM platform.catalogues WHERE name = %s", (name,))
    cursor.execute(f'DROP SCHEMA "{name}" CASCADE')
    connection.commit()


def main(arguments: Sequence[str]) -> None:
    """Publish or drop the catalogue that is named."""
    if arguments[0] == "drop":
        drop(arguments[1])
        return
    publish(arguments[0], json.loads(CATALOGUES.read_text())[arguments[0]])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CatalogueError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
