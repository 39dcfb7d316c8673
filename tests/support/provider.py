"""The identity provider of the tests, on the node of a local cluster: hub pods and clients see one issuer."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from infra.local.cluster import LocalCluster
from infra.progress import Progress
from stacks.journey import Person
from stacks.journey.signin import ProviderSignIn
from tests.support.setup import NODE, OIDC, install_missing

SECRET = "only-for-tests-0123456789"


def person(name: str, *groups: str) -> Person:
    """Return a person of the provider; its sign-in page takes any password."""
    return Person(sign_in=ProviderSignIn(name, {"login": name, "password": "any"}), groups=frozenset(groups))


@contextmanager
def provider(
    cluster: LocalCluster, port: int, site: str, people: Mapping[str, Person], log: Path
) -> Iterator[str]:
    """Run the provider for as long as the body does, and give its issuer URL.

    Parameters
    ----------
    port
        Where it listens on the node's address.
    site
        URL of the one site that may send people here, without a slash at its end.
    people
        Whom it knows, with their groups.
    log
        File for what it says.
    """
    install_missing(Progress())
    issuer = f"http://{cluster.node_address}:{port}"
    settings: dict[str, Any] = {
        "port": port,
        "issuer": issuer,
        "clientId": "hub",
        "clientSecret": SECRET,
        "site": site,
        "accounts": {name: {"groups": sorted(each.groups)} for name, each in people.items()},
    }
    with log.open("w") as said:
        process = subprocess.Popen(
            cluster.command([str(NODE), str(OIDC / "server.mjs")]),
            env=os.environ | {"SETTINGS": json.dumps(settings)},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(issuer, process, log)
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=10)


def _await(issuer: str, process: subprocess.Popen[bytes], log: Path, within: float = 30) -> None:
    deadline = time.monotonic() + within
    with httpx.Client(trust_env=False) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.2)
            else:
                return
    raise AssertionError(f"the identity provider does not answer:\n{log.read_text()}")
