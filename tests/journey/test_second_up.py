"""Bringing a site up again changes nothing, and a change changes only what it is about."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.site import DeployedSite, eventually

pytestmark = pytest.mark.cluster


@contextmanager
def changed(path: Path, old: str, new: str) -> Iterator[None]:
    """Change the first ``old`` of a site file for as long as the body runs."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    try:
        yield
    finally:
        path.write_text(text)


def different(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what was added, removed or changed; a ConfigMap has its content's hash in its name."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return sorted({re.sub(r"^(ConfigMap/.+)-[0-9a-f]{10}$", r"\1", name) for name in names})


def kinds_of_pods(names: Iterable[str]) -> list[str]:
    return sorted(name.split("-")[0] for name in names)


def test_a_second_up_changes_nothing_and_restarts_nothing(twin: DeployedSite):
    declared, lives = twin.declared(), twin.lives()

    said = twin.up()

    assert twin.declared() == declared
    assert twin.lives() == lives
    (counted,) = (line.strip() for line in said.splitlines() if line.strip().startswith("unchanged "))
    assert counted.removeprefix("unchanged ").isdigit(), f"more than unchanged objects: {counted}"


def test_a_profile_s_memory_changes_the_hub_alone_and_ends_no_kernel(twin: DeployedSite):
    with twin.client(twin.people["alice"]) as alice:
        alice.spawn("small")
        try:
            before, lives = twin.declared(), twin.lives()
            servers = twin.lives(users=True)
            with alice.server() as server, changed(twin.path, "limit: 1Gi", "limit: 1100Mi"):
                kernel = server.start_kernel()
                kernel.run("variable = 'kept'")
                twin.up()
                after, rolled = twin.declared(), twin.lives()
                eventually(
                    lambda: kernel.run("print(variable)", timeout=10) == "kept\n",
                    "the kernel answers through the new hub",
                    within=60,
                )
            assert twin.lives(users=True) == servers
        finally:
            alice.stop()

    assert different(before, after) == ["ConfigMap/hub-config", "Deployment/hub"]
    assert kinds_of_pods(rolled) == kinds_of_pods(lives)
    assert kinds_of_pods(rolled.keys() - lives.keys()) == ["hub"]
    assert [name for name in rolled.keys() & lives.keys() if rolled[name] != lives[name]] == []

    twin.up()
    assert twin.declared().keys() == before.keys()
