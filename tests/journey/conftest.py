"""Journeys that several tests look at: each takes most of a minute."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.site import DeployedSite

Steps = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def journeys(local: DeployedSite, twin: DeployedSite) -> dict[str, Steps]:
    """Go through a day on two sites of one cluster at the same time; gives the steps by site and title."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(("local", "twin"), pool.map(DeployedSite.journey, (local, twin)), strict=True))
