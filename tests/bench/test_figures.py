"""What the table says of figures."""

import pytest

from tests.bench.figures import Aim, Beside, Figure, Samples, table

PLAN = Figure("plan", Samples((1.24, 1.1, 1.2)), Beside("python", Samples((0.4, 0.3, 0.5))), Aim(2))
SPAWN = Figure("spawn", Samples((3.0, 6.0)), Beside("bare", Samples((2.0,))), Aim(1.5, of="ratio"))
HUB = Figure("hub", Samples((173.4,), "MiB"))


def test_one_table_of_figures_with_and_without_something_beside_them():
    assert table([PLAN, SPAWN, HUB]).splitlines() == [
        "| figure | median (min-max)      | beside it | median (min-max)     | ratio | aim        |",
        "|--------|-----------------------|-----------|----------------------|-------|------------|",
        "| plan   | 1.2 s (1.1-1.24) of 3 | python    | 0.4 s (0.3-0.5) of 3 | 3x    | < 2 s: yes |",
        "| spawn  | 4.5 s (3-6) of 2      | bare      | 2 s                  | 2.25x | < 1.5x: NO |",
        "| hub    | 173 MiB               |           |                      |       |            |",
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.07917,), "0.0792 s"),
        ((12.345,), "12.3 s"),
        ((99.96,), "100 s"),
        ((999.7,), "1000 s"),
        ((1.0, 1.0), "1 s (1-1) of 2"),
    ],
)
def test_numbers_have_three_digits(values: tuple[float, ...], said: str):
    assert str(Samples(values)) == said


def test_one_disturbed_run_does_not_move_the_median():
    assert Samples((1.0, 1.1, 30.0)).median == 1.1


@pytest.mark.parametrize(
    ("value", "verdict"), [(1.99, "< 2 s: yes"), (2.0, "< 2 s: NO"), (2.01, "< 2 s: NO")]
)
def test_an_aim_is_reached_below_it(value: float, verdict: str):
    assert Figure("plan", Samples((value,)), aim=Aim(2)).cells()[-1] == verdict


def test_an_aim_for_a_ratio_needs_something_beside_it():
    with pytest.raises(ValueError, match="spawn: an aim for a ratio needs something to be beside the figure"):
        Figure("spawn", Samples((3.0,)), aim=Aim(1.5, of="ratio")).cells()
