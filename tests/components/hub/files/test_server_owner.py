"""Who owns user pods."""

import base64
import json
from pathlib import Path

import pytest

from server_owner import own_service_account, service_account_owner


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


CLAIMS = {"kubernetes.io": {"namespace": "science-local", "serviceaccount": {"name": "hub", "uid": "1-2-3"}}}
OWNER = {"api_version": "v1", "kind": "ServiceAccount", "name": "hub", "uid": "1-2-3"}


def test_the_owner_is_the_service_account_of_the_token():
    assert service_account_owner(token(CLAIMS)) == OWNER


@pytest.mark.parametrize("unreadable", ["", "opaque", "a.b!.c", token([]), token({"sub": "hub"})])
def test_a_token_that_does_not_say_owns_nothing(unreadable: str):
    assert service_account_owner(unreadable) is None


def test_it_is_read_from_the_pods_own_token(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text(token(CLAIMS))
    assert own_service_account(file) == OWNER
    assert own_service_account(tmp_path / "none") is None
