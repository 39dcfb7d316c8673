"""What a pod leaves behind."""

import json
import os
from pathlib import Path

import pytest
from backup_database import sealed
from backup_report import BackupError, amount, finish, run

from stacks.backup.restoring import PAD_BYTES


@pytest.fixture(autouse=True)
def message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BACKUP_TERMINATION_LOG", str(tmp_path / "message"))
    return tmp_path / "message"


def test_how_it_went_is_left_for_programs(message: Path):
    assert run(lambda: {"files": 3}) == 0
    assert json.loads(message.read_text()) == {"files": 3}


def test_a_failure_is_left_whole_enough_to_be_read(message: Path):
    def fail() -> dict[str, int]:
        raise BackupError("ü" * 5000)

    assert run(fail) == 1
    assert json.loads(message.read_text()) == {"error": "ü" * 1000}


def test_sealed_secrets_fit_beside_all_else(message: Path):
    text = sealed({"hub-keys": {}}, {"RESTORE_PAD": os.urandom(PAD_BYTES).hex()})
    finish(
        {
            "source": "hub",
            "snapshot": "0" * 8,
            "time": "0" * 40,
            "bytes": 10**12,
            "seconds": 9.9,
            "sealed": text,
        }
    )
    assert len(message.read_bytes()) < 4096


def test_what_would_be_cut_is_never_left(message: Path):
    with pytest.raises(ValueError, match="do not fit"):
        finish({"sealed": "0" * 4096})
    assert not message.exists()


def test_amounts_for_people():
    assert [amount(size) for size in (0, 1023, 1024, 3 * 2**30, 5 * 2**50)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "3.0 GiB",
        "5120.0 TiB",
    ]
