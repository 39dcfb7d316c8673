"""The parts of publishing that need no database; the whole is seen on the real cluster."""

from pathlib import Path

import pyarrow as pa
import pytest

from publish import as_csv, digest_of, rows_checked
from readers import CatalogueError


def test_texts_are_quoted_and_nulls_are_nothing():
    batch = pa.RecordBatch.from_pydict({"name": ["", None, 'a "b", c'], "mag": [1.5, None, 2.0]})
    assert as_csv(batch).read().decode() == '"",1.5\n,\n"a ""b"", c",2\n'


def test_the_same_is_not_published_again_and_anything_else_is(tmp_path: Path):
    data, program = tmp_path / "a.csv", tmp_path / "publish.py"
    data.write_text("id\n1\n")
    program.write_text("one")
    first = digest_of(data, {"title": "A"}, [program])
    assert digest_of(data, {"title": "A"}, [program]) == first
    assert digest_of(data, {"title": "B"}, [program]) != first
    data.write_text("id\n2\n")
    second = digest_of(data, {"title": "A"}, [program])
    program.write_text("two")
    assert len({first, second, digest_of(data, {"title": "A"}, [program])}) == 3


def test_rows_are_counted_over_all_batches():
    batches = [pa.RecordBatch.from_pydict({"ra": [1.0, 2.0], "dec": [0.0, 0.0]}) for _ in range(2)]
    bad = pa.RecordBatch.from_pydict({"ra": [1.0], "dec": [-91.0]})
    position = {"ra": "ra", "dec": "dec"}
    assert [before for before, _ in rows_checked(Path("a"), iter(batches), position)] == [0, 2]
    with pytest.raises(
        CatalogueError, match=r"a: row 5, column dec: -91.0 is not between -90 and 90 degrees"
    ):
        list(rows_checked(Path("a"), iter([*batches, bad]), position))
