"""Gives everything in a scene its place: columns, then rows, then the ways of links between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stacks.draw.align import Tie, align
from stacks.draw.blocks import WIRE, Block, Packing, packed
from stacks.draw.channels import Run, tracks
from stacks.draw.cloud_layout import cloud_layout
from stacks.draw.columns import CLIENTS, FIRST, GATE, columns
from stacks.draw.geometry import Frame, Layout, Path, Placed, Rect
from stacks.draw.metrics import width as text_width
from stacks.draw.order import Pull, ordered
from stacks.draw.ports import End, Hop, Room, Side, meeting_points
from stacks.draw.scene import Box, Link, Place, Scene, Shape
from stacks.draw.sizes import PORT, TEXT, door_centre, natural_width, text_height
from stacks.draw.wires import Span, wire_key, with_wires

MARGIN = 24.0
TOP = 76.0
"""Where the outermost frames begin, below the title."""
ZONE_HEAD = 38.0
PAD = 16.0
FRAME_PAD = 14.0
TRACK = 10.0
ROOM = 16.0
"""Between the tracks of a channel and what is beside them."""
TIER_GAP = 66.0
WIRE_SLACK = 8.0
"""How far a wire may move to be level with where it comes from or goes to: less than a frame's rim."""
CLOUD_GAP = 26.0


@dataclass(frozen=True)
class Grid:
    """The left edge and width of every column, and the left edge of the tracks of every channel."""

    lefts: Mapping[int, float]
    widths: Mapping[int, float]
    track_lefts: Mapping[int, float]


class _Layouter:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.boxes = {box.key: box for box in scene.boxes if box.place != Place.CLOUD}
        self.links = [link for link in scene.links if {link.source, link.target} <= self.boxes.keys()]
        self.column = columns(list(self.boxes.values()), self.links)
        self.data = max(self.column.values(), default=FIRST)
        data = [c for key, c in self.column.items() if self.boxes[key].place == Place.OUTSIDE]
        self.last = max(self.column.values(), default=FIRST)
        self.outside = data[0] if data else None
        self.inner_last = self.outside - 1 if self.outside else self.last
        self.tiered = range(FIRST, self.inner_last + 1)
        self.heights = {key: self._height(box) for key, box in self.boxes.items()}

    def layout(self) -> Layout:
        blocks = ordered(self._blocks(), self.heights, self._pulls(), tiered=self.tiered, tier_gap=TIER_GAP)
        packing = self._packed(blocks, wired=False)
        blocks = with_wires(blocks, packing, self.heights, self._spans(packing, blocks))
        packing = self._packed(blocks, wired=True)
        top = TOP + 2 * ZONE_HEAD
        packing.items = {key: y + top for key, y in packing.items.items()}
        packing.blocks = {key: y + top for key, y in packing.blocks.items()}
        packing.bottom += top
        hops = self._hops()
        at = meeting_points(hops, self._sides(packing), self._rooms(packing))
        runs = self._runs(hops, at)
        found = {channel: tracks(each) for channel, each in runs.items()}
        grid = self._columns_at(found)
        lefts, widths = grid.lefts, grid.widths
        placed = [
            Placed(
                box,
                Rect(
                    lefts[self.column[key]], packing.items[key], widths[self.column[key]], self.heights[key]
                ),
            )
            for key, box in self.boxes.items()
        ]
        frames, inner = self._frames(blocks, packing, grid)
        paths = self._paths(hops, at, found, grid)
        right = max([inner.right, *(frame.rect.right for frame in frames)])
        bottom = max([inner.bottom, *(frame.rect.bottom for frame in frames)])
        cloud = [box for box in self.scene.boxes if box.place == Place.CLOUD]
        more_frames, more = cloud_layout(
            cloud, self.scene.places[Place.CLOUD], inner.x, bottom + CLOUD_GAP, inner.width
        )
        bottom = max([bottom, *(frame.rect.bottom for frame in more_frames)])
        return Layout(
            width=right + MARGIN,
            height=bottom + MARGIN,
            frames=(*frames, *more_frames),
            boxes=(*placed, *more),
            paths=tuple(paths),
        )

    # -- sizes --------------------------------------------------------------------------------------------

    def _turns(self, link: Link) -> bool:
        return self.column[link.source] == self.column[link.target]

    def _height(self, box: Box) -> float:
        right = left = 0
        for link in self.links:
            if box.key not in (link.source, link.target):
                continue
            other = link.target if link.source == box.key else link.source
            if self.column[other] >= self.column[box.key]:
                right += 1
            else:
                left += 1
        return max(text_height(box), max(left, right) * PORT + 2 * PORT)

    # -- rows ---------------------------------------------------------------------------------------------

    def _blocks(self) -> list[Block]:
        result: dict[str, Block] = {}
        for key, box in self.boxes.items():
            column = self.column[key]
            framed = box.place in (Place.SITE, Place.DATA)
            title = box.layer if box.place == Place.SITE else self.scene.places[Place.DATA]
            name = f"layer/{title}" if framed else f"alone/{key}"
            block = result.get(name) or Block(
                key=name,
                cells={},
                title=title if framed else None,
                tier=1 if box.place == Place.CLUSTER else 0,
            )
            result[name] = block.with_cell(column, (*block.cells.get(column, ()), key))
        return list(result.values())

    def _anchor(self, link: Link, key: str) -> float:
        door = door_centre(self.boxes[key], link.door) if key == link.source else None
        return self.heights[key] / 2 if door is None else door

    def _pulls(self) -> list[Pull]:
        return [
            Pull(
                link.source,
                self.column[link.source],
                self._anchor(link, link.source),
                link.target,
                self.column[link.target],
                self._anchor(link, link.target),
            )
            for link in self.links
        ]

    def _stops(self, number: int, link: Link) -> list[tuple[int, str]]:
        """Return what a link passes from left to right: columns and keys."""
        first, last = sorted((self.column[link.source], self.column[link.target]))
        left, right = (
            (link.source, link.target)
            if self.column[link.source] <= self.column[link.target]
            else (link.target, link.source)
        )
        wires = [(column, wire_key(number, column)) for column in range(first + 1, last)]
        return [(first, left), *wires, (last, right)]

    def _ties(self, *, wired: bool) -> dict[str, list[Tie]]:
        ties: dict[str, list[Tie]] = {}
        for number, link in enumerate(self.links):
            stops = [key for _, key in self._stops(number, link)]
            if not wired:
                stops = [stops[0], stops[-1]]
            offsets = [self._anchor(link, key) if key in self.boxes else 1.0 for key in stops]
            pairs = list(zip(stops, offsets, strict=True))
            for (one, own), (two, other) in pairwise(pairs):
                ties.setdefault(one, []).append(Tie(own, two, other))
                ties.setdefault(two, []).append(Tie(other, one, own))
        return ties

    def _packed(self, blocks: Sequence[Block], *, wired: bool) -> Packing:
        packing = packed(blocks, self.heights, tiered=self.tiered, tier_gap=TIER_GAP)
        align(blocks, packing, self.heights, self._ties(wired=wired), self.tiered)
        return packing

    def _spans(self, packing: Packing, blocks: Sequence[Block]) -> list[Span]:
        home = {key: block.key for block in blocks for keys in block.cells.values() for key in keys}
        spans = []
        for number, link in enumerate(self.links):
            (left, one), *wires, (right, two) = self._stops(number, link)
            if wires:
                start = packing.items[one] + self._anchor(link, one)
                end = packing.items[two] + self._anchor(link, two)
                spans.append(Span(number, left, right, start, end, frozenset({home[one], home[two]})))
        return spans

    # -- ways ---------------------------------------------------------------------------------------------

    def _hops(self) -> list[Hop]:
        hops = []
        for number, link in enumerate(self.links):
            stops = self._stops(number, link)
            for (column, one), (other, two) in pairwise(stops):
                turn = column == other
                hops.append(
                    Hop(
                        column,
                        number,
                        End(one, right=True, number=number),
                        End(two, right=turn, number=number),
                    )
                )
        return hops

    def _sides(self, packing: Packing) -> dict[tuple[str, bool], Side]:
        sides = {}
        for key, box in self.boxes.items():
            top = packing.items[key]
            fixed = {
                number: top + centre
                for number, link in enumerate(self.links)
                if link.source == key and (centre := door_centre(box, link.door)) is not None
            }
            for right in (True, False):
                sides[key, right] = Side(top, top + self.heights[key], fixed)
        return sides

    def _rooms(self, packing: Packing) -> dict[str, Room]:
        """Return how far wires may move: half the way to what is above and below, and not out of a frame."""
        stacks: dict[int, list[tuple[float, float, str]]] = {}
        for key, top in packing.items.items():
            column = self.column[key] if key in self.boxes else int(key.rpartition("/")[2])
            stacks.setdefault(column, []).append((top, top + self.heights[key], key))
        rooms = {}
        for stack in stacks.values():
            stack.sort()
            for above, (top, bottom, key), below in zip(
                [None, *stack], stack, [*stack[1:], None], strict=False
            ):
                if key not in self.boxes:
                    low = (above[1] + top) / 2 if above else top
                    high = (below[0] + bottom) / 2 if below else bottom
                    at = top + WIRE / 2
                    rooms[key] = Room(at, max(low, at - WIRE_SLACK), min(high, at + WIRE_SLACK))
        return rooms

    def _runs(self, hops: Sequence[Hop], at: Mapping[End, float]) -> dict[int, list[Run]]:
        runs: dict[int, list[Run]] = {}
        for hop in hops:
            sides = "LL" if hop.two.right else "LR"
            runs.setdefault(hop.channel, []).append(Run(hop.number, at[hop.one], at[hop.two], sides))
        return runs

    def _margins(self, channel: int) -> tuple[float, float]:
        """Return the room that a channel keeps on its left and right for frames."""
        left = FRAME_PAD + ROOM if channel >= FIRST else ROOM
        right = FRAME_PAD + ROOM if channel + 1 >= FIRST else ROOM
        if channel == CLIENTS:
            left, right = PAD + ROOM, PAD + ROOM
        if channel == GATE:
            right += PAD
        if channel == self.inner_last:
            left += 2 * PAD
            right = PAD + ROOM
        return left, right

    def _columns_at(self, found: Mapping[int, Mapping[int, int]]) -> "Grid":
        lefts, widths, track_lefts = {}, {}, {}
        first = min(self.column.values(), default=CLIENTS)
        x = MARGIN + PAD
        for column in range(first, self.last + 1):
            inside = [natural_width(self.boxes[key]) for key, of in self.column.items() if of == column]
            lefts[column], widths[column] = x, max(inside, default=0.0)
            if column == self.outside:
                widths[column] = max(
                    widths[column], text_width(self.scene.places[Place.OUTSIDE], TEXT, bold=True)
                )
            x += widths[column]
            if column < self.last or column == self.inner_last:
                left, right = self._margins(column)
                count = max(found.get(column, {}).values(), default=-1) + 1
                track_lefts[column] = x + left
                x += left + max(0, count - 1) * TRACK + right
        return Grid(lefts, widths, track_lefts)

    def _frames(
        self,
        blocks: Sequence[Block],
        packing: Packing,
        grid: "Grid",
    ) -> tuple[list[Frame], Rect]:
        lefts, widths = grid.lefts, grid.widths
        places = self.scene.places
        ends = {key: packing.items[key] + self.heights[key] for key in packing.items}
        site_top = TOP + ZONE_HEAD
        inner = range(FIRST, self.inner_last + 1)
        site_left = lefts[FIRST] - FRAME_PAD - PAD
        site_right = lefts[self.inner_last] + widths[self.inner_last] + FRAME_PAD + PAD
        site = Rect(site_left, site_top, site_right - site_left, packing.bottom + PAD - site_top)
        below = [ends[key] for key, column in self.column.items() if column in inner or column == GATE]
        bottom = max(
            [
                site.bottom + PAD,
                *(end + PAD for end in below),
                *(end + PAD for key, end in ends.items() if key in self.boxes),
            ]
        )
        cluster_left = lefts[GATE] - PAD if GATE in lefts else site_left - PAD
        cluster = Rect(cluster_left, TOP, site_right + PAD - cluster_left, bottom - TOP)
        frames = [Frame("cluster", places[Place.GATE], cluster)]
        if CLIENTS in lefts:
            frames.append(
                Frame(
                    "outside",
                    places[Place.CLIENTS],
                    Rect(lefts[0] - PAD, TOP, widths[0] + 2 * PAD, bottom - TOP),
                )
            )
        if self.outside:
            x, wide = lefts[self.outside], widths[self.outside]
            frames.append(
                Frame("outside", places[Place.OUTSIDE], Rect(x - PAD, TOP, wide + 2 * PAD, bottom - TOP))
            )
        frames.append(Frame("site", places[Place.SITE], site))
        for block in blocks:
            if block.title is None:
                continue
            x = lefts[block.span[0]] - FRAME_PAD
            right = lefts[block.span[-1]] + widths[block.span[-1]] + FRAME_PAD
            keys = [key for of in block.cells.values() for key in of if key in self.boxes]
            kind = "runtime" if self.boxes[keys[0]].shape == Shape.RUNTIME else "layer"
            frames.append(
                Frame(
                    kind,
                    block.title,
                    Rect(x, packing.blocks[block.key], right - x, packing.heights[block.key]),
                )
            )
        return frames, cluster

    def _paths(
        self,
        hops: Sequence[Hop],
        at: Mapping[End, float],
        found: Mapping[int, Mapping[int, int]],
        grid: "Grid",
    ) -> list[Path]:
        lefts, widths, track_lefts = grid.lefts, grid.widths, grid.track_lefts
        points: dict[int, list[tuple[float, float]]] = {}
        for hop in hops:
            start = lefts[hop.channel] + widths[hop.channel]
            end = start if hop.two.right else lefts[hop.channel + 1]
            one, two = at[hop.one], at[hop.two]
            track = found[hop.channel].get(hop.number)
            middle = (
                [] if track is None else [(track_lefts[hop.channel] + track * TRACK, y) for y in (one, two)]
            )
            points.setdefault(hop.number, []).extend([(start, one), *middle, (end, two)])
        paths = []
        for number, link in enumerate(self.links):
            way = _corners(points[number])
            if self._stops(number, link)[0][1] != link.source:
                way = way[::-1]
            paths.append(Path(link, tuple(way)))
        return paths


def _corners(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a way without the points that are in the middle of a straight part of it."""
    result: list[tuple[float, float]] = []
    for point in points:
        if result and point == result[-1]:
            continue
        if len(result) > 1 and (
            result[-2][0] == result[-1][0] == point[0] or result[-2][1] == result[-1][1] == point[1]
        ):
            result[-1] = point
        else:
            result.append(point)
    return result


def layout_of(scene: Scene) -> Layout:
    """Return the places of all that is in a scene."""
    return _Layouter(scene).layout()
