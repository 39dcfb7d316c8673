"""Where boxes and wires are, vertically."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stacks.draw.align import Tie, align
from stacks.draw.blocks import Block, Packing, packed
from stacks.draw.net import Net
from stacks.draw.order import Pull, ordered
from stacks.draw.scene import Place
from stacks.draw.wires import Span, with_wires

TIER_GAP = 66.0
"""Between the site's part of the cluster and what is below it."""
ROUNDS = 4
"""How often wires are laid anew, for where boxes have come to be with those laid before."""


@dataclass(frozen=True)
class Rows:
    """Blocks with the wires in them, where they and what is in them are, and how high that is."""

    blocks: tuple[Block, ...]
    packing: Packing
    heights: Mapping[str, float]


def rows(net: Net) -> Rows:
    """Return the best rows that were found for a net."""
    heights = net.heights()
    pulls = [
        Pull(
            link.source,
            net.column[link.source],
            net.anchor(link, link.source, heights),
            link.target,
            net.column[link.target],
            net.anchor(link, link.target, heights),
        )
        for link in net.links
    ]
    blocks = ordered(_blocks(net), heights, pulls, tiered=net.inner, tier_gap=TIER_GAP)
    bare = _packed(net, blocks, heights, wired=False)
    found: list[tuple[float, int, Rows]] = []
    ends = bare.items
    for number in range(ROUNDS):
        with_them = dict(heights)
        wired = with_wires(blocks, bare, with_them, _spans(net, ends, heights, blocks))
        packing = _packed(net, wired, with_them, wired=True)
        found.append((_length(net, packing, heights), number, Rows(tuple(wired), packing, with_them)))
        ends = packing.items
    return min(found)[2]


def _length(net: Net, packing: Packing, heights: Mapping[str, float]) -> float:
    """Return how far all links go up and down."""
    total = 0.0
    for number, link in enumerate(net.links):
        keys = [key for _, key in net.stops(number)]
        heights_at = [packing.items[key] + net.anchor(link, key, heights) for key in keys]
        total += sum(abs(one - two) for one, two in pairwise(heights_at))
    return total


def _blocks(net: Net) -> list[Block]:
    """Return what keeps together: the boxes of a layer, the volumes; all others are on their own."""
    result: dict[str, Block] = {}
    for key, box in net.boxes.items():
        title = {Place.SITE: box.layer, Place.DATA: net.scene.places.get(Place.DATA, "")}.get(box.place)
        name = f"alone/{key}" if title is None else f"{box.place}/{title}"
        tier = 1 if box.place == Place.CLUSTER else 0
        block = result.get(name) or Block(key=name, cells={}, title=title, tier=tier)
        column = net.column[key]
        result[name] = block.with_cell(column, (*block.cells.get(column, ()), key))
    return list(result.values())


def _packed(net: Net, blocks: Sequence[Block], heights: Mapping[str, float], *, wired: bool) -> Packing:
    packing = packed(blocks, heights, tiered=net.inner, tier_gap=TIER_GAP)
    align(blocks, packing, heights, _ties(net, heights, wired=wired), net.inner)
    return packing


def _ties(net: Net, heights: Mapping[str, float], *, wired: bool) -> dict[str, list[Tie]]:
    """Return what each box and wire would like to be level with."""
    ties: dict[str, list[Tie]] = {}
    for number, link in enumerate(net.links):
        stops = [key for _, key in net.stops(number)]
        keys = stops if wired else [stops[0], stops[-1]]
        offsets = [(key, net.anchor(link, key, heights)) for key in keys]
        for (one, own), (two, other) in pairwise(offsets):
            ties.setdefault(one, []).append(Tie(own, two, other))
            ties.setdefault(two, []).append(Tie(other, one, own))
    return ties


def _spans(
    net: Net, tops: Mapping[str, float], heights: Mapping[str, float], blocks: Sequence[Block]
) -> list[Span]:
    home = {key: block.key for block in blocks for keys in block.cells.values() for key in keys}
    spans = []
    for number, link in enumerate(net.links):
        (left, one), *wires, (right, two) = net.stops(number)
        if wires:
            start, end = (tops[key] + net.anchor(link, key, heights) for key in (one, two))
            spans.append(Span(number, left, right, start, end, frozenset({home[one], home[two]})))
    return spans
