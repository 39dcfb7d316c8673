"""A scene as a net: heights for the links beside a box, and what a link passes on its way."""

from stacks.draw.net import Net
from stacks.draw.scene import Box, Link, Place, Scene, Shape, Way
from stacks.draw.sizes import PORT, text_height

HUB = Box(key="hub", title="hub", shape=Shape.PODS, place=Place.SITE)
CLAIMS = tuple(Box(key=f"v{number}", title="v", shape=Shape.VOLUME, place=Place.DATA) for number in range(9))
NET = Box(key="net", title="net", shape=Shape.NETWORK, place=Place.OUTSIDE)
MOUNTS = tuple(Link(source="hub", target=box.key, way=Way.WRITE) for box in CLAIMS)


def test_a_box_is_high_enough_for_its_text_and_for_the_links_on_a_side():
    heights = Net.of(Scene(title="a", boxes=(HUB, *CLAIMS), links=MOUNTS)).heights()
    assert heights["hub"] == (9 + 2) * PORT
    assert heights["v0"] == text_height(CLAIMS[0])


def test_a_link_passes_columns_from_left_to_right_whichever_way_it_goes():
    for source, target in (("hub", "net"), ("net", "hub")):
        link = Link(source=source, target=target, way=Way.TRAFFIC)
        net = Net.of(Scene(title="a", boxes=(HUB, CLAIMS[0], NET), links=(link,)))
        assert net.stops(0) == [(2, "hub"), (3, "wire/0/3"), (4, "net")]
