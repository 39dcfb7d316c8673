"""Counting what is used, among users who would rather something else was counted."""

import json
import os
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from components.storage.files import count_usage
from components.storage.files.count_usage import Counts, Folder, folder_usage, metrics, scan, server

MI = 2**20


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    for folder in ("homes/ada", "homes/bob", "projects/survey"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def write(path: Path, size: int) -> None:
    path.write_bytes(os.urandom(size))


def test_each_folder_of_each_volume_is_counted(volumes: Path):
    write(volumes / "homes/ada/image.fits", 3 * MI)
    write(volumes / "projects/survey/table", MI)
    used = {f"{each.volume}/{each.name}": (each.used or 0) // MI for each in scan(volumes, {})}
    assert used == {"homes/ada": 3, "homes/bob": 0, "projects/survey": 1}


def test_a_link_to_what_is_someone_else_s_is_not_counted(volumes: Path):
    write(volumes / "homes/bob/large", 4 * MI)
    (volumes / "homes/ada/link").symlink_to(volumes / "homes/bob")
    (volumes / "homes/eve").symlink_to(volumes / "homes/bob")
    used = {each.name: (each.used or 0) // MI for each in scan(volumes, {}) if each.volume == "homes"}
    assert used == {"ada": 0, "bob": 4}


def test_a_name_is_never_read_as_an_option(volumes: Path):
    write(volumes / "homes/bob/large", MI)
    (volumes / "homes/bob").rename(volumes / "homes/--total")
    found = {each.name: each.complete for each in scan(volumes, {}) if each.volume == "homes"}
    assert found == {"--total": True, "ada": True}


def test_what_a_file_system_holds_to_a_limit_is_taken_from_it(volumes: Path, monkeypatch: pytest.MonkeyPatch):
    known = SimpleNamespace(f_blocks=50 * 256, f_bfree=20 * 256, f_frsize=4096)
    monkeypatch.setattr(count_usage.os, "statvfs", lambda _: known)
    ada = volumes / "homes/ada"
    assert folder_usage("homes", ada, [10 * MI, 50 * MI]) == Folder(
        volume="homes", name="ada", used=30 * MI, limit=50 * MI
    )
    assert folder_usage("homes", ada, [10 * MI]).limit is None


def test_what_cephfs_keeps_count_of_is_not_counted_again(volumes: Path, monkeypatch: pytest.MonkeyPatch):
    kept = {"ceph.dir.rbytes": b"123456", "ceph.quota.max_bytes": b"1000000\0"}
    monkeypatch.setattr(count_usage.os, "getxattr", lambda _, name, **__: kept[name])
    monkeypatch.setattr(count_usage, "count", lambda _: pytest.fail("counted"))
    assert folder_usage("homes", volumes / "homes/ada", []) == Folder(
        volume="homes", name="ada", used=123456, limit=1000000
    )


def test_what_cannot_all_be_looked_at_is_said_to_be_more(volumes: Path, monkeypatch: pytest.MonkeyPatch):
    closed = SimpleNamespace(stdout=b"4096\t/x\n", returncode=1)
    monkeypatch.setattr(count_usage.subprocess, "run", lambda *_, **__: closed)
    found = folder_usage("homes", volumes / "homes/ada", [])
    assert (found.used, found.complete) == (4096, False)


def test_the_log_has_whole_counts_between_their_marks(volumes: Path, capsys: pytest.CaptureFixture[str]):
    counts = Counts()
    counts.renew(volumes, {})
    lines: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (lines[0], lines[-1]) == (
        {"counting": "begins"},
        {"counting": "ends", "at": int(counts.finished or 0)},
    )
    assert [line["name"] for line in lines[1:-1]] == ["ada", "bob", "survey"]


def test_prometheus_is_told_what_is_used_and_what_is_held():
    folders = [
        Folder(volume="homes", name='a"b', used=10, limit=20),
        Folder(volume="homes", name="eve", used=None, limit=None),
    ]
    assert metrics(folders, 1700000000.4) == (
        "# TYPE science_platform_storage_used_bytes gauge\n"
        'science_platform_storage_used_bytes{volume="homes",folder="a\\"b"} 10\n'
        "# TYPE science_platform_storage_limit_bytes gauge\n"
        'science_platform_storage_limit_bytes{volume="homes",folder="a\\"b"} 20\n'
        "# TYPE science_platform_storage_counted_timestamp_seconds gauge\n"
        "science_platform_storage_counted_timestamp_seconds 1700000000\n"
    )


def test_the_server_answers_before_anything_is_counted_and_nothing_but_what_it_has():
    serving = server(Counts(), port=0)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{serving.server_address[1]}"
    try:
        answers = {path: httpx.get(f"{base}{path}") for path in ("/health", "/metrics", "/usage.json")}
        assert {path: answer.status_code for path, answer in answers.items()} == {
            "/health": 200,
            "/metrics": 200,
            "/usage.json": 404,
        }
        assert "storage_used_bytes gauge" in answers["/metrics"].text
    finally:
        serving.shutdown()
        serving.server_close()
