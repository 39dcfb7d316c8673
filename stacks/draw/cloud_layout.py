"""Places of what a cluster is made of: frames by sort, boxes in rows within, side by side as they fit."""

from collections.abc import Sequence
from math import ceil, sqrt

from stacks.draw.geometry import Frame, Placed, Rect
from stacks.draw.metrics import width as text_width
from stacks.draw.scene import Box
from stacks.draw.sizes import TEXT, natural_width, text_height

GAP, HEAD, PAD = 14.0, 32.0, 14.0
BETWEEN = 18.0
BROADEST = 4
"""Boxes side by side in a frame, at most, where the room allows as many."""


def cloud_layout(
    boxes: Sequence[Box], title: str, left: float, top: float, width: float
) -> tuple[list[Frame], list[Placed]]:
    """Return frames and boxes, all of them within a width; nothing where there are no boxes."""
    if not boxes:
        return [], []
    sorts = list(dict.fromkeys(box.layer for box in boxes))
    frames: list[Frame] = []
    placed: list[Placed] = []
    x, y, row = left + PAD, top + HEAD, 0.0
    for sort in sorts:
        members = [box for box in boxes if box.layer == sort]
        inner = _grid(members, width - 4 * PAD)
        size = _size(inner, sort)
        if x + size[0] > left + width - PAD and x > left + PAD:
            x, y, row = left + PAD, y + row + BETWEEN, 0.0
        frames.append(Frame("sort", sort, Rect(x, y, *size)))
        placed += [
            Placed(
                each.box,
                Rect(x + PAD + each.rect.x, y + HEAD + each.rect.y, each.rect.width, each.rect.height),
            )
            for each in inner
        ]
        x, row = x + size[0] + BETWEEN, max(row, size[1])
    whole = Frame("cloud", title, Rect(left, top, width, y + row + PAD - top))
    return [whole, *frames], placed


def _grid(boxes: Sequence[Box], room: float) -> list[Placed]:
    wide = max(natural_width(box) for box in boxes)
    across = min(max(1, int((room + GAP) // (wide + GAP))), max(BROADEST, ceil(sqrt(len(boxes)))), len(boxes))
    placed, y = [], 0.0
    for start in range(0, len(boxes), across):
        row = boxes[start : start + across]
        high = max(text_height(box) for box in row)
        placed += [Placed(box, Rect(place * (wide + GAP), y, wide, high)) for place, box in enumerate(row)]
        y += high + GAP
    return placed


def _size(inner: Sequence[Placed], title: str) -> tuple[float, float]:
    wide = max(*(each.rect.right for each in inner), text_width(title, TEXT, bold=True))
    return wide + 2 * PAD, max(each.rect.bottom for each in inner) + HEAD + PAD
