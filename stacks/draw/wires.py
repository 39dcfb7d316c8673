"""Where links that pass columns pass them: in gaps between boxes, which get room for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stacks.draw.blocks import FOOT, HEAD, WIRE, Block, Packing

STRANGE = 46.0
"""How long a detour a link takes, in pixels, to keep out of the frame of a layer that is neither of its ends'."""


@dataclass(frozen=True)
class Slot:
    """A gap in a column: in a block before a place, or before a block; at the end where there is no block.

    Attributes
    ----------
    low, high
        The gap's bounds.
    """

    block: str | None
    place: int | None
    low: float
    high: float


@dataclass(frozen=True)
class Span:
    """A link that passes columns.

    Attributes
    ----------
    number
        Of the link.
    left, right
        Columns of its ends.
    start, end
        Where it leaves and arrives, vertically.
    home
        Blocks of its ends.
    """

    number: int
    left: int
    right: int
    start: float
    end: float
    home: frozenset[str]


def wire_key(number: int, column: int) -> str:
    """Return the key of the wire of a link in a column."""
    return f"wire/{number}/{column}"


def with_wires(
    blocks: Sequence[Block], packing: Packing, heights: dict[str, float], spans: Sequence[Span]
) -> list[Block]:
    """Return blocks with a wire for every column that a link passes; their heights are added to ``heights``."""
    slots = {
        column: list(_slots(blocks, packing, heights, column))
        for column in {column for span in spans for column in range(span.left + 1, span.right)}
    }
    chosen: dict[tuple[int, str | None, int | None], list[tuple[float, str]]] = {}
    for span in spans:
        for column, (slot, y) in zip(range(span.left + 1, span.right), _way(span, slots), strict=True):
            key = wire_key(span.number, column)
            heights[key] = WIRE
            leaning = y + 0.01 * (span.start + span.end) / 2
            chosen.setdefault((column, slot.block, slot.place), []).append((leaning, key))
    return _inserted(blocks, {key: [wire for _, wire in sorted(found)] for key, found in chosen.items()})


def _slots(
    blocks: Sequence[Block], packing: Packing, heights: Mapping[str, float], column: int
) -> Iterator[Slot]:
    above = -1e9
    for block in sorted(blocks, key=lambda each: each.tier):
        if column not in block.span:
            continue
        top = packing.blocks[block.key]
        yield Slot(block.key, None, above, top)
        above = top + packing.heights[block.key]
        if block.title is None:
            continue
        low = top + HEAD
        keys = block.cells.get(column, ())
        for place, key in enumerate(keys):
            yield Slot(block.key, place, low, packing.items[key])
            low = packing.items[key] + heights[key]
        yield Slot(block.key, len(keys), low, above - FOOT)
    yield Slot(None, None, above, 1e9)


def _way(span: Span, slots: Mapping[int, Sequence[Slot]]) -> list[tuple[Slot, float]]:
    """Return the cheapest slots on the way of a link, each with the height at which it passes."""
    ways: list[tuple[float, float, list[tuple[Slot, float]]]] = [(0.0, span.start, [])]
    for column in range(span.left + 1, span.right):
        further = []
        for slot in slots[column]:
            candidates = []
            for cost, y, way in ways:
                aim = y + (span.end - y) / (span.right - column + 1)
                at = _within(slot, aim)
                strange = STRANGE if slot.place is not None and slot.block not in span.home else 0.0
                candidates.append((cost + abs(at - y) + strange, at, [*way, (slot, at)]))
            further.append(min(candidates, key=lambda each: each[0]))
        ways = further
    return min(ways, key=lambda each: each[0] + abs(each[1] - span.end))[2]


def _within(slot: Slot, y: float) -> float:
    """Return the height in a slot nearest to one wanted; the middle of a narrow one, the rim of an endless one."""
    room = slot.high - slot.low
    rim = min(11.0, room / 2)
    return max(slot.low + rim, min(slot.high - rim, y))


def _inserted(
    blocks: Sequence[Block], wires: Mapping[tuple[int, str | None, int | None], Sequence[str]]
) -> list[Block]:
    result: list[Block] = []
    for block in blocks:
        for (column, key, place), found in wires.items():
            if key == block.key and place is None:
                result += [Block(key=wire, cells={column: (wire,)}, tier=block.tier) for wire in found]
        cells = dict(block.cells)
        inside = sorted(
            (
                (place, column, found)
                for (column, key, place), found in wires.items()
                if key == block.key and place is not None
            ),
            reverse=True,
        )
        for place, column, found in inside:
            keys = cells.get(column, ())
            cells[column] = (*keys[:place], *found, *keys[place:])
        result.append(replace(block, cells=cells))
    for (column, key, _), found in wires.items():
        if key is None:
            tier = max((each.tier for each in blocks if column in each.span), default=0)
            result += [Block(key=wire, cells={column: (wire,)}, tier=tier) for wire in found]
    return result
