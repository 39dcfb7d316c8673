"""Who goes on a journey, and which part each of them has."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stacks.journey.errors import JourneyError
from stacks.journey.offer import Space
from stacks.journey.signin import PasswordSignIn, ProviderSignIn, SignIn


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who can sign in: how, and the groups that the site knows them to be in."""

    sign_in: SignIn
    groups: frozenset[str] = frozenset()
    admin: bool = False

    @property
    def name(self) -> str:
        """The user's name."""
        return self.sign_in.username


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The parts of a journey; one person may have several, and a part may be nobody's.

    Parameters
    ----------
    traveller
        Who works: the one whose files and server others must not reach.
    other
        Another user, not an admin.
    space
        A project space that the traveller may change; None where there is none.
    reader
        Who may read the space but not change it.
    outsider
        Who may not see it.
    """

    traveller: Person
    other: Person | None = None
    space: str | None = None
    reader: Person | None = None
    outsider: Person | None = None


def cast_of(people: Sequence[Person], spaces: Mapping[str, Space]) -> Cast:
    """Give the parts so that as few people as possible are needed.

    Raises
    ------
    JourneyError
        There is nobody.
    """
    if not people:
        raise JourneyError("a journey needs at least one person who can sign in")
    ordinary = [person for person in people if not person.admin] or list(people)
    traveller, space = next(
        (
            (person, name)
            for person in ordinary
            for name, each in spaces.items()
            if each.writable_by(person.groups)
        ),
        (ordinary[0], None),
    )
    rest = [person for person in ordinary if person != traveller]
    others = [*rest, *(person for person in people if person != traveller and person not in rest)]
    reader = outsider = None
    if space is not None:
        shared = spaces[space]
        reader = _first(
            person
            for person in others
            if shared.readable_by(person.groups) and not shared.writable_by(person.groups)
        )
        outsider = _first(person for person in others if not shared.readable_by(person.groups))
    other = _first(person for person in (reader, outsider, *rest) if person and not person.admin)
    return Cast(traveller=traveller, other=other, space=space, reader=reader, outsider=outsider)


def _first(found: Iterable[Person]) -> Person | None:
    return next(iter(found), None)


def shared_password_people(record: Mapping[str, Any], *, users: str, admins: str) -> list[Person]:
    """Return the people of a site with shared passwords.

    Parameters
    ----------
    record
        The site's capability record.
    users, admins
        The password of all users, and that of the admins; secret.
    """
    return [
        Person(
            sign_in=PasswordSignIn(name, admins if user["admin"] else users),
            groups=frozenset(user["groups"]),
            admin=user["admin"],
        )
        for name, user in record["signIn"]["users"].items()
    ]


def people_from(text: str) -> list[Person]:
    """Read the people of a site with an identity provider: accounts kept for journeys.

    Parameters
    ----------
    text
        JSON: ``[{"username": …, "groups": […], "admin": false, "answers": {field of the provider's form:
        what to fill in}}]``; secret.

    Raises
    ------
    JourneyError
        It is something else.
    """
    try:
        return [
            Person(
                sign_in=ProviderSignIn(each["username"], dict(each["answers"])),
                groups=frozenset(each.get("groups", [])),
                admin=bool(each.get("admin", False)),
            )
            for each in json.loads(text)
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        shape = '[{"username": "…", "groups": ["…"], "answers": {"<form field>": "<answer>"}}]'
        raise JourneyError(f"the accounts for a journey must be JSON like {shape}") from None
