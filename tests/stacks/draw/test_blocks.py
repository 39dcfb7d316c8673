"""Blocks packed: as high as they go, in their order, what is below the site below it."""

from stacks.draw.blocks import FOOT, GAP, HEAD, WIRE, WIRE_GAP, Block, block_height, packed

HEIGHTS = {"a": 50.0, "b": 30.0, "c": 40.0, "w1": WIRE, "w2": WIRE}


def test_a_frame_is_as_high_as_its_highest_column():
    block = Block(key="hub", cells={2: ("a", "b"), 3: ("c",)}, title="hub")
    assert block_height(block, HEIGHTS) == HEAD + 50 + GAP + 30 + FOOT


def test_wires_beside_each_other_are_closer_than_boxes():
    block = Block(key="hub", cells={2: ("a", "w1", "w2", "b")})
    assert block_height(block, HEIGHTS) == 50 + GAP + WIRE + WIRE_GAP + WIRE + GAP + 30


def test_blocks_that_share_no_column_are_beside_each_other():
    blocks = [
        Block(key="hub", cells={2: ("a",)}, title="hub"),
        Block(key="data", cells={3: ("b",)}, title="data"),
    ]
    found = packed(blocks, HEIGHTS, tiered=range(2, 4), tier_gap=60)
    assert found.blocks == {"hub": 0, "data": 0}
    assert found.items == {"a": HEAD, "b": HEAD}


def test_blocks_that_share_a_column_are_below_each_other_in_their_order():
    blocks = [
        Block(key="hub", cells={2: ("a",), 4: ("b",)}, title="hub"),
        Block(key="alone", cells={3: ("c",)}),
    ]
    hub = HEAD + 50 + FOOT
    # The frame covers the column between its boxes as well.
    assert packed(blocks, HEIGHTS, tiered=range(2, 5), tier_gap=60).blocks == {"hub": 0, "alone": hub + GAP}
    assert packed(blocks[::-1], HEIGHTS, tiered=range(2, 5), tier_gap=60).blocks == {
        "alone": 0,
        "hub": 40 + GAP,
    }


def test_what_is_below_the_site_is_below_all_of_it():
    blocks = [
        Block(key="api", cells={3: ("c",)}, tier=1),
        Block(key="hub", cells={2: ("a",)}, title="hub"),
        Block(key="outside", cells={9: ("b",)}),
    ]
    found = packed(blocks, HEIGHTS, tiered=range(2, 4), tier_gap=60)
    assert found.bottom == HEAD + 50 + FOOT
    assert found.blocks == {"hub": 0, "outside": 0, "api": found.bottom + 60}
