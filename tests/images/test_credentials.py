"""Who an operator is at a registry."""

import base64
import json
from pathlib import Path

import pytest

from images.credentials import Credentials, credentials_for

AUTH = base64.b64encode(b"ada:secret:with colon").decode()


def docker(tmp_path: Path, config: object) -> dict[str, str]:
    (tmp_path / "config.json").write_text(json.dumps(config))
    return {"DOCKER_CONFIG": str(tmp_path)}


def test_the_environment_comes_first(tmp_path: Path):
    environment = docker(tmp_path, {"auths": {"r.example.org": {"auth": AUTH}}})
    environment |= {"REGISTRY_USER": "bot", "REGISTRY_PASSWORD": "token"}
    assert credentials_for("r.example.org", environment) == Credentials("bot", "token")


@pytest.mark.parametrize("name", ["r.example.org", "https://r.example.org"])
def test_what_docker_login_left_is_used_for_its_registry_only(name: str, tmp_path: Path):
    environment = docker(tmp_path, {"auths": {name: {"auth": AUTH}}})
    assert credentials_for("r.example.org", environment) == Credentials("ada", "secret:with colon")
    assert credentials_for("other.example.org", environment) is None


def test_docker_hub_is_found_under_its_old_name(tmp_path: Path):
    environment = docker(tmp_path, {"auths": {"https://index.docker.io/v1/": {"auth": AUTH}}})
    assert credentials_for("registry-1.docker.io", environment) == Credentials("ada", "secret:with colon")


def test_a_credential_helper_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    helper = tmp_path / "docker-credential-test"
    helper.write_text('#!/bin/sh\nread host\n[ "$1 $host" = "get r.example.org" ] || exit 1\n'
                      """echo '{"Username": "ada", "Secret": "s"}'\n""")  # fmt: skip
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    environment = docker(tmp_path, {"credHelpers": {"r.example.org": "test", "empty.example.org": "test"}})
    assert credentials_for("r.example.org", environment) == Credentials("ada", "s")
    assert credentials_for("empty.example.org", environment) is None


def test_nobody_is_nobody(tmp_path: Path):
    assert credentials_for("r.example.org", {"DOCKER_CONFIG": str(tmp_path)}) is None


def test_a_password_is_not_in_the_text_of_its_object():
    assert repr(Credentials("ada", "secret")) == "Credentials(user='ada')"
