"""The legend: what is in the drawing, in rows that fit."""

from stacks.draw.geometry import Layout
from stacks.draw.legend import legend
from stacks.draw.metrics import width
from stacks.draw.scene import Box, Link, Place, Scene, Shape, Way

BOXES = tuple(
    Box(key=shape, title=shape, shape=shape, place=Place.SITE)
    for shape in (Shape.VOLUME, Shape.PODS, Shape.ENTRY)
)
LINKS = (Link(source="a", target="b", way=Way.READ),)


def test_only_what_is_in_a_drawing_is_in_its_legend():
    samples, height = legend(Scene(title="a", boxes=BOXES, links=LINKS), Layout(900, 100, (), (), ()))
    assert [(each.classes, each.text, each.link) for each in samples] == [
        ("read", "mounts, reads only", True),
        ("entry", "way in", False),
        ("volume", "volume", False),
    ]
    assert height > samples[-1].y


def test_a_comparison_tells_its_colours_first():
    samples, _ = legend(Scene(title="a", compared=True), Layout(900, 100, (), (), ()))
    assert [(each.classes, each.text) for each in samples] == [
        ("pods added", "added"),
        ("pods removed", "removed"),
        ("pods changed", "changed"),
        ("pods replaced", "replaced"),
    ]


def test_entries_that_do_not_fit_go_on_in_the_next_row():
    samples, height = legend(Scene(title="a", boxes=BOXES, links=LINKS), Layout(260, 100, (), (), ()))
    assert len({each.y for each in samples}) == 2
    assert all(each.x + 38 + width(each.text, 12) <= 260 for each in samples)
    assert height > max(each.y for each in samples)
