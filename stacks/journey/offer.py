"""What a site says of itself: the parts of its capability record that a journey goes by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.fields import bytes_of
from stacks.journey.route import Route


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A kind of server: limits in cores and bytes, and the groups that may choose it (empty for everyone)."""

    cpu: float
    memory: int
    groups: frozenset[str] = frozenset()

    def open_to(self, groups: frozenset[str]) -> bool:
        """Return whether a member of ``groups`` may choose it."""
        return not self.groups or not self.groups.isdisjoint(groups)


@dataclass(frozen=True, kw_only=True)
class Space:
    """A project space: the groups that may change files, and those that may read them."""

    read_write: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()

    def writable_by(self, groups: frozenset[str]) -> bool:
        """Return whether a member of ``groups`` may change files."""
        return not self.read_write.isdisjoint(groups)

    def readable_by(self, groups: frozenset[str]) -> bool:
        """Return whether a member of ``groups`` may read files."""
        return self.writable_by(groups) or not self.read_only.isdisjoint(groups)


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A data collection: the groups that may read it (empty for everyone), and those that may change it."""

    groups: frozenset[str] = frozenset()
    read_write: frozenset[str] = frozenset()

    def writable_by(self, groups: frozenset[str]) -> bool:
        """Return whether a member of ``groups`` may change it."""
        return not self.read_write.isdisjoint(groups)

    def readable_by(self, groups: frozenset[str]) -> bool:
        """Return whether a member of ``groups`` may read it."""
        return self.writable_by(groups) or not self.groups or not self.groups.isdisjoint(groups)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one user may have at a time: servers, cores, bytes; None where there is no limit."""

    servers: int
    cpu: float | None = None
    memory: int | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a site offers, and the way there."""

    site: str
    url: str
    route: Route
    profiles: Mapping[str, Profile]
    limits: Limits
    spaces: Mapping[str, Space] = field(default_factory=dict)
    scratch: bool = False
    installers: frozenset[str] | None = None
    """Groups that change the shared software; None where there is none."""

    collections: Mapping[str, Collection] = field(default_factory=dict)
    doors: Mapping[str, str] = field(default_factory=dict)
    """URLs of the site's doors, by name."""

    network_policy: bool = False

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Offer":
        """Read a capability record (the stack's outputs; `stacks.record`).

        ``resolve`` may be there as well: host names to the addresses where they are to be found.
        """
        limits = record["limits"]
        return cls(
            site=record["site"],
            url=record["url"],
            route=Route(addresses=record.get("resolve") or {}, authority=record.get("caCertificate")),
            profiles={
                name: Profile(
                    cpu=profile["cpu"],
                    memory=bytes_of(profile["memory"]),
                    groups=frozenset(profile["groups"]),
                )
                for name, profile in record["profiles"].items()
            },
            limits=Limits(
                servers=limits["servers"],
                cpu=limits["cpu"],
                memory=bytes_of(limits["memory"]) if limits["memory"] else None,
            ),
            spaces={
                name: Space(read_write=frozenset(space["readWrite"]), read_only=frozenset(space["readOnly"]))
                for name, space in record["projects"].items()
            },
            scratch=record.get("scratch") is not None,
            installers=frozenset(record["software"]["readWrite"]) if record.get("software") else None,
            collections={
                name: Collection(groups=frozenset(each["groups"]), read_write=frozenset(each["readWrite"]))
                for name, each in record.get("data", {}).items()
            },
            doors={name: door["url"] for name, door in record.get("doors", {}).items()},
            network_policy=record["capabilities"]["networkPolicy"],
        )
