"""The vertical parts of links, between columns: which is left of which, so that few cross and none lie on others."""

from collections.abc import Sequence
from dataclasses import dataclass

OVERLAY = 50
"""As bad as so many crossings: two links on top of each other, which nobody can tell apart."""
NEAR = 4.0
"""Closer than this, two parallel lines are one to the eye."""


@dataclass(frozen=True)
class Run:
    """A link in a channel, from one height to another.

    Attributes
    ----------
    turns
        Whether it goes back to the column on the left, that it came from.
    """

    number: int
    one: float
    two: float
    turns: bool = False

    @property
    def straight(self) -> bool:
        """Whether it needs no vertical part."""
        return not self.turns and self.one == self.two

    @property
    def low(self) -> float:
        """The upper end of its vertical part."""
        return min(self.one, self.two)

    @property
    def high(self) -> float:
        """The lower end of its vertical part."""
        return max(self.one, self.two)


def tracks(runs: Sequence[Run]) -> dict[int, int]:
    """Return the track of each run that is not straight, by number of the link; 0 is the leftmost."""
    bent = sorted((run for run in runs if not run.straight), key=lambda run: (run.one + run.two, run.number))
    order = _ordered(bent)
    found: dict[int, int] = {}
    for place, run in enumerate(order):
        before = [
            found[other.number] + 1
            for other in order[:place]
            if _conflict(other, run) or _cost(other, run) != _cost(run, other)
        ]
        found[run.number] = max(before, default=0)
    return found


def _ordered(runs: Sequence[Run]) -> list[Run]:
    """Return runs from left to right: the best order that moving one at a time leads to."""
    costs = {(one.number, two.number): _cost(one, two) for one in runs for two in runs if one is not two}
    order = list(runs)
    improved = True
    while improved:
        improved = False
        for run in runs:
            place = order.index(run)
            rest = [*order[:place], *order[place + 1 :]]
            # Cost of having it at each place among the rest, from the one before.
            cost = sum(costs[run.number, other.number] for other in rest)
            options = [cost]
            for other in rest:
                cost += costs[other.number, run.number] - costs[run.number, other.number]
                options.append(cost)
            best = min(options)
            if best < options[place]:
                at = options.index(best)
                order = [*rest[:at], run, *rest[at:]]
                improved = True
    return order


def _conflict(one: Run, two: Run) -> bool:
    return one.low < two.high + 2 * NEAR and two.low < one.high + 2 * NEAR


def _cost(left: Run, right: Run) -> int:
    """Return how bad it is to have one run left of another."""
    rights, lefts = _rights(left), [right.one, *([right.two] if right.turns else [])]
    # What the left one has on its right side passes the vertical part of the right one, and the other way round.
    crossings = sum(right.low + NEAR / 2 < y < right.high - NEAR / 2 for y in rights)
    crossings += sum(left.low + NEAR / 2 < y < left.high - NEAR / 2 for y in lefts)
    return crossings + OVERLAY * sum(abs(y - other) < NEAR for y in rights for other in lefts)


def _rights(run: Run) -> list[float]:
    """Return where a run has a level part on the right of its track."""
    return [] if run.turns else [run.two]
