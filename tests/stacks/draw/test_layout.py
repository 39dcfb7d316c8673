"""A layout: a whole small one, what has to hold of large and of odd ones, and what a bad one is told."""

from dataclasses import replace
from time import process_time

import pytest

from stacks.draw.command import drawing
from stacks.draw.geometry import Frame, Layout, Path, Placed, Rect
from stacks.draw.layout import layout_of
from stacks.draw.read import scene_of
from stacks.draw.scene import Box, Line, Link, Place, Scene, Shape, Way
from tests.support.big import LONG, POOLS, big_plan
from tests.support.diff import of, resource
from tests.support.drawings import faults, faults_of

EDGE = Box(key="edge", title="edge", shape=Shape.PODS, place=Place.SITE, layer="edge")
ENTRY = Box(key="entry/edge", title="Way in", shape=Shape.ENTRY, place=Place.GATE, lines=(Line("port 443"),))
HOMES = Box(key="homes", title="homes", shape=Shape.VOLUME, place=Place.DATA)
IN = Link(source="entry/edge", target="edge", way=Way.TRAFFIC)
MOUNT = Link(source="edge", target="homes", way=Way.WRITE)
SMALL = Scene(title="Small", boxes=(ENTRY, EDGE, HOMES), links=(IN, MOUNT))


def test_a_small_scene():
    entry, edge, homes = Rect(33, 181, 104, 59), Rect(186, 189, 104, 42), Rect(338, 186, 104, 49)
    assert layout_of(SMALL) == Layout(
        width=500,
        height=297,
        frames=(
            Frame("cluster", "", Rect(20, 76, 460, 201)),
            Frame("site", "", Rect(161, 114, 306, 150)),
            Frame("layer", "edge", Rect(174, 155, 128, 92)),
            Frame("layer", "", Rect(326, 152, 128, 99)),
        ),
        boxes=(Placed(ENTRY, entry), Placed(EDGE, edge), Placed(HOMES, homes)),
        paths=(Path(IN, ((137, 210), (186, 210))), Path(MOUNT, ((290, 210), (338, 210)))),
    )


def test_a_link_to_the_left_arrives_there():
    back = Link(source="homes", target="edge", way=Way.TRAFFIC)
    (path,) = layout_of(replace(SMALL, links=(back,))).paths
    assert path.points[0][0] > path.points[-1][0]


def test_pods_made_while_the_site_runs_are_in_a_frame_of_their_own_kind():
    layout = layout_of(replace(SMALL, boxes=(ENTRY, replace(EDGE, shape=Shape.RUNTIME), HOMES)))
    assert [frame.kind for frame in layout.frames if frame.title == "edge"] == ["runtime"]


def test_nothing_is_wrong_with_the_drawing_of_a_site_with_all_there_is():
    assert faults(scene_of(big_plan())) == []


def test_all_of_it_is_in_its_drawing():
    text = drawing(big_plan())
    for name in (
        "postgres-tap",
        "backup-hub",
        "ingest-first-light",
        "tap.demo.example.org",
        "spaces: 20",
        LONG[:63],
    ):
        assert name in text
    assert all(f">pool-{number}</text>" in text for number in range(POOLS))


def test_a_site_with_all_there_is_is_drawn_in_seconds():
    start = process_time()
    drawing(big_plan())
    assert process_time() - start < 20


ODD = {
    "nothing": (),
    "people alone": (replace(ENTRY, key="people", place=Place.CLIENTS, shape=Shape.PEOPLE),),
    "a way in alone": (ENTRY,),
    "volumes alone": (HOMES,),
    "outside alone": (replace(HOMES, place=Place.OUTSIDE),),
    "the cluster alone": (replace(HOMES, place=Place.CLUSTER),),
    "a long name": (replace(EDGE, title=LONG, layer=LONG, lines=(Line(LONG), Line("a b c " * 40))),),
    "letters of elsewhere": (replace(EDGE, title="Ωμέγα 望遠鏡 <&>", lines=(Line("望遠鏡" * 20),)),),
}


@pytest.mark.parametrize("boxes", ODD.values(), ids=ODD)
def test_nothing_is_wrong_with_an_odd_scene(boxes: tuple[Box, ...]):
    assert faults(Scene(title="Odd", subtitle="of its own", boxes=boxes)) == []


def test_a_title_has_room_however_long_it_is():
    assert faults(Scene(title="long " * 60, subtitle="longer " * 90, boxes=(EDGE,))) == []


def test_a_cloud_alone_has_its_place():
    scene = scene_of(of(resource("aws:ec2/vpc:Vpc", "demo-vpc", {}), title="A network"))
    assert faults(scene) == []


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        (
            "boxes edge and homes overlap",
            {"boxes": (Placed(EDGE, Rect(10, 10, 99, 99)), Placed(HOMES, Rect(50, 50, 99, 99)))},
        ),
        ("box edge is beyond the paper", {"boxes": (Placed(EDGE, Rect(-5, 300, 99, 99)),)}),
        ("text '…' of edge is too wide", {"boxes": (Placed(EDGE, Rect(200, 200, 30, 99)),)}),
        ("text 'edge' of edge is below it", {"boxes": (Placed(EDGE, Rect(200, 200, 99, 20)),)}),
        ("link entry/edge → edge goes through box homes", {"paths": (Path(IN, ((300, 200), (470, 200))),)}),
        ("link entry/edge → edge is neither level nor upright", {"paths": (Path(IN, ((1, 1), (9, 9))),)}),
        (
            "links lie on each other: entry/edge → edge, edge → homes",
            {"paths": (Path(IN, ((1, 1), (90, 1))), Path(MOUNT, ((50, 2), (99, 2))))},
        ),
        (
            "frames a and b overlap",
            {"frames": (Frame("layer", "a", Rect(1, 1, 9, 9)), Frame("layer", "b", Rect(5, 5, 9, 9)))},
        ),
        ("box edge is half in frame a", {"frames": (Frame("layer", "a", Rect(150, 100, 90, 300)),)}),
        ("box edge is on the title of frame a", {"frames": (Frame("layer", "a", Rect(150, 180, 300, 300)),)}),
        ("box homes is not drawn", {"boxes": (Placed(EDGE, Rect(10, 10, 99, 99)),)}),
        ("2 links, 0 paths", {"paths": ()}),
        ("its title is wider than the paper", {"width": 40}),
        ("'mounts, reads and writes' of the legend is beyond the paper", {"width": 200}),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_fault_of_a_layout_is_found(fault: str, change: dict[str, object]):
    layout = layout_of(SMALL)
    assert faults_of(SMALL, layout) == []
    assert fault in faults_of(SMALL, replace(layout, **change))  # type: ignore[arg-type]
