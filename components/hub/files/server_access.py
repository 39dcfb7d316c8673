"""Who may enter what, by their groups: the one rule, which every other door has to follow as well."""

from collections.abc import Collection
from typing import Literal

import site_document

Access = Literal["rw", "ro"]


def space_access(space: site_document.ProjectSpace, groups: Collection[str]) -> Access | None:
    """Return what a member of these groups may do in a project space: who may write anyhow may write."""
    if not space.read_write.isdisjoint(groups):
        return "rw"
    return None if space.read_only.isdisjoint(groups) else "ro"


def collection_access(collection: site_document.Collection, groups: Collection[str]) -> Access | None:
    """Return what a member of these groups may do in a data collection; one without groups is open to everyone."""
    if not collection.read_write.isdisjoint(groups):
        return "rw"
    return "ro" if not collection.groups or not collection.groups.isdisjoint(groups) else None


def software_access(software: site_document.Software, groups: Collection[str]) -> Access:
    """Return what a member of these groups may do with the shared software."""
    return "ro" if software.read_write.isdisjoint(groups) else "rw"
