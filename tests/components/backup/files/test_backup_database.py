"""What is put back with a database."""

import json

import pytest
from backup_database import sealed
from backup_report import BackupError

from stacks.backup.jobs import unsealed

SECRETS = {"hub-keys": {"cookieSecret": "a" * 64, "cryptKey": "b" * 64}}


def test_secrets_leave_the_pod_so_that_only_who_has_the_pad_reads_them():
    pad = bytes(range(256)) * 32
    text = sealed(SECRETS, {"RESTORE_PAD": pad.hex()})
    assert unsealed(text, pad) == SECRETS
    assert b"cookieSecret" not in bytes.fromhex(text)


def test_a_pad_that_is_too_short_seals_nothing():
    with pytest.raises(BackupError, match="too short"):
        sealed(SECRETS, {"RESTORE_PAD": bytes(len(json.dumps(SECRETS)) - 1).hex()})
