"""Who an operator is at a container registry: from the environment or from what ``docker login`` left."""

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Credentials:
    """A user and a password or token."""

    user: str
    password: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def credentials_for(host: str, environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """Return who we are at a registry.

    From ``REGISTRY_USER`` and ``REGISTRY_PASSWORD``, else from what ``docker login`` left: the entry of
    ``config.json`` in ``DOCKER_CONFIG`` (default ``~/.docker``), or the credential helper that it names.
    """
    if "REGISTRY_USER" in environment and "REGISTRY_PASSWORD" in environment:
        return Credentials(environment["REGISTRY_USER"], environment["REGISTRY_PASSWORD"])
    file = Path(environment.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    if not file.is_file():
        return None
    config = json.loads(file.read_text())
    if helper := config.get("credHelpers", {}).get(host) or config.get("credsStore"):
        return _from_helper(helper, host)
    # Docker Hub goes by the name of its first API.
    names = (
        host,
        f"https://{host}",
        *(("https://index.docker.io/v1/",) if host == "registry-1.docker.io" else ()),
    )
    for name in names:
        if encoded := config.get("auths", {}).get(name, {}).get("auth"):
            user, _, password = base64.b64decode(encoded).decode().partition(":")
            return Credentials(user, password)
    return None


def _from_helper(helper: str, host: str) -> Credentials | None:
    done = subprocess.run(
        [f"docker-credential-{helper}", "get"], input=host, check=False, capture_output=True, text=True
    )
    if done.returncode:
        return None
    answer = json.loads(done.stdout)
    return Credentials(answer["Username"], answer["Secret"])
