"""The state of a journey under way: who is signed in, which servers run, what is to be cleaned up."""

import json
import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from stacks.journey.client import HubClient
from stacks.journey.errors import JourneyError
from stacks.journey.offer import Offer
from stacks.journey.people import Cast, Person


class SkippedError(Exception):
    """A check that does not apply here; the text says why."""


def expect(true: object, otherwise: str) -> None:
    """Raise `JourneyError` with the text ``otherwise``, unless ``true``."""
    if not true:
        raise JourneyError(otherwise)


def given(person: Person | None, part: str) -> Person:
    """Return the person, or skip the check for lack of one."""
    if person is None:
        raise SkippedError(f"nobody given who is {part}")
    return person


@dataclass
class Day:
    """A journey under way; `close` gives everything back.

    Parameters
    ----------
    marker
        Name that no one else uses: the journey's folder in the home, its file in the project space.
    notes
        What one step found that a later one needs.
    """

    offer: Offer
    cast: Cast
    marker: str = field(default_factory=lambda: f"journey-{secrets.token_hex(4)}")
    hubs: dict[str, HubClient] = field(default_factory=dict)
    started: list[tuple[Person, str]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def hub(self, person: Person) -> HubClient:
        """Return the person's way to the hub, signed in at the first call."""
        if person.name not in self.hubs:
            client = self._open.enter_context(HubClient(self.offer.route, self.offer.url))
            client.sign_in(person.sign_in)
            self.hubs[person.name] = client
        return self.hubs[person.name]

    def profile(self, person: Person) -> str:
        """Return the smallest profile that is open to the person."""
        profiles = self.offer.profiles
        mine = [name for name, profile in profiles.items() if profile.open_to(person.groups)]
        expect(mine, f"no profile is open to {person.name}")
        return min(mine, key=lambda name: (profiles[name].memory, profiles[name].cpu))

    def start(self, person: Person, *, profile: str | None = None, name: str = "") -> float:
        """Start a server for the person, and return the seconds until it was ready."""
        seconds = self.hub(person).spawn(profile or self.profile(person), name=name)
        self.started.append((person, name))
        return seconds

    def stop(self, person: Person, name: str = "") -> float:
        """Stop a server that this journey started, and return the seconds until it was gone."""
        seconds = self.hub(person).stop(name, remove=bool(name))
        self.started.remove((person, name))
        return seconds

    def running(self, person: Person | None, part: str) -> Person:
        """Return the person, with the unnamed server running; skip the check for lack of a person."""
        someone = given(person, part)
        if (someone, "") not in self.started:
            self.start(someone)
        return someone

    def ask(self, person: Person, code: str, *, timeout: float = 60) -> Any:  # noqa: ANN401 - whatever it prints
        """Run a probe in a kernel of the person's server, and return the JSON that it prints last."""
        with self.hub(person).server() as server:
            return json.loads(server.run(code, timeout=timeout).strip().splitlines()[-1])

    def close(self) -> None:
        """Stop every server that was started, sign off, and close all connections.

        Raises
        ------
        JourneyError
            Something could not be given back.
        """
        left = []
        for person, name in list(self.started):
            try:
                self.stop(person, name)
            except Exception as error:  # noqa: BLE001 - the others are to be stopped whatever goes wrong
                left.append(f"{person.name}'s server {name!r} ({error})")
        self._open.close()
        expect(not left, f"could not be stopped: {', '.join(left)}")
