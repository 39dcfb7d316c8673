"""What a change would do to one site: frozen records that gates judge and renderers show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, StrEnum

from stacks.resources import PlannedResource


class Absent(Enum):
    """A value that is not there on one side; there is one, `ABSENT`."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        """Return a word."""
        return self.name


ABSENT = Absent.ABSENT


ADDRESS = "/url"
"""The stack's output that says where people go."""


class Impact(IntEnum):
    """What people notice of a change, from nothing to the worst."""

    NONE = 0
    ROLLS_PODS = 1
    INTERRUPTS_USERS = 2
    REPLACES = 3
    LOSES_DATA = 4

    @property
    def words(self) -> str:
        """As people say it."""
        return self.name.lower().replace("_", " ") if self else "no impact"


class Action(StrEnum):
    """What becomes of a resource. One that is renamed or moved and changes as well is updated or replaced."""

    CREATED = "created"
    UPDATED = "updated"
    REPLACED = "replaced"
    DELETED = "deleted"
    RENAMED = "renamed"
    MOVED = "moved"


class Data(StrEnum):
    """What becomes of the data that a resource holds, when it is deleted or replaced."""

    UNTOUCHED = ""
    KEPT = "kept"
    """It stays where it is, and the site no longer uses it (``retain_on_delete``)."""
    REFUSED = "refused"
    """It is protected: ``up`` stops at it; once the protection is lifted it is lost or kept."""
    LOST = "lost"


@dataclass(frozen=True)
class Field:
    """One value that changes.

    Attributes
    ----------
    path
        JSON pointer (RFC 6901) into the inputs; an item of a list of named objects is found by its name, and
        the content of a text that is JSON by its keys. ``/options/…`` are the resource's options.
    before, after
        Values, `ABSENT` on the side that has none; secrets are only ever said to have changed.
    forces
        Whether it cannot change in place, so that the resource is replaced.
    causes
        Titles of the causes that explain it: a name that holds the hash of a file, an image reference.
    """

    path: str
    before: object
    after: object
    forces: bool = False
    causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What becomes of one resource.

    Attributes
    ----------
    urn, type, name
        As it is afterwards, or was if it is deleted.
    kind, object
        What people call it: ``PersistentVolumeClaim``, ``homes``.
    fields
        What changes, in the order of the inputs; empty for what is created or deleted.
    impact, notes
        How bad it is, and why, in sentences.
    data
        What becomes of the data that it holds.
    replaced_with
        URNs of the replaced resources that replace this one with them.
    before_urn
        What it was, where it is renamed or moved.
    before, after
        The resource itself in the two plans; not part of what makes two changes equal.
    """

    action: Action
    urn: str
    type: str
    name: str
    kind: str
    object: str
    fields: tuple[Field, ...] = ()
    impact: Impact = Impact.NONE
    notes: tuple[str, ...] = ()
    data: Data = Data.UNTOUCHED
    replaced_with: tuple[str, ...] = ()
    before_urn: str | None = None
    before: PlannedResource | None = field(default=None, compare=False, repr=False)
    after: PlannedResource | None = field(default=None, compare=False, repr=False)

    @property
    def causes(self) -> tuple[str, ...]:
        """Titles of the causes that explain all of it; none where some of it is its own."""
        if not self.fields or not all(each.causes for each in self.fields):
            return ()
        return tuple(dict.fromkeys(cause for each in self.fields for cause in each.causes))

    def noted(self, impact: Impact, note: str) -> "Change":
        """Return the change with a further consequence: the worst impact counts."""
        return replace(self, impact=max(self.impact, impact), notes=(*self.notes, note))


@dataclass(frozen=True)
class Cause:
    """An image or a configuration file that changes, with all that follows from its hash being in names.

    Attributes
    ----------
    title
        ``image hub``, ``config hub-config``.
    fields
        What changes in it: one reference, or what is in the files by ``/<file>/<key>…``.
    changes
        URNs of the changes that it explains whole.
    """

    title: str
    fields: tuple[Field, ...]
    changes: tuple[str, ...] = ()
    impact: Impact = Impact.NONE
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """All that would become of one site.

    Attributes
    ----------
    site
        The stack's name.
    changes
        In program order; what is deleted comes last, in the order it would be deleted in.
    causes
        What explains some of them.
    outputs
        What changes in the stack's outputs beyond that.
    """

    site: str
    changes: tuple[Change, ...] = ()
    causes: tuple[Cause, ...] = ()
    outputs: tuple[Field, ...] = ()

    @property
    def impact(self) -> Impact:
        """The worst of all; another address is an interruption for everybody."""
        moved = any(each.path == ADDRESS for each in self.outputs)
        least = Impact.INTERRUPTS_USERS if moved else Impact.NONE
        return max([least, *(each.impact for each in self.changes)])

    @property
    def own(self) -> tuple[Change, ...]:
        """The changes that no cause explains."""
        return tuple(each for each in self.changes if not each.causes)

    @property
    def counts(self) -> Mapping[Action, int]:
        """How many resources become what."""
        actions = [each.action for each in self.changes]
        return {action: actions.count(action) for action in Action if action in actions}

    @property
    def empty(self) -> bool:
        """Whether nothing changes at all."""
        return not self.changes and not self.outputs
