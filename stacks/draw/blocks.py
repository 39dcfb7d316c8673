"""Blocks: what keeps together when boxes get their places. A layer's frame is one, and so is a lone box or wire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

GAP = 22.0
"""Between blocks, and between boxes of one."""
WIRE_GAP = 9.0
"""Between two wires that pass the same gap."""
HEAD, FOOT = 34.0, 16.0
"""Above and below the boxes in a frame."""
WIRE = 2.0


@dataclass(frozen=True)
class Block:
    """Boxes and wires that keep together.

    Attributes
    ----------
    cells
        Keys of boxes and wires by column, from top to bottom.
    title
        Of its frame; None for one without.
    tier
        0 for what is in the site's part of the cluster, 1 for what is below it; other columns do not mind.
    """

    key: str
    cells: Mapping[int, tuple[str, ...]]
    title: str | None = None
    tier: int = 0

    @property
    def span(self) -> range:
        """All columns that it covers."""
        return range(min(self.cells), max(self.cells) + 1)

    def with_cell(self, column: int, keys: tuple[str, ...]) -> "Block":
        """Return it with other boxes in a column."""
        return replace(self, cells={**self.cells, column: keys})


@dataclass
class Packing:
    """Where blocks and their boxes are, vertically: tops by key."""

    blocks: dict[str, float] = field(default_factory=dict)
    items: dict[str, float] = field(default_factory=dict)
    heights: dict[str, float] = field(default_factory=dict)
    bottom: float = 0.0
    """Of tier 0, in the columns that keep to tiers."""

    def shift(self, down: float) -> None:
        """Move all of it down, to whole pixels."""
        self.blocks = {key: float(round(top + down)) for key, top in self.blocks.items()}
        self.items = {key: float(round(top + down)) for key, top in self.items.items()}
        self.bottom = float(round(self.bottom + down))


def gap(above: float, below: float) -> float:
    """Return the room between two things of these heights."""
    return WIRE_GAP if above == WIRE and below == WIRE else GAP


def inner_height(keys: Sequence[str], heights: Mapping[str, float]) -> float:
    """Return the height of a stack."""
    gaps = sum(gap(heights[one], heights[two]) for one, two in pairwise(keys))
    return sum(heights[key] for key in keys) + gaps


def block_height(block: Block, heights: Mapping[str, float]) -> float:
    """Return the height of a block with its frame."""
    inner = max(inner_height(keys, heights) for keys in block.cells.values())
    return inner if block.title is None else inner + HEAD + FOOT


def packed(
    blocks: Sequence[Block], heights: Mapping[str, float], *, tiered: range, tier_gap: float
) -> Packing:
    """Put blocks as high as they go, in their order.

    Parameters
    ----------
    heights
        Of boxes and wires.
    tiered
        The columns in which tier 1 begins below all of tier 0, with ``tier_gap`` between.
    """
    result = Packing()
    bottom: dict[int, tuple[float, float]] = {}
    for tier in (0, 1):
        for block in (each for each in blocks if each.tier == tier):
            height = block_height(block, heights)
            floor = result.bottom + tier_gap if tier and block.span[0] in tiered else 0.0
            tops = [bottom[c][0] + gap(bottom[c][1], height) for c in block.span if c in bottom]
            top = max([floor, *tops])
            result.blocks[block.key], result.heights[block.key] = top, height
            bottom |= dict.fromkeys(block.span, (top + height, height))
            _stack(block, top, heights, result)
            if tier == 0 and block.span[0] in tiered:
                result.bottom = max(result.bottom, top + height)
    return result


def _stack(block: Block, top: float, heights: Mapping[str, float], result: Packing) -> None:
    for keys in block.cells.values():
        y = top + (HEAD if block.title is not None else 0.0)
        for one, two in zip(keys, [*keys[1:], None], strict=True):
            result.items[one] = y
            y += heights[one] + (gap(heights[one], heights[two]) if two else 0.0)
