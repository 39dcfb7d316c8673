"""A scene as a net: what is in which column, how high it is, and what each link passes on its way."""

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.draw.blocks import WIRE
from stacks.draw.columns import FIRST, columns
from stacks.draw.scene import Box, Link, Place, Scene
from stacks.draw.sizes import PORT, door_centre, text_height


@dataclass(frozen=True)
class Net:
    """Boxes and links with their columns; without what a cloud has, which is not linked.

    Attributes
    ----------
    last
        The last column that is in the cluster.
    outside
        The column of what is outside and called; None where nothing is.
    """

    scene: Scene
    boxes: Mapping[str, Box]
    links: tuple[Link, ...]
    column: Mapping[str, int]
    last: int
    outside: int | None

    @classmethod
    def of(cls, scene: Scene) -> "Net":
        """Return the net of a scene."""
        boxes = {box.key: box for box in scene.boxes if box.place != Place.CLOUD}
        links = tuple(link for link in scene.links if {link.source, link.target} <= boxes.keys())
        column = columns(list(boxes.values()), links)
        outside = next((column[key] for key, box in boxes.items() if box.place == Place.OUTSIDE), None)
        inside = (of for key, of in column.items() if boxes[key].place != Place.OUTSIDE)
        last = outside - 1 if outside else max([FIRST, *inside])
        return cls(scene, boxes, links, column, last, outside)

    @property
    def inner(self) -> range:
        """The columns of the site and of what is below it in the cluster."""
        return range(FIRST, self.last + 1)

    def heights(self) -> dict[str, float]:
        """Return how high each box is: for its text, and for the links on either of its sides."""
        return {key: max(text_height(box), self._links_beside(key) * PORT) for key, box in self.boxes.items()}

    def _links_beside(self, key: str) -> int:
        others = [link.target if link.source == key else link.source for link in self.links_of(key)]
        right = sum(self.column[other] >= self.column[key] for other in others)
        # Two more, for the room above the first and below the last.
        return max(right, len(others) - right) + 2

    def links_of(self, key: str) -> list[Link]:
        """Return the links from or to a box."""
        return [link for link in self.links if key in (link.source, link.target)]

    def stops(self, number: int) -> list[tuple[int, str]]:
        """Return columns and keys of what a link passes, from left to right: its ends, and wires between."""
        link = self.links[number]
        ends = [link.source, link.target]
        if self.column[link.source] > self.column[link.target]:
            ends.reverse()
        first, last = (self.column[key] for key in ends)
        wires = [(column, wire_key(number, column)) for column in range(first + 1, last)]
        return [(first, ends[0]), *wires, (last, ends[1])]

    def anchor(self, link: Link, key: str, heights: Mapping[str, float]) -> float:
        """Return how far below the top of a box, or of a wire, a link is met."""
        if key not in self.boxes:
            return WIRE / 2
        door = door_centre(self.boxes[key], link.door) if key == link.source else None
        return heights[key] / 2 if door is None else door


def wire_key(number: int, column: int) -> str:
    """Return the key of the wire of a link in a column."""
    return f"wire/{number}/{column}"
