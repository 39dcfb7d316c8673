"""In which order blocks, and boxes in them, come from top to bottom: the one with short links and few crossings."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stacks.draw.blocks import Block, packed

CROSSING = 60.0
"""How long a detour is worth as much as one crossing, in pixels."""
TRIES = 2500
"""How many orders are looked at, at most."""


@dataclass(frozen=True)
class Pull:
    """A link between boxes, each with its column and how far from its top the link is."""

    one: str
    first: int
    own: float
    two: str
    second: int
    other: float


def ordered(
    blocks: Sequence[Block],
    heights: Mapping[str, float],
    pulls: Sequence[Pull],
    *,
    tiered: range,
    tier_gap: float,
) -> list[Block]:
    """Return blocks in a better order, found by changing one thing at a time for as long as that helps."""

    def cost(candidate: Sequence[Block]) -> float:
        return _cost(packed(candidate, heights, tiered=tiered, tier_gap=tier_gap).items, pulls)

    best, least, tries = list(blocks), cost(blocks), 0
    improved = True
    while improved and tries < TRIES:
        improved = False
        for candidate in _neighbours(best):
            tries += 1
            found = cost(candidate)
            if found < least - 1e-6:
                best, least, improved = candidate, found, True
                break
            if tries >= TRIES:
                break
    return best


def _neighbours(blocks: list[Block]) -> Iterator[list[Block]]:
    """Yield all orders that are one step away."""
    for place, block in enumerate(blocks):
        for column, keys in block.cells.items():
            for moved in _moves(keys):
                yield [*blocks[:place], block.with_cell(column, moved), *blocks[place + 1 :]]
    for place, block in enumerate(blocks):
        rest = [*blocks[:place], *blocks[place + 1 :]]
        for other, beside in enumerate(rest):
            # Only an order among those that share a column is another order.
            if set(beside.span) & set(block.span):
                at = other if other < place else other + 1
                yield [*rest[:at], block, *rest[at:]]


def _moves(keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the orders in which one is at another place; those where it moves by one place first."""
    for far in range(1, len(keys)):
        for place, key in enumerate(keys):
            rest = (*keys[:place], *keys[place + 1 :])
            for at in (place - far, place + far):
                if 0 <= at < len(keys):
                    yield (*rest[:at], key, *rest[at:])


def _cost(tops: Mapping[str, float], pulls: Sequence[Pull]) -> float:
    found = [
        (pull.first, pull.second, tops[pull.one] + pull.own, tops[pull.two] + pull.other) for pull in pulls
    ]
    length = sum(abs(left - right) for _, _, left, right in found)
    return length + CROSSING * _crossings(found) + 0.2 * max(tops.values(), default=0)


def _crossings(links: Sequence[tuple[int, int, float, float]]) -> int:
    """Return how often links between columns cross, as if they were straight lines."""
    steps: dict[int, list[tuple[float, float]]] = {}
    for first, second, left, right in links:
        low, high = (first, second) if first <= second else (second, first)
        from_, to = (left, right) if first <= second else (right, left)
        for column in range(low, high):
            share, further = (column - low) / (high - low), (column + 1 - low) / (high - low)
            steps.setdefault(column, []).append(
                (from_ + (to - from_) * share, from_ + (to - from_) * further)
            )
    total = 0
    for pairs in steps.values():
        ends: list[float] = []
        for _, end in sorted(pairs):
            total += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return total
