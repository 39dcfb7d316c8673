"""Widths of text, and text cut and parted to fit."""

import pytest

from stacks.draw.metrics import fitted, width, wrapped


def test_width_is_that_of_the_widest_of_the_fonts():
    # DejaVu Sans at 100 px: i 27.8, W 98.9; bold i 34.3.
    assert width("iW", 100) == pytest.approx(127)
    assert width("i", 100, bold=True) == pytest.approx(34)
    assert width("→", 100) == pytest.approx(110)


@pytest.mark.parametrize(
    ("text", "room", "cut"),
    [("homes", 100, "homes"), ("homes-of-everybody", 60, "homes-…"), ("homes", 5, "…"), ("a b c", 28, "a…")],
)
def test_what_is_too_long_is_cut(text: str, room: float, cut: str):
    found = fitted(text, 12, room)
    assert found == cut
    assert found == "…" or width(found, 12) <= room


def test_lines_end_at_spaces_but_not_at_those_that_hold_together():
    assert wrapped("listens on 8080, 8081", 12, 80, 200) == ["listens on", "8080, 8081"]
    assert wrapped("a b\N{NO-BREAK SPACE}c", 12, 20, 200) == ["a", "b\N{NO-BREAK SPACE}c"]
    assert wrapped("science.example.org is", 12, 80, 100) == ["science.exam…", "is"]
    assert wrapped("", 12, 80, 100) == [""]
