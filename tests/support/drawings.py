"""What has to hold of every drawing, whatever is in it."""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from stacks.draw.geometry import Layout, Rect
from stacks.draw.grid import MARGIN
from stacks.draw.layout import layout_of
from stacks.draw.legend import MARK, legend
from stacks.draw.metrics import width
from stacks.draw.scene import Scene
from stacks.draw.sizes import HEADING, PAD_X, SUBHEADING, TEXT, written
from stacks.draw.svg import to_svg

SVG = "{http://www.w3.org/2000/svg}"
ACTIVE = re.compile(r"<script|<foreignObject|<image|\son\w+=|href=|url\(|@import|https?://(?!www\.w3\.org)")
"""What runs or loads something."""
NEAR = 3.0
"""Closer than this, two parallel lines look like one."""


def faults(scene: Scene) -> list[str]:
    """Return all that is wrong with the drawing of a scene, in words; nothing where it is as it should be."""
    layout = layout_of(scene)
    text = to_svg(scene, layout)
    again = [] if to_svg(scene, layout_of(scene)) == text else ["it is another one the second time"]
    return [*faults_of(scene, layout), *_of_file(text), *again]


def faults_of(scene: Scene, layout: Layout) -> list[str]:
    """Return all that is wrong with the layout of a scene, in words."""
    return [
        *_of_boxes(layout),
        *_of_frames(layout),
        *_of_headings(scene, layout),
        *_of_texts(layout),
        *_of_paths(layout),
        *_missing(scene, layout),
    ]


def _missing(scene: Scene, layout: Layout) -> Iterator[str]:
    drawn = {placed.box.key for placed in layout.boxes}
    yield from (f"box {box.key} is not drawn" for box in scene.boxes if box.key not in drawn)
    if len(layout.paths) != len(scene.links):
        yield f"{len(scene.links)} links, {len(layout.paths)} paths"


def _of_boxes(layout: Layout) -> Iterator[str]:
    paper = Rect(0, 0, layout.width, layout.height)
    for placed in layout.boxes:
        if not paper.holds(placed.rect):
            yield f"box {placed.box.key} is beyond the paper"
    for one, two in combinations(layout.boxes, 2):
        if one.rect.overlaps(two.rect):
            yield f"boxes {one.box.key} and {two.box.key} overlap"


def _of_frames(layout: Layout) -> Iterator[str]:
    for one, two in combinations(layout.frames, 2):
        if one.rect.overlaps(two.rect) and not (one.rect.holds(two.rect) or two.rect.holds(one.rect)):
            yield f"frames {one.title} and {two.title} overlap"
    for frame in layout.frames:
        head = Rect(frame.rect.x, frame.rect.y, frame.rect.width, 28)
        for placed in layout.boxes:
            if frame.rect.overlaps(placed.rect) and not frame.rect.holds(placed.rect):
                yield f"box {placed.box.key} is half in frame {frame.title}"
            if head.overlaps(placed.rect):
                yield f"box {placed.box.key} is on the title of frame {frame.title}"


def _of_headings(scene: Scene, layout: Layout) -> Iterator[str]:
    room = layout.width - 2 * MARGIN
    if width(scene.title, HEADING, bold=True) > room or width(scene.subtitle, SUBHEADING) > room:
        yield "its title is wider than the paper"
    samples, height = legend(scene, layout)
    for sample in samples:
        if sample.x + MARK + width(sample.text, TEXT) > layout.width or sample.y > height:
            yield f"{sample.text!r} of the legend is beyond the paper"


def _of_texts(layout: Layout) -> Iterator[str]:
    for placed in layout.boxes:
        for line in written(placed.box, placed.rect.width):
            if width(line.text, line.size, bold=line.title) > placed.rect.width - 2 * PAD_X:
                yield f"text {line.text!r} of {placed.box.key} is too wide"
            if line.baseline + 4 > placed.rect.height:
                yield f"text {line.text!r} of {placed.box.key} is below it"


def _of_paths(layout: Layout) -> Iterator[str]:
    rects = {placed.box.key: placed.rect for placed in layout.boxes}
    for path in layout.paths:
        for (x, y), (right, bottom) in pairwise(path.points):
            if x != right and y != bottom:
                yield f"link {path.link.source} → {path.link.target} is neither level nor upright"
            low, high = sorted((x, right)), sorted((y, bottom))
            # Its ends may touch what it links.
            inner = Rect(low[0] + 1, high[0] + 1, low[1] - low[0] - 2, high[1] - high[0] - 2)
            line = Rect(inner.x, inner.y, max(inner.width, 0.1), max(inner.height, 0.1))
            for key, rect in rects.items():
                if rect.overlaps(line):
                    yield f"link {path.link.source} → {path.link.target} goes through box {key}"
    yield from _on_each_other(layout)


def _on_each_other(layout: Layout) -> Iterator[str]:
    parts = [(number, *pair) for number, path in enumerate(layout.paths) for pair in pairwise(path.points)]
    for (one, *first), (two, *second) in combinations(parts, 2):
        if one == two:
            continue
        for axis in (0, 1):
            level = {point[axis] for point in first}, {point[axis] for point in second}
            if any(len(each) > 1 for each in level) or abs(min(level[0]) - min(level[1])) >= NEAR:
                continue
            low, high = (
                (min(point[1 - axis] for point in part), max(point[1 - axis] for point in part))
                for part in (first, second)
            )
            if low[0] < high[1] - 1 and high[0] < low[1] - 1:
                links = [layout.paths[each].link for each in (one, two)]
                yield "links lie on each other: " + ", ".join(
                    f"{each.source} → {each.target}" for each in links
                )


def _of_file(text: str) -> Iterator[str]:
    root = ET.fromstring(text)  # noqa: S314 - made by this very code
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    if title is None or description is None or not title.text or not description.text:
        yield "it does not say what it shows to those who do not see it"
    if ACTIVE.search(_without_text(text)):
        yield "it runs or loads something"


def _without_text(text: str) -> str:
    """Return a file without what is written in it."""
    return re.sub(r">[^<>]*</(text|title|desc)>", "></>", text)
