"""Sites that the tests on the real cluster share: each deployed once, when the first test asks for it."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.paths import ROOT
from tests.support.site import DeployedSite

SITES = ROOT / "tests/journey/sites"


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "write tests/plans/goldens and docs/site.svg as planned now"
    parser.addoption("--update-goldens", action="store_true", help=told)


def _deployed(path: Path) -> Iterator[DeployedSite]:
    site = DeployedSite(path)
    try:
        site.up()
        yield site
    finally:
        site.down(everything=True)


# A shell that runs the tests in the background ignores Ctrl-C for all that they start; tests send it on purpose.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def local() -> Iterator[DeployedSite]:
    """Give the site of a developer's machine; left as it was found, up or down."""
    site = DeployedSite(ROOT / "stacks/Pulumi.local.yaml")
    was_up = site.kube.get("apps/v1", "Deployment", "hub", site.namespace) is not None
    try:
        site.up()
        yield site
    finally:
        if not was_up:
            site.down()


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSite]:
    """Give a second site beside it, from a copy of its file, which tests may change and put back."""
    path = tmp_path_factory.mktemp("twin") / "Pulumi.twin.yaml"
    shutil.copy(SITES / path.name, path)
    yield from _deployed(path)


@pytest.fixture(scope="session")
def brief() -> Iterator[DeployedSite]:
    """Give a site that stops idle servers after seconds."""
    yield from _deployed(SITES / "Pulumi.brief.yaml")
