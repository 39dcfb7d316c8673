"""Making DaCHS's folders ready, and saying what is wrong with a database."""

import json

import psycopg2
import psycopg2.extensions
import pytest

from prepare import PrepareError, connect, dsn_file, vocabulary


def test_the_profile_says_where_the_database_is_and_nothing_secret():
    url = "postgresql://admin:pa%27ss@db-1.example.org:5433/tap?sslmode=require"
    assert dsn_file(psycopg2.extensions.parse_dsn(url)) == (
        "host = 'db-1.example.org'\nport = '5433'\ndatabase = 'tap'\nsslmode = 'require'\n"
    )


def test_a_vocabulary_is_what_the_ivoas_server_would_have_answered():
    assert json.loads(vocabulary("product-type", ["time-cube"])) == {
        "uri": "http://www.ivoa.net/rdf/product-type",
        "flavour": "SKOS",
        "terms": {"time-cube": {"label": "Time cube", "description": "", "wider": [], "narrower": []}},
    }


def test_a_database_that_does_not_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    tries: list[str] = []

    def answer(url: str, **_: object) -> str:
        tries.append(url)
        if len(tries) < 3:
            raise psycopg2.OperationalError("connection refused")
        return "connected"

    monkeypatch.setattr("psycopg2.connect", answer)
    monkeypatch.setattr("time.sleep", lambda _: None)
    said: list[str] = []
    assert connect("postgresql://db/tap", say=said.append) == "connected"
    assert (len(tries), said) == (3, ["waiting for the database"])


@pytest.mark.parametrize(
    "reason",
    [
        'password authentication failed for user "admin"',
        'database "tap" does not exist',
        "no pg_hba.conf entry for host",
    ],
)
def test_a_database_that_refuses_is_not_waited_for(reason: str, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise psycopg2.OperationalError(f"connection to server failed:\n{reason}")

    monkeypatch.setattr("psycopg2.connect", refuse)
    with pytest.raises(PrepareError, match="the database refuses"):
        connect("postgresql://admin:secret@db/tap")


def test_no_error_shows_the_password(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise psycopg2.OperationalError("could not translate host name")

    monkeypatch.setattr("psycopg2.connect", fail)
    with pytest.raises(PrepareError) as failed:
        connect("postgresql://admin:secret@db/tap", wait=-1)
    assert str(failed.value) == "the database does not answer: could not translate host name"
