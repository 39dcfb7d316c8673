"""What surrounds the server: its log on the output, and old logs deleted."""

from pathlib import Path

from serve import Follower, forget_old, parameters, write_descriptors


def test_what_is_written_is_said_once_and_what_was_there_is_not(tmp_path: Path):
    log = tmp_path / "dcErrors"
    log.write_text("before\n")
    follower = Follower(log)
    assert follower.news() == ""
    with log.open("a") as stream:
        stream.write("an error\n")
    assert follower.news() == "an error\n"
    assert follower.news() == ""


def test_a_log_that_comes_later_is_said_from_its_beginning(tmp_path: Path):
    follower = Follower(tmp_path / "dcErrors")
    assert follower.news() == ""
    (tmp_path / "dcErrors").write_text("first\n")
    assert follower.news() == "first\n"


def test_nothing_is_lost_when_the_log_is_rotated(tmp_path: Path):
    log = tmp_path / "dcErrors"
    log.write_text("")
    follower = Follower(log)
    with log.open("a") as stream:
        stream.write("old\n")
    log.rename(tmp_path / "dcErrors.1")
    log.write_text("new\n")
    assert follower.news() == "old\nnew\n"
    with log.open("a") as stream:
        stream.write("newer\n")
    assert follower.news() == "newer\n"


def test_of_each_log_the_newest_old_files_stay(tmp_path: Path):
    for name in ("web.log", "web.log.1", "web.log.2", "web.log.10", "web.log.3", "dcErrors.1", "notes.txt"):
        (tmp_path / name).touch()
    forget_old(tmp_path, kept=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dcErrors.1",
        "notes.txt",
        "web.log",
        "web.log.1",
        "web.log.2",
    ]


def test_a_connection_is_made_of_the_services_own_profiles():
    assert parameters(
        ("host = 'db-1'\nport = '5432'\ndatabase = 'tap'\n", "include dsn\nuser = gavo\npassword = 0a\n")
    ) == {
        "host": "db-1",
        "port": "5432",
        "dbname": "tap",
        "user": "gavo",
        "password": "0a",
    }


def test_the_server_is_told_only_of_what_is_new(tmp_path: Path):
    assert write_descriptors(tmp_path, {"messier": "<resource/>"})
    assert not write_descriptors(tmp_path, {"messier": "<resource/>"})
    assert write_descriptors(tmp_path, {"messier": "<resource schema='messier'/>"})
    assert [path.name for path in (tmp_path / "messier").iterdir()] == ["q.rd"]
