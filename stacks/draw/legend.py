"""What the lines and colours of a drawing mean: only those that are in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from stacks.draw.geometry import Layout
from stacks.draw.grid import MARGIN
from stacks.draw.metrics import width
from stacks.draw.scene import Scene, Shape, State, Way
from stacks.draw.sizes import TEXT

ROW, BETWEEN = 26.0, 22.0
MARK = 38.0
"""Room for the sample before its text."""

_WAYS = {
    Way.TRAFFIC: "may connect; everything else is denied",
    Way.WRITE: "mounts, reads and writes",
    Way.READ: "mounts, reads only",
    Way.CONTROL: "has rights on the cluster",
}
_SHAPES = {
    Shape.ENTRY: "way in",
    Shape.RUNTIME: "pods made while the site runs, with people's own code",
    Shape.VOLUME: "volume",
    Shape.DATABASE: "database",
    Shape.SERVICE: "service of the cluster",
}
_STATES = {
    State.ADDED: "added",
    State.REMOVED: "removed",
    State.CHANGED: "changed",
    State.REPLACED: "replaced",
}


@dataclass(frozen=True)
class Sample:
    """One entry: a mark and its text."""

    x: float
    y: float
    classes: str
    text: str
    link: bool = False
    mark: str = "box"


def legend(scene: Scene, layout: Layout) -> tuple[list[Sample], float]:
    """Return the entries, and the height of the drawing with them."""
    samples, x, y = [], MARGIN, layout.height + 4
    for classes, text, link in _entries(scene):
        wide = MARK + width(text, TEXT)
        if x + wide > layout.width - MARGIN and x > MARGIN:
            x, y = MARGIN, y + ROW
        samples.append(Sample(x, y, classes, text, link))
        x += wide + BETWEEN
    return samples, y + ROW


def _entries(scene: Scene) -> Iterator[tuple[str, str, bool]]:
    if scene.compared:
        yield from ((f"pods {state}", text, False) for state, text in _STATES.items())
    ways = {link.way for link in scene.links}
    shapes = {box.shape for box in scene.boxes}
    yield from ((way, text, True) for way, text in _WAYS.items() if way in ways)
    yield from ((shape, text, False) for shape, text in _SHAPES.items() if shape in shapes)
