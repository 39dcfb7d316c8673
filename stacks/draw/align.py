"""Moves blocks and their boxes down, within the room that they have, to be level with what they are linked to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stacks.draw.blocks import FOOT, HEAD, Block, Packing, gap
from stacks.draw.spread import spread

SWEEPS = 12


@dataclass(frozen=True)
class Tie:
    """What one box is linked to in a neighbouring column, and where: offsets from the tops of both."""

    own: float
    other: str
    offset: float


Ties = Mapping[str, Sequence[Tie]]


def align(
    blocks: Sequence[Block], packing: Packing, heights: Mapping[str, float], ties: Ties, tiered: range
) -> None:
    """Move the blocks of a packing, in place; their order in each column stays."""
    order = sorted(blocks, key=lambda block: block.tier)
    rows: dict[int, list[Block]] = {}
    for block in order:
        for column in block.span:
            rows.setdefault(column, []).append(block)
    end = max((packing.blocks[each.key] + packing.heights[each.key] for each in blocks), default=0.0)
    single = {column: row for column, row in rows.items() if all(len(each.span) == 1 for each in row)}
    rigid = [block for block in order if block.span[0] not in single]
    for sweep in range(SWEEPS):
        for column, row in single.items():
            _settle_column(row, packing, ties, tiered=column in tiered, end=end)
        for block in rigid if sweep % 2 else reversed(rigid):
            low, high = _room(block, rows, packing, tiered, end)
            wants = list(_wants(block, packing, ties))
            if wants:
                top = packing.blocks[block.key] + sum(wants) / len(wants)
                _move(block, max(low, min(high, top)), packing)
        for block in order:
            if block.title is not None:
                _settle(block, packing, heights, ties)


def _settle_column(row: Sequence[Block], packing: Packing, ties: Ties, *, tiered: bool, end: float) -> None:
    """Move all blocks of a column at once, where none of them is in another one as well."""
    movable = [each for each in row if each.tier == 0 or not tiered]
    if not movable:
        return
    tops = [packing.blocks[each.key] for each in movable]
    found = [list(_wants(each, packing, ties)) for each in movable]
    wants = [
        top + (sum(shifts) / len(shifts) if shifts else 0.0) for top, shifts in zip(tops, found, strict=True)
    ]
    sizes = [packing.heights[each.key] for each in movable]
    steps = [size + gap(size, below) for size, below in zip(sizes, [*sizes[1:], 0.0], strict=True)]
    bottom = packing.bottom if tiered else end
    weights = [len(shifts) or 0.1 for shifts in found]
    for block, top in zip(movable, spread(wants, steps, 0.0, bottom - sizes[-1], weights), strict=True):
        _move(block, top, packing)


def _room(
    block: Block, rows: Mapping[int, Sequence[Block]], packing: Packing, tiered: range, end: float
) -> tuple[float, float]:
    height = packing.heights[block.key]
    inside = block.span[0] in tiered
    low, high = 0.0, (packing.bottom if inside and block.tier == 0 else end) - height
    if inside and block.tier == 1:
        low = high = packing.blocks[block.key]
    for column in block.span:
        row = rows[column]
        place = row.index(block)
        if place:
            above = row[place - 1]
            size = packing.heights[above.key]
            low = max(low, packing.blocks[above.key] + size + gap(size, height))
        if place + 1 < len(row):
            below = row[place + 1]
            size = packing.heights[below.key]
            high = min(high, packing.blocks[below.key] - gap(height, size) - height)
    return low, high


def _wants(block: Block, packing: Packing, ties: Ties) -> Iterator[float]:
    own = {key for keys in block.cells.values() for key in keys}
    for key in sorted(own):
        for tie in ties.get(key, ()):
            if tie.other not in own:
                yield packing.items[tie.other] + tie.offset - packing.items[key] - tie.own


def _move(block: Block, top: float, packing: Packing) -> None:
    shift = top - packing.blocks[block.key]
    packing.blocks[block.key] = top
    for keys in block.cells.values():
        for key in keys:
            packing.items[key] += shift


def _settle(block: Block, packing: Packing, heights: Mapping[str, float], ties: Ties) -> None:
    """Move the boxes within a frame."""
    top = packing.blocks[block.key]
    for keys in block.cells.values():
        if not keys:
            continue
        wants = []
        for key in keys:
            found = [packing.items[tie.other] + tie.offset - tie.own for tie in ties.get(key, ())]
            wants.append(sum(found) / len(found) if found else packing.items[key])
        steps = [heights[one] + gap(heights[one], heights[two]) for one, two in pairwise(keys)]
        bottom = top + packing.heights[block.key] - FOOT - heights[keys[-1]]
        packing.items |= dict(zip(keys, spread(wants, steps, top + HEAD, bottom), strict=True))
