"""How large boxes are, by the text in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from stacks.draw.metrics import fitted, width, wrapped
from stacks.draw.scene import Box, Line, Shape

TITLE, TEXT = 14.0, 12.0
HEADING, SUBHEADING = 22.0, 13.0
"""Sizes of fonts."""
TITLE_HEIGHT, LINE_HEIGHT = 20.0, 17.0
PAD_X, PAD_Y = 13.0, 11.0
CAP = 7.0
"""Height of a cylinder's lid."""
NARROWEST, WIDEST = 104.0, 244.0
WRAP = 178.0
"""What is longer than this goes on in the next line, at a space."""
PORT = 13.0
"""Room that a link takes on the side of a box."""


@dataclass(frozen=True)
class Written:
    """A line of text as it is drawn: where, in the box, and how."""

    text: str
    baseline: float
    size: float = TEXT
    title: bool = False
    strong: bool = False
    gone: bool = False


def natural_width(box: Box) -> float:
    """Return the width that a box would like, within limits, in whole pixels."""
    texts = [width(box.title, TITLE, bold=True), *(width(text, TEXT) for _, text in _lines(box))]
    return min(WIDEST, max(NARROWEST, ceil(max(texts) + 2 * PAD_X)))


def text_height(box: Box) -> float:
    """Return the height that a box's text needs, with what is around it."""
    return 2 * PAD_Y + TITLE_HEIGHT + len(list(_lines(box))) * LINE_HEIGHT + lid(box)


def lid(box: Box) -> float:
    """Return what the top of a box's shape takes away from its text."""
    return CAP if box.shape in (Shape.VOLUME, Shape.DATABASE) else 0.0


def door_centre(box: Box, door: str) -> float | None:
    """Return how far below the top of a box the middle of the line of a door is; None where it has none."""
    place = next((place for place, (line, _) in enumerate(_lines(box)) if door and line.door == door), None)
    return None if place is None else PAD_Y + lid(box) + TITLE_HEIGHT + (place + 0.5) * LINE_HEIGHT


def written(box: Box, room: float) -> list[Written]:
    """Return the text of a box of a width, cut where it is too long."""
    top, inner = PAD_Y + lid(box), room - 2 * PAD_X
    result = [Written(fitted(box.title, TITLE, inner, bold=True), top + 15.0, TITLE, title=True)]
    for place, (line, text) in enumerate(_lines(box)):
        baseline = top + TITLE_HEIGHT + place * LINE_HEIGHT + 13.0
        result.append(Written(fitted(text, TEXT, inner), baseline, strong=line.strong, gone=line.gone))
    return result


def _lines(box: Box) -> Iterator[tuple[Line, str]]:
    """Yield the lines of a box as they are drawn."""
    for line in box.lines:
        for text in wrapped(line.text, TEXT, WRAP, WIDEST - 2 * PAD_X):
            yield line, text
