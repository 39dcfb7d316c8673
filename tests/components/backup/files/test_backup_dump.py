"""A database copied while others write to it."""

import sqlite3
from pathlib import Path

import pytest
from backup_dump import copy_sqlite, postgresql_access
from backup_report import BackupError


def rows(database: Path) -> list[tuple[int]]:
    with sqlite3.connect(database) as opened:
        return opened.execute("SELECT number FROM numbers").fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "hub.sqlite"
    with sqlite3.connect(path) as opened:
        opened.execute("CREATE TABLE numbers (number)")
        opened.execute("INSERT INTO numbers VALUES (1)")
    return path


def test_a_transaction_that_goes_on_is_not_in_the_copy(database: Path, tmp_path: Path):
    writer = sqlite3.connect(database)
    writer.execute("INSERT INTO numbers VALUES (2)")
    copy_sqlite(database, tmp_path / "copy")
    assert rows(tmp_path / "copy") == [(1,)]
    writer.commit()
    copy_sqlite(database, tmp_path / "copy")
    assert rows(tmp_path / "copy") == [(1,), (2,)]
    writer.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    (tmp_path / "hub.sqlite").write_bytes(b"not a database" * 500)
    with pytest.raises((BackupError, sqlite3.DatabaseError)):
        copy_sqlite(tmp_path / "hub.sqlite", tmp_path / "copy")


def test_a_hub_that_never_started_is_told_so(tmp_path: Path):
    with pytest.raises(BackupError, match=r"no hub\.sqlite on the volume yet"):
        copy_sqlite(tmp_path / "hub.sqlite", tmp_path / "copy")


def test_a_databases_password_is_in_no_argument():
    url = "postgresql+psycopg2://hub:p%40ss%2Fword@db.example.org:5433/hub?sslmode=require"
    assert postgresql_access(url) == (
        "postgresql://hub@db.example.org:5433/hub?sslmode=require",
        {"PGPASSWORD": "p@ss/word"},
    )
