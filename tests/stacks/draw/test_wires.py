"""Which gaps links take past the columns between their ends."""

from stacks.draw.blocks import FOOT, GAP, HEAD, Block, packed
from stacks.draw.wires import Span, with_wires

HEIGHTS = {"left": 400.0, "one": 100.0, "two": 100.0, "api": 40.0, "right": 400.0}
BLOCKS = [
    Block(key="left", cells={2: ("left",)}),
    Block(key="frame", cells={3: ("one", "two")}, title="volumes"),
    Block(key="api", cells={3: ("api",)}, tier=1),
    Block(key="right", cells={4: ("right",)}),
]
MIDDLE = HEAD + 100 + GAP / 2
BELOW = HEAD + 200 + GAP + FOOT + 20


def span(number: int, start: float, end: float, *home: str) -> Span:
    return Span(number, 2, 4, start, end, frozenset(home))


def cells(*spans: Span) -> dict[str, tuple[str, ...]]:
    packing = packed(BLOCKS, HEIGHTS, tiered=range(2, 5), tier_gap=60)
    return {
        block.key: block.cells[3]
        for block in with_wires(BLOCKS, packing, dict(HEIGHTS), spans)
        if 3 in block.cells
    }


def test_a_link_goes_between_the_boxes_of_a_frame_where_a_detour_would_be_longer():
    assert cells(span(7, MIDDLE, MIDDLE))["frame"] == ("one", "wire/7/3", "two")


def test_a_link_goes_round_a_frame_that_is_none_of_its_own_where_that_is_near():
    assert list(cells(span(7, 5, 5))) == ["wire/7/3", "frame", "api"]


def test_in_its_own_frame_a_link_needs_no_detour():
    assert cells(span(7, HEAD - 12, HEAD - 12, "frame"))["frame"] == ("wire/7/3", "one", "two")
    assert cells(span(7, HEAD - 12, HEAD - 12))["frame"] == ("one", "two")


def test_below_the_last_frame_a_link_stays_in_the_site():
    packing = packed(BLOCKS, HEIGHTS, tiered=range(2, 5), tier_gap=60)
    found = with_wires(BLOCKS, packing, dict(HEIGHTS), [span(7, BELOW, BELOW)])
    assert [(block.key, block.tier) for block in found if 3 in block.cells] == [
        ("frame", 0),
        ("api", 1),
        ("wire/7/3", 0),
    ]


def test_links_in_one_gap_are_in_the_order_of_where_they_come_from_and_go():
    assert cells(span(1, MIDDLE + 5, MIDDLE + 90), span(2, MIDDLE - 5, MIDDLE - 90), span(3, MIDDLE, MIDDLE))[
        "frame"
    ] == (
        "one",
        "wire/2/3",
        "wire/3/3",
        "wire/1/3",
        "two",
    )


def test_the_heights_of_the_wires_are_told():
    heights = dict(HEIGHTS)
    with_wires(BLOCKS, packed(BLOCKS, heights, tiered=range(2, 5), tier_gap=60), heights, [span(7, 0, 0)])
    assert heights["wire/7/3"] == 2
