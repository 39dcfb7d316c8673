"""Where links meet the sides of boxes: in the order of where they go, and level with that where there is room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stacks.draw.spread import spread

RIM = 12.0
"""What a side keeps free at its top and bottom."""
LEAST = 11.0
"""Between two links on a side."""
ROUNDS = 6
FIXED = 1e4
"""Weight of an end that has to be level with a line of text."""


@dataclass(frozen=True)
class End:
    """One end of a part of a link, at the side of a box or at a wire."""

    key: str
    right: bool
    number: int


@dataclass(frozen=True)
class Hop:
    """The part of a link in one channel; ``one`` is on the channel's left side, unless both are on its right."""

    channel: int
    number: int
    one: End
    two: End


@dataclass(frozen=True)
class Side:
    """A side of a box: its bounds, and the ends whose height is given by a line of text."""

    top: float
    bottom: float
    fixed: Mapping[int, float]


@dataclass(frozen=True)
class Room:
    """Where a wire is, and how far it may move up and down."""

    at: float
    low: float
    high: float


def meeting_points(
    hops: Sequence[Hop], sides: Mapping[tuple[str, bool], Side], wires: Mapping[str, Room]
) -> dict[End, float]:
    """Return the height of every end, in whole pixels, so that as many links as can be are straight.

    Parameters
    ----------
    sides
        Sides of boxes by key and whether it is the right one.
    wires
        The wires by key.
    """
    partner = {hop.one: hop.two for hop in hops} | {hop.two: hop.one for hop in hops}
    at = {end: wires[end.key].at if end.key in wires else 0.0 for end in partner}
    ends: dict[tuple[str, bool], list[End]] = {}
    for end in partner:
        if end.key not in wires:
            side = sides[end.key, end.right]
            at[end] = side.fixed.get(end.number, (side.top + side.bottom) / 2)
            ends.setdefault((end.key, end.right), []).append(end)
    passing = sorted({end for end in partner if end.key in wires and end.right}, key=lambda end: end.key)
    for turn in range(ROUNDS):
        for place in sorted(ends, reverse=bool(turn % 2)):
            _settle(ends[place], sides[place], partner, at)
        for right in passing if turn % 2 else reversed(passing):
            left = End(right.key, right=False, number=right.number)
            room = wires[right.key]
            aims = [at[partner[end]] for end in (left, right)]
            level = next((aim for aim in aims if room.low <= aim <= room.high), room.at)
            at[left] = at[right] = level
    return {end: float(round(y)) for end, y in at.items()}


def _settle(ends: Sequence[End], side: Side, partner: Mapping[End, End], at: dict[End, float]) -> None:
    def want(end: End) -> float:
        return side.fixed.get(end.number, at[partner[end]])

    order = sorted(ends, key=lambda end: (want(end), end.number))
    room = side.bottom - side.top - 2 * RIM
    step = min(LEAST, room / max(1, len(order) - 1))
    weights = [FIXED if end.number in side.fixed else 1.0 for end in order]
    wants = [want(end) for end in order]
    found = spread(wants, [step] * len(order), side.top + RIM, side.bottom - RIM, weights)
    at |= dict(zip(order, found, strict=True))
