"""What a site costs, by the prices in its file."""

from typing import Any

import pytest

from stacks.cost import estimate, to_table
from stacks.site_loading import site_from_config
from tests.support.plans import SITES, site_value

PRICES: dict[str, Any] = {
    "currency": "EUR",
    "asOf": "2026-10-01",
    "coreHour": 0.01,
    "gpuHour": 0.5,
    "terabyteMonth": 10,
    "machines": {"m3.small": 0.1, "m3.quad": 0.2, "r3.xl": 1},
    "monthly": {"support": 250},
}


def cost(name: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - prices
    value = site_value(SITES[name]) | {"prices": {**PRICES, **changed}}
    found = estimate(site_from_config(value, name=name))
    assert found is not None
    return found


def test_pools_cost_between_their_least_and_their_most_and_storage_what_it_may_hold():
    assert cost("austral") == {
        "currency": "EUR",
        "asOf": "2026-10-01",
        "month": {"least": 5299, "most": 12344},
        "pools": {
            # Three and three machines, always.
            "control plane": {"least": 219, "most": 219},
            "platform": {"least": 438, "most": 438},
            # 15 cores for 730 hours, two to twenty times.
            "general": {"least": 219, "most": 2190},
            "cubes": {"least": 730, "most": 4380},
            # 15 cores and a GPU.
            "gpu": {"least": 474, "most": 1898},
        },
        "storage": {"homes": 220, "projects": 2199, "scratch": 550},
        "fixed": {"support": 250},
        "servers": {"small": 0.04, "cubes": 0.6, "gpu": 0.65},
    }


def test_the_month_is_the_sum_of_its_parts():
    found = cost("austral")
    for bound in ("least", "most"):
        parts = [each[bound] for each in found["pools"].values()]
        parts += [*found["storage"].values(), *found["fixed"].values()]
        assert found["month"][bound] == pytest.approx(sum(parts), abs=len(parts) / 2)


def test_a_site_on_machines_that_are_there_knows_what_a_server_costs():
    found = cost("boreal", machines={})
    assert (found["pools"], found["servers"]["large"]) == ({}, 0.08)


def test_a_site_without_prices_has_no_estimate():
    assert estimate(site_from_config(site_value(SITES["boreal"]), name="boreal")) is None


def test_the_table_reads_from_pools_to_the_month():
    table = to_table(cost("boreal", machines={}, monthly={"support": 1250}))
    assert [" ".join(line.split()) for line in table.splitlines()] == [
        "EUR a month, by the prices of 2026-10-01",
        "storage homes 660 to 660",
        "storage projects 4,398 to 4,398",
        "storage scratch 1,100 to 1,100",
        "storage software 5 to 5",
        "support 1,250 to 1,250",
        "a month 7,413 to 7,413",
        "an hour of a server, at its limits: small 0.04, large 0.08, imaging 0.48, gpu 0.74",
    ]
