"""The ways of links: from the side of a box, through channels and past columns, to the side of another."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from stacks.draw.apart import kept_apart
from stacks.draw.blocks import WIRE
from stacks.draw.channels import Run, tracks
from stacks.draw.geometry import Path
from stacks.draw.grid import TRACK, Grid
from stacks.draw.net import Net
from stacks.draw.ports import RIM, End, Hop, Room, Side, meeting_points
from stacks.draw.rows import Rows
from stacks.draw.sizes import door_centre

WIRE_SLACK = 8.0
"""How far a wire may move to be level with where it comes from or goes to: less than a frame's rim."""

Point = tuple[float, float]
Tracks = Mapping[int, Mapping[int, int]]
"""By channel and number of the link; straight links have none."""


def hops(net: Net) -> list[Hop]:
    """Return the parts of all links, one for each channel that they are in."""
    found = []
    for number in range(len(net.links)):
        for (column, one), (other, two) in pairwise(net.stops(number)):
            # Within a column, a link leaves and arrives on the right.
            turns = column == other
            ends = End(one, right=True, number=number), End(two, right=turns, number=number)
            found.append(Hop(column, number, *ends))
    return found


def heights_of_ends(net: Net, parts: Sequence[Hop], rows: Rows) -> dict[End, float]:
    """Return where links meet boxes and wires."""
    sides, bounds = {}, {}
    for key, box in net.boxes.items():
        top = rows.packing.items[key]
        fixed = {
            number: top + centre
            for number, link in enumerate(net.links)
            if link.source == key and (centre := door_centre(box, link.door)) is not None
        }
        for right in (True, False):
            sides[key, right] = Side(top, top + rows.heights[key], fixed)
    rooms = _rooms(net, rows)
    at = meeting_points(parts, sides, rooms)
    for end, y in at.items():
        if end.key in rooms:
            bounds[end] = rooms[end.key].low, rooms[end.key].high
        else:
            side = sides[end.key, end.right]
            bounds[end] = (y, y) if end.number in side.fixed else (side.top + RIM / 2, side.bottom - RIM / 2)
    return kept_apart(parts, at, bounds)


def _rooms(net: Net, rows: Rows) -> dict[str, Room]:
    """Return how far wires may move: half the way to what is above and below, and not out of a frame."""
    stacks: dict[int, list[tuple[float, float, str]]] = {}
    for key, top in rows.packing.items.items():
        column = net.column[key] if key in net.boxes else int(key.rpartition("/")[2])
        stacks.setdefault(column, []).append((top, top + rows.heights[key], key))
    rooms = {}
    for stack in stacks.values():
        stack.sort()
        for place, (top, bottom, key) in enumerate(stack):
            if key in net.boxes:
                continue
            at = top + WIRE / 2
            above = (stack[place - 1][1] + top) / 2 if place else top
            below = (stack[place + 1][0] + bottom) / 2 if place + 1 < len(stack) else bottom
            rooms[key] = Room(at, max(above, at - WIRE_SLACK), min(below, at + WIRE_SLACK))
    return rooms


def tracks_of(parts: Sequence[Hop], at: Mapping[End, float]) -> Tracks:
    """Return the tracks that links take in the channels."""
    runs: dict[int, list[Run]] = {}
    for hop in parts:
        run = Run(hop.number, at[hop.one], at[hop.two], turns=hop.two.right)
        runs.setdefault(hop.channel, []).append(run)
    return {channel: tracks(found) for channel, found in runs.items()}


def paths(net: Net, parts: Sequence[Hop], at: Mapping[End, float], found: Tracks, grid: Grid) -> list[Path]:
    """Return the ways of all links, in their order."""
    points: dict[int, list[Point]] = {}
    for hop in parts:
        start = grid.right(hop.channel)
        end = start if hop.two.right else grid.lefts[hop.channel + 1]
        heights = at[hop.one], at[hop.two]
        track = found[hop.channel].get(hop.number)
        x = grid.tracks[hop.channel] + (track or 0) * TRACK
        bends = [] if track is None else [(x, y) for y in heights]
        points.setdefault(hop.number, []).extend([(start, heights[0]), *bends, (end, heights[1])])
    result = []
    for number, link in enumerate(net.links):
        way = corners(points[number])
        forward = net.stops(number)[0][1] == link.source
        result.append(Path(link, tuple(way if forward else way[::-1])))
    return result


def corners(points: Sequence[Point]) -> list[Point]:
    """Return a way without the points that are in the middle of a straight part of it."""
    result: list[Point] = []
    for point in points:
        if result and point == result[-1]:
            continue
        before = result[-2:]
        if len(before) > 1 and any(before[0][axis] == before[1][axis] == point[axis] for axis in (0, 1)):
            result[-1] = point
        else:
            result.append(point)
    return result
