"""Plans of all sites: the committed ones in both modes of Pulumi, examples of every kind as `up` sees them."""

import pytest

from stacks.plan import Plan
from stacks.site import Site
from stacks.site_loading import site_from_config
from tests.support.plans import CASES, Case, planned_file, site_value


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def site(case: Case) -> Site:
    return site_from_config(site_value(case.path), name="example")


@pytest.fixture
def planned(case: Case) -> Plan:
    return planned_file(case.path, preview=case.preview)
