"""The frames of a drawing: outside, cluster, namespace, and the layers in it."""

from stacks.draw.blocks import Block
from stacks.draw.columns import CLIENTS, FIRST, GATE
from stacks.draw.geometry import Frame, Rect
from stacks.draw.grid import FRAME_PAD, ZONE_PAD, Grid
from stacks.draw.net import Net
from stacks.draw.rows import Rows
from stacks.draw.scene import Place, Shape

TOP = 76.0
"""Where the outermost frames begin, below the title."""
HEAD = 38.0
"""Room for the title of a frame."""


def zones(net: Net, rows: Rows, grid: Grid) -> list[Frame]:
    """Return all frames, the cluster's first."""
    places = net.scene.places
    site = _site(rows, grid, net)
    ends = [rows.packing.items[key] + rows.heights[key] for key in net.boxes]
    bottom = max([site.bottom, *ends]) + ZONE_PAD
    left = grid.lefts.get(GATE, site.x)
    cluster = Rect(left - ZONE_PAD, TOP, site.right + 2 * ZONE_PAD - left, bottom - TOP)
    frames = [Frame("cluster", places.get(Place.GATE, ""), cluster)]
    for column, place in ((CLIENTS, Place.CLIENTS), (net.outside, Place.OUTSIDE)):
        if column is not None and column in grid.lefts:
            rect = Rect(grid.lefts[column] - ZONE_PAD, TOP, grid.widths[column] + 2 * ZONE_PAD, bottom - TOP)
            frames.append(Frame("outside", places.get(place, ""), rect))
    frames.append(Frame("site", places.get(Place.SITE, ""), site))
    return [*frames, *(_layer(block, net, rows, grid) for block in rows.blocks if block.title is not None)]


def _site(rows: Rows, grid: Grid, net: Net) -> Rect:
    left = grid.lefts[FIRST] - FRAME_PAD - ZONE_PAD
    right = grid.right(net.last) + FRAME_PAD + ZONE_PAD
    bottom = max(rows.packing.bottom, TOP + 2 * HEAD) + ZONE_PAD
    return Rect(left, TOP + HEAD, right - left, bottom - TOP - HEAD)


def _layer(block: Block, net: Net, rows: Rows, grid: Grid) -> Frame:
    left = grid.lefts[block.span[0]] - FRAME_PAD
    right = grid.right(block.span[-1]) + FRAME_PAD
    shapes = {net.boxes[key].shape for keys in block.cells.values() for key in keys if key in net.boxes}
    kind = "runtime" if Shape.RUNTIME in shapes else "layer"
    rect = Rect(left, rows.packing.blocks[block.key], right - left, rows.packing.heights[block.key])
    return Frame(kind, block.title or "", rect)
