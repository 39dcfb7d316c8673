"""Figures and the table they make: pure functions."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

HEADER = ("figure", "median (min-max)", "beside it", "median (min-max)", "ratio", "aim")


@dataclass(frozen=True)
class Samples:
    """What was measured, run by run.

    Parameters
    ----------
    values
        One number per run, at least one.
    unit
        Their unit.
    """

    values: tuple[float, ...]
    unit: Literal["s", "MiB"] = "s"

    @property
    def median(self) -> float:
        """The median, which one run that others disturbed does not move."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        """Return ``2.8 s (2.5-3.1) of 5``; a single run is only a number."""
        middle = f"{_digits(self.median)} {self.unit}"
        if len(self.values) == 1:
            return middle
        return f"{middle} ({_digits(min(self.values))}-{_digits(max(self.values))}) of {len(self.values)}"


@dataclass(frozen=True)
class Beside:
    """A floor or a peer: what the same machine did at the same time without the platform.

    Parameters
    ----------
    title
        What it is.
    samples
        What was measured of it.
    """

    title: str
    samples: Samples


@dataclass(frozen=True)
class Aim:
    """What a figure should stay below: itself, or as a multiple of what is beside it."""

    below: float
    of: Literal["figure", "ratio"] = "figure"


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    title: str
    samples: Samples
    beside: Beside | None = None
    aim: Aim | None = None

    @property
    def ratio(self) -> float | None:
        """The median as a multiple of the median of what is beside it; None without that."""
        return self.samples.median / self.beside.samples.median if self.beside else None

    def cells(self) -> tuple[str, ...]:
        """Return the line's cells, in the order of `HEADER`."""
        return (
            self.title,
            str(self.samples),
            self.beside.title if self.beside else "",
            str(self.beside.samples) if self.beside else "",
            f"{_digits(self.ratio)}x" if self.ratio is not None else "",
            self._verdict(),
        )

    def _verdict(self) -> str:
        if self.aim is None:
            return ""
        reached = self.ratio if self.aim.of == "ratio" else self.samples.median
        if reached is None:
            raise ValueError(f"{self.title}: an aim for a ratio needs something to be beside the figure")
        aim = f"< {self.aim.below:g}" + ("x" if self.aim.of == "ratio" else f" {self.samples.unit}")
        return f"{aim}: {'yes' if reached < self.aim.below else 'NO'}"


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table that lines up in a terminal as well."""
    rows = [HEADER, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"


def _digits(number: float) -> str:
    """Return a number with three digits, whole from a hundred on."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"
