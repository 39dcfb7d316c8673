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
    boxes: Sequence[Box], left: float, top: float, width: float
) -> tuple[list[Frame], list[Placed]]:
    """Return frames and boxes, a frame for each cloud, all of them within a width."""
    frames: list[Frame] = []
    placed: list[Placed] = []
    for cloud in dict.fromkeys(box.cloud for box in boxes):
        members = [box for box in boxes if box.cloud == cloud]
        outer, more = _cloud(cloud, members, left, top, width)
        frames += outer
        placed += more
        top = outer[0].rect.bottom + BETWEEN
    return frames, placed


def _cloud(
    title: str, boxes: Sequence[Box], left: float, top: float, width: float
) -> tuple[list[Frame], list[Placed]]:
    frames: list[Frame] = []
    placed: list[Placed] = []
    x, y, row = left + PAD, top + HEAD, 0.0
    for sort in dict.fromkeys(box.layer for box in boxes):
        inner = _grid([box for box in boxes if box.layer == sort], width - 4 * PAD)
        size = _size(inner, sort)
        if x + size[0] > left + width - PAD and x > left + PAD:
            x, y, row = left + PAD, y + row + BETWEEN, 0.0
        frames.append(Frame("sort", sort, Rect(x, y, *size)))
        placed += [Placed(each.box, each.rect.moved(x + PAD, y + HEAD)) for each in inner]
        x, row = x + size[0] + BETWEEN, max(row, size[1])
    return [Frame("cloud", title, Rect(left, top, width, y + row + PAD - top)), *frames], placed


def _grid(boxes: Sequence[Box], room: float) -> list[Placed]:
    wide = max(natural_width(box) for box in boxes)
    most = max(1, int((room + GAP) // (wide + GAP)))
    across = min(most, max(BROADEST, ceil(2 * sqrt(len(boxes)))), len(boxes))
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
