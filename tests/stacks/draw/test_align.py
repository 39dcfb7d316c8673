"""Blocks move down to be level with what they are linked to, as far as they have room."""

from stacks.draw.align import Tie, align
from stacks.draw.blocks import FOOT, GAP, HEAD, Block, packed

HEIGHTS = {"tall": 300.0, "one": 40.0, "two": 40.0}
SITE = range(2, 4)


def level(one: str, two: str, own: float, other: float) -> dict[str, list[Tie]]:
    return {one: [Tie(own, two, other)], two: [Tie(other, one, own)]}


def test_a_box_is_level_with_the_line_that_it_is_linked_to():
    blocks = [Block(key="a", cells={2: ("tall",)}), Block(key="b", cells={3: ("one",)})]
    found = packed(blocks, HEIGHTS, tiered=SITE, tier_gap=60)
    align(blocks, found, HEIGHTS, level("one", "tall", 20, 250), SITE)
    assert found.items["one"] + 20 == found.items["tall"] + 250


def test_order_and_distance_stay():
    blocks = [Block(key=key, cells={column: (key,)}) for key, column in (("tall", 2), ("one", 3), ("two", 3))]
    found = packed(blocks, HEIGHTS, tiered=SITE, tier_gap=60)
    ties = level("one", "tall", 20, 250) | {"two": [Tie(20, "tall", 100)]}
    align(blocks, found, HEIGHTS, ties, SITE)
    assert found.items["two"] - found.items["one"] >= 40 + GAP
    assert found.items["two"] + 40 <= found.bottom


def test_boxes_move_within_their_frame_only():
    frame = Block(key="hub", cells={2: ("tall",), 3: ("one",)}, title="hub")
    found = packed([frame], HEIGHTS, tiered=SITE, tier_gap=60)
    align([frame], found, HEIGHTS, level("one", "tall", 20, 290), SITE)
    assert found.items["one"] == found.blocks["hub"] + found.heights["hub"] - FOOT - 40
    assert found.items["tall"] == HEAD
