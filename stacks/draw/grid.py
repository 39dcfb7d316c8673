"""Where columns are, horizontally, and the channels between them."""

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.draw.columns import CLIENTS, FIRST, GATE
from stacks.draw.metrics import width
from stacks.draw.net import Net
from stacks.draw.scene import Place
from stacks.draw.sizes import TEXT, natural_width

MARGIN = 20.0
"""Around everything."""
ZONE_PAD = 13.0
"""Between the rim of a zone and what is in it."""
FRAME_PAD = 12.0
"""Between the rim of a layer's frame and its boxes."""
TRACK = 9.0
"""Between two vertical lines."""
ROOM = 12.0
"""Between the vertical lines of a channel and what is beside them."""


@dataclass(frozen=True)
class Grid:
    """The left edge and width of every column, and the left edge of the tracks of every channel."""

    lefts: Mapping[int, float]
    widths: Mapping[int, float]
    tracks: Mapping[int, float]

    def right(self, column: int) -> float:
        """Return the right edge of a column."""
        return self.lefts[column] + self.widths[column]


def grid(net: Net, tracks: Mapping[int, int]) -> Grid:
    """Return the grid of a net.

    Parameters
    ----------
    tracks
        How many tracks each channel has; the channel to the right of a column has the column's number.
    """
    lefts, widths, track_lefts = {}, {}, {}
    x = MARGIN + ZONE_PAD
    last = net.last if net.outside is None else net.outside
    for column in range(min([FIRST, *net.column.values()]), last + 1):
        lefts[column], widths[column] = x, _width(net, column)
        left, right = _margins(net, column)
        track_lefts[column] = x + widths[column] + left
        x = track_lefts[column] + max(0, tracks.get(column, 0) - 1) * TRACK + right
    return Grid(lefts, widths, track_lefts)


def _width(net: Net, column: int) -> float:
    boxes = [natural_width(net.boxes[key]) for key, of in net.column.items() if of == column]
    titles = {CLIENTS: Place.CLIENTS, net.outside: Place.OUTSIDE}
    title = net.scene.places.get(titles[column], "") if column in titles else ""
    return max([0.0, width(title, TEXT, bold=True), *boxes])


def _margins(net: Net, channel: int) -> tuple[float, float]:
    """Return the room that a channel keeps on its left and right for the rims of frames and zones."""
    if channel == CLIENTS:
        return ZONE_PAD + ROOM, ZONE_PAD + ROOM
    if channel == GATE:
        return ROOM, FRAME_PAD + ZONE_PAD + ROOM
    if channel == net.last:
        return FRAME_PAD + 2 * ZONE_PAD + ROOM, ZONE_PAD + ROOM
    return FRAME_PAD + ROOM, FRAME_PAD + ROOM
