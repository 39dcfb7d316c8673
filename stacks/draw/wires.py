"""Where links that pass columns pass them: in gaps between boxes, which get room for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stacks.draw.blocks import FOOT, HEAD, WIRE, Block, Packing
from stacks.draw.net import wire_key

ENDLESS = 1e9
STRANGE = 46.0
"""How long a detour a link takes, in pixels, to keep out of the frame of a layer that is neither of its ends'."""


@dataclass(frozen=True)
class Slot:
    """A gap in a column.

    Attributes
    ----------
    block
        The block that it is in, or before; None for the end of a tier.
    place
        Before which box of the block's column it is; None for a gap outside of blocks.
    low, high
        The gap's bounds.
    """

    block: str | None
    place: int | None
    tier: int
    low: float
    high: float

    @property
    def key(self) -> tuple[str | None, int | None, int]:
        """What it is, wherever its bounds are."""
        return self.block, self.place, self.tier


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


def with_wires(
    blocks: Sequence[Block], packing: Packing, heights: dict[str, float], spans: Sequence[Span]
) -> list[Block]:
    """Return blocks with a wire for every column that a link passes; their heights are added to ``heights``."""
    slots = {
        column: list(_slots(blocks, packing, heights, column))
        for column in {column for span in spans for column in range(span.left + 1, span.right)}
    }
    chosen: dict[int, dict[Slot, list[tuple[float, str]]]] = {}
    for span in spans:
        for column, (slot, y) in zip(range(span.left + 1, span.right), _way(span, slots), strict=True):
            key = wire_key(span.number, column)
            heights[key] = WIRE
            # Of two at one height, the one that comes from above, or goes there, is above.
            leaning = y + 0.01 * (span.start + span.end) / 2
            chosen.setdefault(column, {}).setdefault(slot, []).append((leaning, key))
    for column, found in chosen.items():
        for slot, wires in found.items():
            blocks = _inserted(blocks, column, slot, [key for _, key in sorted(wires)])
    return list(blocks)


def _slots(
    blocks: Sequence[Block], packing: Packing, heights: Mapping[str, float], column: int
) -> Iterator[Slot]:
    """Yield the gaps of a column from top to bottom."""
    above, tier = -ENDLESS, 0
    for block in sorted(blocks, key=lambda each: each.tier):
        if column not in block.span:
            continue
        if block.tier != tier:
            yield Slot(None, None, tier, above, packing.bottom)
            above, tier = packing.bottom, block.tier
        top = packing.blocks[block.key]
        yield Slot(block.key, None, tier, above, top)
        above = top + packing.heights[block.key]
        if block.title is not None:
            yield from _inside(block, packing, heights, column)
    yield Slot(None, None, tier, above, ENDLESS)


def _inside(block: Block, packing: Packing, heights: Mapping[str, float], column: int) -> Iterator[Slot]:
    low = packing.blocks[block.key] + HEAD
    keys = block.cells.get(column, ())
    for place, key in enumerate(keys):
        yield Slot(block.key, place, block.tier, low, packing.items[key])
        low = packing.items[key] + heights[key]
    bottom = packing.blocks[block.key] + packing.heights[block.key] - FOOT
    yield Slot(block.key, len(keys), block.tier, low, bottom)


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


def _inserted(blocks: Sequence[Block], column: int, slot: Slot, wires: Sequence[str]) -> list[Block]:
    """Return blocks with wires in a slot of a column."""
    alone = [Block(key=wire, cells={column: (wire,)}, tier=slot.tier) for wire in wires]
    if slot.block is None:
        return [*blocks, *alone]
    at = next(place for place, block in enumerate(blocks) if block.key == slot.block)
    if slot.place is None:
        return [*blocks[:at], *alone, *blocks[at:]]
    keys = blocks[at].cells.get(column, ())
    # Boxes only: what has been put in by now does not count.
    boxes = [place for place, key in enumerate(keys) if not key.startswith("wire/")] + [len(keys)]
    cell = (*keys[: boxes[slot.place]], *wires, *keys[boxes[slot.place] :])
    return [*blocks[:at], blocks[at].with_cell(column, cell), *blocks[at + 1 :]]
