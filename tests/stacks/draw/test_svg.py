"""The file: a whole small one, text escaped, corners round, told to those who do not see, secrets never in it."""

from xml.etree import ElementTree as ET

import pytest

from stacks.draw.command import drawing
from stacks.draw.geometry import Frame, Layout, Path, Placed, Rect
from stacks.draw.metrics import FONT
from stacks.draw.scene import Box, Line, Link, Place, Scene, Shape, State, Way
from stacks.draw.svg import description, to_svg
from tests.support.diff import kubernetes, of
from tests.support.drawings import SVG

HUB = Box(
    key="hub", title="hub", shape=Shape.PODS, place=Place.SITE, lines=(Line("1 pod"), Line("old", gone=True))
)
HOMES = Box(key="homes", title="homes", shape=Shape.VOLUME, place=Place.DATA, state=State.ADDED)
MOUNT = Link(source="hub", target="homes", way=Way.READ, labels=("/homes",), state=State.CHANGED)
SCENE = Scene(title="Small", subtitle="site small", boxes=(HUB, HOMES), links=(MOUNT,))
LAYOUT = Layout(
    width=400,
    height=150,
    frames=(Frame("layer", "hub", Rect(10, 70, 124, 76)),),
    boxes=(Placed(HUB, Rect(20, 80, 104, 59.5)), Placed(HOMES, Rect(200, 80, 104, 40))),
    paths=(Path(MOUNT, ((124, 100), (160, 100), (160, 120), (200, 120))),),
)


def test_a_small_drawing():
    start, _, rest = to_svg(SCENE, LAYOUT).partition("<style>\n")
    style, _, body = rest.partition("</style>\n")
    assert start == (
        '<svg xmlns="http://www.w3.org/2000/svg" class="science-platform-drawing" viewBox="0 0 400 180" width="400"'
        ' height="180" role="img" aria-labelledby="drawing-title drawing-description">\n'
        '<title id="drawing-title">Small</title>\n'
        '<desc id="drawing-description">site small. homes is added. hub reads homes (changed, /homes).</desc>\n'
    )
    assert f"font-family: {FONT};" in style
    assert "prefers-color-scheme: dark" in style
    assert (
        body.partition('<g class="read">\n<path class="link" d="M20 ')[0]
        == """\
<rect class="paper" width="400" height="180"/>
<text x="20" y="36" font-size="22" class="bold">Small</text>
<text x="20" y="58" font-size="13" class="soft">site small</text>
<rect class="frame layer" x="10" y="70" width="124" height="76" rx="10"/>
<text x="22" y="92" font-size="12" class="bold soft">hub</text>
<g class="read changed">
<title>/homes</title>
<path class="link" d="M124 100L154 100Q160 100 160 106L160 114Q160 120 166 120L200 120"/>
<path class="head" d="M200 120L192 123.6L192 116.4Z"/>
</g>
<g class="pods">
<title>hub · 1 pod · old</title>
<rect class="box" x="20" y="80" width="104" height="59.5" rx="7"/>
<text x="33" y="106" font-size="14" class="bold">hub</text>
<text x="33" y="124" font-size="12" class="soft">1 pod</text>
<text x="33" y="141" font-size="12" class="soft gone">old</text>
</g>
<g class="volume added">
<title>homes</title>
<path class="box" d="M200 87A52 7 0 0 1 304 87V113A52 7 0 0 1 200 113ZM200 87A52 7 0 0 0 304 87"/>
<text x="213" y="113" font-size="14" class="bold">homes</text>
</g>
"""
    )


@pytest.mark.parametrize("text", ["</text><script>alert(1)</script>", "a & b", '"quoted"', "]]>"])
def test_text_is_text_whatever_is_in_it(text: str):
    box = Box(key="a", title=text, shape=Shape.PODS, place=Place.SITE, lines=(Line(text),), notes=(text,))
    link = Link(source="a", target="a", way=Way.TRAFFIC, labels=(text,))
    scene = Scene(title=text, subtitle=text, boxes=(box,), links=(link,))
    layout = Layout(
        999,
        200,
        (Frame("layer", text, Rect(0, 0, 900, 100)),),
        (Placed(box, Rect(0, 0, 900, 90)),),
        (Path(link, ((0, 0), (9, 0))),),
    )
    root = ET.fromstring(to_svg(scene, layout))  # noqa: S314 - made by this very code
    told = [element.text for element in root.iter() if element.tag in (f"{SVG}text", f"{SVG}title")]
    assert told[:7] == [text, text, text, text, text, f"{text} · {text} · {text}", text]
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "title", "desc", "style", "rect", "text", "g", "path")
    }


def test_what_goes_both_ways_has_two_heads():
    link = Link(source="hub", target="homes", way=Way.TRAFFIC, both=True)
    layout = Layout(400, 150, (), (), (Path(link, ((124, 100), (200, 100))),))
    text = to_svg(Scene(title="a", boxes=(HUB, HOMES), links=(link,)), layout).partition('class="traffic"')[2]
    first = text.partition("</g>")[0]
    assert 'd="M200 100L192 103.6L192 96.4Z"' in first
    assert 'd="M124 100L132 103.6L132 96.4Z"' in first


def test_those_who_do_not_see_are_told_what_is_linked_how():
    links = (
        Link(source="hub", target="homes", way=Way.WRITE, labels=("/a", "/b")),
        Link(source="homes", target="hub", way=Way.CONTROL),
    )
    scene = Scene(title="a", subtitle="site a", boxes=(HUB, HOMES), links=links)
    assert description(scene) == (
        "site a. homes is added. hub writes to homes (/a, /b). homes has rights on hub."
    )


def test_secrets_are_not_in_a_drawing():
    pod = {
        "containers": [{"name": "a", "env": [{"name": "PASSWORD", "value": "canary"}], "args": ["canary"]}]
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "annotations": {"a": "canary"}},
        "spec": {"template": {"metadata": {"annotations": {"a": "canary"}}, "spec": pod}},
    }
    objects = [
        deployment,
        *(
            {"apiVersion": "v1", "kind": kind, "metadata": {"name": "b"}, "data": {"a": "canary"}}
            for kind in ("Secret", "ConfigMap")
        ),
    ]
    assert "canary" not in drawing(of(*map(kubernetes, objects), url="https://a.example", token="canary"))
