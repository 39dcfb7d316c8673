"""A layout: everything in a drawing with its place, in pixels from the top left."""

from dataclasses import dataclass

from stacks.draw.scene import Box, Link


@dataclass(frozen=True)
class Rect:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def moved(self, right: float, down: float) -> "Rect":
        """Return it somewhere else."""
        return Rect(self.x + right, self.y + down, self.width, self.height)

    def overlaps(self, other: "Rect") -> bool:
        """Return whether two have any room in common."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def holds(self, other: "Rect") -> bool:
        """Return whether another is inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True)
class Placed:
    """A box with its place."""

    box: Box
    rect: Rect


@dataclass(frozen=True)
class Frame:
    """What boxes are in; ``kind`` says how it is drawn: outside, cluster, site, layer, runtime, cloud, sort."""

    kind: str
    title: str
    rect: Rect


@dataclass(frozen=True)
class Path:
    """The way of a link: corners of horizontal and vertical lines, from its source to its target."""

    link: Link
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Layout:
    """All of a drawing with its place; frames from the outermost in."""

    width: float
    height: float
    frames: tuple[Frame, ...]
    boxes: tuple[Placed, ...]
    paths: tuple[Path, ...]
