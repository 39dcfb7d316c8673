"""How large boxes are, by the text in them."""

from dataclasses import dataclass

from stacks.draw.metrics import fitted, width
from stacks.draw.scene import Box, Shape

TITLE, TEXT = 14.0, 12.0
TITLE_HEIGHT, LINE_HEIGHT = 20.0, 17.0
PAD_X, PAD_Y = 14.0, 11.0
CAP = 7.0
"""Height of a cylinder's lid."""
NARROWEST, WIDEST = 116.0, 236.0
PORT = 13.0
"""Room that a link takes on the side of a box."""


@dataclass(frozen=True)
class Written:
    """A line of text as it is drawn: where, in the box, and whether it is the title or strong."""

    text: str
    baseline: float
    size: float
    bold: bool
    gone: bool = False


def natural_width(box: Box) -> float:
    """Return the width that a box would like, within limits."""
    texts = [width(box.title, TITLE, bold=True)]
    texts += [width(line.text, TEXT, bold=line.strong) for line in box.lines]
    return min(WIDEST, max(NARROWEST, max(texts) + 2 * PAD_X))


def text_height(box: Box) -> float:
    """Return the height that a box's text needs, with what is around it."""
    return 2 * PAD_Y + TITLE_HEIGHT + len(box.lines) * LINE_HEIGHT + lid(box)


def lid(box: Box) -> float:
    """Return what the top of a box's shape takes away from its text."""
    return CAP if box.shape in (Shape.VOLUME, Shape.DATABASE) else 0.0


def door_centre(box: Box, door: str) -> float | None:
    """Return how far below the top of a box the middle of the line of a door is; None where it has none."""
    line = next((place for place, line in enumerate(box.lines) if door and line.door == door), None)
    if line is None:
        return None
    return PAD_Y + lid(box) + TITLE_HEIGHT + (line + 0.5) * LINE_HEIGHT


def written(box: Box, room: float) -> list[Written]:
    """Return the text of a box of a width, cut where it is too long."""
    top, inner = PAD_Y + lid(box), room - 2 * PAD_X
    lines = [Written(fitted(box.title, TITLE, inner, bold=True), top + 15.0, TITLE, bold=True)]
    for place, line in enumerate(box.lines):
        text = fitted(line.text, TEXT, inner, bold=line.strong)
        baseline = top + TITLE_HEIGHT + place * LINE_HEIGHT + 13.0
        lines.append(Written(text, baseline, TEXT, bold=line.strong, gone=line.gone))
    return lines
