"""What other layers know of a site's storage: its claims, and who may enter what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.storage.spec import ProjectSpaceSpec


@dataclass(frozen=True, kw_only=True)
class Software:
    """The volume of shared software: everyone reads it, members of some groups change it."""

    claim: str
    read_write: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A data collection.

    Parameters
    ----------
    claim
        Claim whose root is the collection.
    title
        What it is.
    groups
        Groups whose members may read it; empty for everyone.
    read_write
        Groups whose members may change it in their servers; everywhere else it is read only.
    """

    claim: str
    title: str = ""
    groups: Sequence[str] = ()
    read_write: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """What other layers know of a site's storage; all files in it belong to user and group 1000.

    Parameters
    ----------
    homes
        Claim with one folder per user.
    projects
        Claim with one folder per project space; None where the site has none.
    spaces
        Project spaces by name.
    scratch
        Claim with one folder per user, cleaned by age; None where the site has none.
    software
        Shared software; None where the site has none.
    collections
        Data collections by name.
    """

    homes: str
    projects: str | None = None
    spaces: Mapping[str, ProjectSpaceSpec] = field(default_factory=dict)
    scratch: str | None = None
    software: Software | None = None
    collections: Mapping[str, Collection] = field(default_factory=dict)
