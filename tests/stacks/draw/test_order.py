"""The order from top to bottom: one that crosses less is taken."""

from stacks.draw.blocks import Block
from stacks.draw.order import Pull, ordered

HEIGHTS: dict[str, float] = dict.fromkeys("abcd", 40.0)


def pull(one: str, two: str) -> Pull:
    return Pull(one, 2, 20, two, 3, 20)


def test_blocks_that_cross_change_places():
    blocks = [
        Block(key=key, cells={column: (key,)}) for key, column in (("a", 2), ("b", 2), ("c", 3), ("d", 3))
    ]
    found = ordered(blocks, HEIGHTS, [pull("a", "d"), pull("b", "c")], tiered=range(2, 4), tier_gap=60)
    keys = [block.key for block in found]
    assert (keys.index("a") < keys.index("b")) == (keys.index("d") < keys.index("c"))


def test_boxes_in_a_frame_change_places():
    blocks = [
        Block(key="left", cells={2: ("a", "b")}, title="left"),
        Block(key="right", cells={3: ("c", "d")}, title="right"),
    ]
    found = ordered(blocks, HEIGHTS, [pull("a", "d"), pull("b", "c")], tiered=range(2, 4), tier_gap=60)
    assert sorted(block.cells[column] for block, column in zip(found, (2, 3), strict=True)) in (
        [("a", "b"), ("d", "c")],
        [("b", "a"), ("c", "d")],
    )


def test_what_is_well_stays():
    blocks = [
        Block(key=key, cells={column: (key,)}) for key, column in (("a", 2), ("b", 2), ("c", 3), ("d", 3))
    ]
    assert (
        ordered(blocks, HEIGHTS, [pull("a", "c"), pull("b", "d")], tiered=range(2, 4), tier_gap=60) == blocks
    )
