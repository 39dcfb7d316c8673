"""Things in a row: where they want to be, as far as order, distance and bounds let them."""

import pytest

from stacks.draw.spread import spread


@pytest.mark.parametrize(
    ("wants", "low", "high", "found"),
    [
        ([0, 50, 100], 0, 200, [0, 50, 100]),
        ([50, 50, 50], 0, 200, [40, 50, 60]),
        ([100, 0], 0, 200, [45, 55]),
        ([-30, 10], 0, 200, [0, 10]),
        ([190, 300], 0, 200, [190, 200]),
        ([5, 5, 5], 0, 12, [0, 10, 20]),
        ([], 0, 12, []),
    ],
    ids=["room", "one place", "wrong order", "too low", "too high", "no room", "nothing"],
)
def test_each_is_as_near_as_it_can_be(wants: list[float], low: float, high: float, found: list[float]):
    assert spread(wants, [10] * len(wants), low, high) == pytest.approx(found)


def test_what_weighs_more_gives_way_less():
    assert spread([50, 50], [10, 10], 0, 100, [1e6, 1]) == pytest.approx([50, 60], abs=0.01)
