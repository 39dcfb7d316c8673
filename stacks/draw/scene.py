"""What a drawing says, before anything has a place: boxes, what they are in, and the links between them."""

from dataclasses import dataclass, field
from enum import StrEnum


class Place(StrEnum):
    """Where a box is, as far as trust goes; in the order in which people come through."""

    CLIENTS = "clients"
    """Outside, coming in."""
    GATE = "gate"
    """In the cluster, not the site's: what lets people in, and who else may call."""
    SITE = "site"
    """The site's own namespaces."""
    DATA = "data"
    """Volumes, in the same namespaces."""
    CLUSTER = "cluster"
    """In the cluster, not the site's, and called by it."""
    OUTSIDE = "outside"
    """Outside, called by the site."""
    CLOUD = "cloud"
    """What the cluster itself is made of."""


class Shape(StrEnum):
    """What a box stands for."""

    PEOPLE = "people"
    ENTRY = "entry"
    PODS = "pods"
    RUNTIME = "runtime"
    """Pods that the plan only knows by the policy for them: they are made when people ask for them."""
    JOB = "job"
    VOLUME = "volume"
    DATABASE = "database"
    SERVICE = "service"
    NETWORK = "network"
    RESOURCE = "resource"


class Way(StrEnum):
    """What goes along a link."""

    TRAFFIC = "traffic"
    WRITE = "write"
    """A volume mounted read-write."""
    READ = "read"
    """A volume mounted read-only."""
    CONTROL = "control"
    """Rights on the cluster's API."""


class State(StrEnum):
    """What becomes of something between two plans."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Line:
    """A line of text in a box, below its title.

    Attributes
    ----------
    gone
        Whether it is no longer so.
    door
        What links that leave from this very line say; empty where none does.
    """

    text: str
    strong: bool = False
    gone: bool = False
    door: str = ""


@dataclass(frozen=True, kw_only=True)
class Box:
    """One thing in the drawing.

    Attributes
    ----------
    key
        Unique in the scene, the same for the same thing in another plan of the site.
    layer
        Name of the frame that it is in.
    cloud
        Name of the cloud whose it is.
    urn
        The planned resource that it shows, where there is one.
    notes
        What is only told on asking (a tooltip), and to those who do not see.
    """

    key: str
    title: str
    shape: Shape
    place: Place
    layer: str = ""
    cloud: str = ""
    lines: tuple[Line, ...] = ()
    urn: str | None = None
    notes: tuple[str, ...] = ()
    state: State = State.SAME


@dataclass(frozen=True, kw_only=True)
class Link:
    """Something that goes from one box to another.

    Attributes
    ----------
    labels
        What goes there, such as ports; told on asking.
    door
        Which line of the source it leaves from; empty for the box as a whole.
    both
        Whether the same goes the other way as well.
    """

    source: str
    target: str
    way: Way
    labels: tuple[str, ...] = ()
    door: str = ""
    both: bool = False
    state: State = State.SAME


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All of a drawing.

    Attributes
    ----------
    places
        What the frame of each place says.
    """

    title: str
    subtitle: str = ""
    boxes: tuple[Box, ...] = ()
    links: tuple[Link, ...] = ()
    places: dict[Place, str] = field(default_factory=dict)
    compared: bool = False
