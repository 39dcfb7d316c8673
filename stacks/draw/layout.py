"""Gives everything in a scene its place: columns, then rows, then the ways of links between them."""

from math import ceil

from stacks.draw.cloud_layout import cloud_layout
from stacks.draw.geometry import Layout, Placed, Rect
from stacks.draw.grid import MARGIN, grid
from stacks.draw.metrics import width
from stacks.draw.net import Net
from stacks.draw.rows import rows
from stacks.draw.scene import Place, Scene
from stacks.draw.sizes import HEADING, SUBHEADING
from stacks.draw.ways import heights_of_ends, hops, paths, tracks_of
from stacks.draw.zones import HEAD, TOP, zones

CLOUD_GAP = 26.0
"""Between the cluster and what it is made of."""
CLOUD_WIDTH = 560.0
"""Of what the cluster is made of, at least."""
LEAST_WIDTH = 480.0
"""Of a drawing, so that each entry of the legend has room."""


def layout_of(scene: Scene) -> Layout:
    """Return the places of all that is in a scene."""
    net = Net.of(scene)
    found = rows(net)
    found.packing.shift(TOP + 2 * HEAD)
    parts = hops(net)
    ends = heights_of_ends(net, parts, found)
    tracks = tracks_of(parts, ends)
    columns = grid(net, {channel: max(of.values(), default=-1) + 1 for channel, of in tracks.items()})
    placed = [
        Placed(
            box,
            Rect(
                columns.lefts[net.column[key]],
                found.packing.items[key],
                columns.widths[net.column[key]],
                found.heights[key],
            ),
        )
        for key, box in net.boxes.items()
    ]
    frames = zones(net, found, columns)
    cluster = frames[0].rect
    cloud = [box for box in scene.boxes if box.place == Place.CLOUD]
    cloud_width = max(CLOUD_WIDTH, cluster.width)
    cloud_frames, cloud_boxes = cloud_layout(cloud, cluster.x, cluster.bottom + CLOUD_GAP, cloud_width)
    frames += cloud_frames
    return Layout(
        width=max(LEAST_WIDTH, *(frame.rect.right + MARGIN for frame in frames), *_headings(scene)),
        height=max(frame.rect.bottom for frame in frames) + MARGIN,
        frames=tuple(frames),
        boxes=(*placed, *cloud_boxes),
        paths=tuple(paths(net, parts, ends, tracks, columns)),
    )


def _headings(scene: Scene) -> list[float]:
    """Return how wide a drawing has to be for its title and subtitle."""
    texts = width(scene.title, HEADING, bold=True), width(scene.subtitle, SUBHEADING)
    return [ceil(text) + 2 * MARGIN for text in texts]
