"""Limits: one server too many, or too large, is refused in words that a user understands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Literal

from stacks.journey.day import Day, SkippedError, expect
from stacks.journey.errors import JourneyError, RefusedError
from stacks.journey.offer import Limits, Profile

Limit = Literal["servers", "cpu", "memory"]

MAX_EXTRA = 1
"""Servers to start only to fill a limit: each takes a node's memory and half a minute."""


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A way beyond one limit: the profiles to start first, and the one to be refused then."""

    fill: tuple[str, ...]
    refused: str


def breach(
    limit: Limit,
    profiles: Mapping[str, Profile],
    limits: Limits,
    running: tuple[str, ...],
    extra: int = MAX_EXTRA,
) -> Breach | None:
    """Return the smallest way beyond ``limit`` and within all others, or None where there is none.

    Parameters
    ----------
    profiles
        Profiles that the user may choose.
    running
        Profiles of the servers that run already.
    extra
        How many servers may be started to get there.
    """
    names = sorted(profiles, key=lambda name: (profiles[name].memory, profiles[name].cpu, name))
    for count in range(extra + 1):
        for fill in combinations_with_replacement(names, count):
            held = [profiles[name] for name in (*running, *fill)]
            for name in names:
                if not set(_exceeded(held, limits)) and set(_exceeded([*held, profiles[name]], limits)) == {
                    limit
                }:
                    return Breach(fill=fill, refused=name)
    return None


def _exceeded(held: list[Profile], limits: Limits) -> Iterator[Limit]:
    if len(held) > limits.servers:
        yield "servers"
    if limits.cpu is not None and sum(profile.cpu for profile in held) > limits.cpu:
        yield "cpu"
    if limits.memory is not None and sum(profile.memory for profile in held) > limits.memory:
        yield "memory"


def allowances(limit: Limit, limits: Limits) -> tuple[str, ...]:
    """Return what the user is allowed, as a refusal must say it: ``2 servers``, ``2 cores`` or ``6 GiB``.

    Of servers, JupyterHub counts those with a name apart: they are one less than all.
    """
    if limit == "servers":
        return (f"{limits.servers} servers", f"{limits.servers - 1} named servers")
    if limit == "cpu":
        return (f"{limits.cpu:g} cores",)
    return (f"{(limits.memory or 0) / 2**30:.3g} GiB",)


def servers_limited(day: Day) -> str:
    """Check that one server more than a user may have is refused."""
    return _refused(day, "servers")


def memory_limited(day: Day) -> str:
    """Check that more memory than a user may have is refused."""
    return _refused(day, "memory")


def _refused(day: Day, limit: Limit) -> str:
    traveller, limits = day.cast.traveller, day.offer.limits
    if limit == "memory" and limits.memory is None:
        raise SkippedError("no such limit here")
    mine = {name: each for name, each in day.offer.profiles.items() if each.open_to(traveller.groups)}
    way = breach(limit, mine, limits, (day.profile(traveller),))
    if way is None:
        raise SkippedError(f"more than {MAX_EXTRA} further server would have to start first")
    filled = [f"{day.marker}-{number}" for number in range(len(way.fill))]
    try:
        for name, profile in zip(filled, way.fill, strict=True):
            day.start(traveller, profile=profile, name=name)
        reason = _reason(day, way.refused)
    finally:
        for person, name in list(day.started):
            if person == traveller and name in filled:
                day.stop(person, name)
    said = any(allowance in reason for allowance in allowances(limit, limits))
    expect(said, f"the refusal does not say what is allowed: {reason}")
    return reason


def _reason(day: Day, profile: str) -> str:
    """Ask for a server that must be refused, and return what the user is told."""
    traveller, name = day.cast.traveller, f"{day.marker}-refused"
    try:
        day.start(traveller, profile=profile, name=name)
    except RefusedError as error:
        day.hub(traveller).forget(name)
        return error.reason
    day.stop(traveller, name)
    raise JourneyError("a server beyond the limit was started")
