"""What moved, as records and in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """What became of a resource, seen from what its site's file says."""

    CHANGED = "changed"
    GONE = "gone"
    REPLACED = "would be replaced"
    LEFT_OVER = "no longer in the file"


@dataclass(frozen=True)
class Moved:
    """One resource that is not as the file says.

    Attributes
    ----------
    what
        What people call it: ``Deployment science-demo/hub``.
    fields
        What of it, a line each; secrets only as having changed.
    """

    what: str
    how: How
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class SiteDrift:
    """What moved of one site.

    Attributes
    ----------
    problem
        Why nobody can say, where that is so.
    """

    site: str
    moved: tuple[Moved, ...] = ()
    problem: str | None = None

    @property
    def clean(self) -> bool:
        """Whether the site is as its file says."""
        return not self.moved and self.problem is None


def headline(sites: Iterable[SiteDrift]) -> str:
    """Return what all of it comes to in a sentence."""
    sites = list(sites)
    moved = [each.site for each in sites if each.moved]
    unknown = [each.site for each in sites if each.problem is not None]
    said = [
        *([f"not as its file says: {', '.join(moved)}"] if moved else []),
        *([f"could not be looked at: {', '.join(unknown)}"] if unknown else []),
    ]
    count = f"{len(sites)} site{'' if len(sites) == 1 else 's'}"
    return f"{count}: {'; '.join(said)}." if said else f"{count}, as the files say."


def to_terminal(sites: Iterable[SiteDrift]) -> str:
    """Return what moved, site by site."""
    sites = list(sites)
    lines = [headline(sites)]
    for each in sites:
        lines += ["", f"{each.site} · {'as its file says' if each.clean else 'moved'}", *details(each)]
    return "\n".join(lines) + "\n"


def details(site: SiteDrift) -> list[str]:
    """Return a line for each resource, and one for each of its fields."""
    if site.problem is not None:
        return [f"  could not be looked at: {site.problem}"]
    return [
        line
        for each in site.moved
        for line in (f"  {each.what}: {each.how}", *(f"      {field}" for field in each.fields))
    ]
