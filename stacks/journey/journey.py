"""The journey: its steps in their order, and how they are run."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from infra.progress import Progress
from stacks.journey.checks import files, isolation, limits, objects, pod, spaces, volumes, work
from stacks.journey.day import Day, SkippedError
from stacks.journey.errors import JourneyError
from stacks.journey.offer import Offer
from stacks.journey.people import Person, cast_of
from stacks.journey.report import Report, Step


@dataclass(frozen=True)
class Plan:
    """One step before it is taken.

    Parameters
    ----------
    title
        What is true when it passes.
    check
        Does it, and returns what was seen.
    vital
        Whether all that follows makes no sense without it.
    """

    title: str
    check: Callable[[Day], str]
    vital: bool = False


JOURNEY: tuple[Plan, ...] = (
    Plan("a wrong password is not let in", isolation.wrong_password),
    Plan("sign in", work.sign_in, vital=True),
    Plan("the profiles of one's groups are offered", work.profiles_offered),
    Plan("the server starts", work.spawn, vital=True),
    Plan("a kernel computes with astropy", work.compute, vital=True),
    Plan("files are written", work.write_files),
    Plan("the server stops and starts again", work.restart, vital=True),
    Plan("the files are there", work.find_files),
    Plan("files are reached from outside", files.door_shows_home),
    Plan("objects are files, without any configuration", objects.written),
    Plan("the pod is contained", pod.contained),
    Plan("another user starts a server", isolation.other_starts),
    Plan("another user cannot find the files", isolation.files_unseen),
    Plan("another user gets no file from outside", files.door_closed_to_others),
    Plan("another user cannot use the server", isolation.server_closed),
    Plan("another user has neither the objects nor the keys", objects.unseen_by_others),
    Plan("tokens reach one's own things only", isolation.tokens_closed),
    Plan("a token taken back opens nothing", isolation.token_revoked),
    Plan("the network lets through what it should", pod.reachable),
    Plan("a member writes in the project space", spaces.member_writes),
    Plan("a read-only member reads there only", spaces.reader_reads),
    Plan("an outsider does not see it", spaces.outsider_sees_nothing),
    Plan("from outside the project space is as open as from inside", files.door_follows_spaces),
    Plan("the file in the project space is removed", spaces.remove_shared),
    Plan("scratch is one's own", volumes.scratch_is_private),
    Plan("data collections are read by who may, and changed by curators only", volumes.collections_are_read),
    Plan("software is read by everyone, and changed by who installs it", volumes.software_is_read),
    Plan("too many servers are refused", limits.servers_limited),
    Plan("too much memory is refused", limits.memory_limited),
)


def run(
    outputs: Mapping[str, Any],
    people: Sequence[Person],
    progress: Progress,
    *,
    journey: Sequence[Plan] = JOURNEY,
) -> Report:
    """Go through a user's day on a site, and report every step; whatever happens, all is cleaned up.

    Parameters
    ----------
    outputs
        The site's capability record; see `Offer.of`.
    people
        Who can sign in; see `stacks.journey.people`.
    journey
        The steps to take; cleaning up comes after them by itself.

    Raises
    ------
    JourneyError
        Nobody was given.
    """
    offer = Offer.of(outputs)
    day = Day(offer, cast_of(people, offer.spaces))
    steps: list[Step] = []
    try:
        _take_all(day, journey, progress, steps)
    finally:
        steps.append(_take(day, Plan("nothing is left behind", work.nothing_left), progress))
    return Report(site=offer.site, steps=steps)


def _take_all(day: Day, journey: Sequence[Plan], progress: Progress, steps: list[Step]) -> None:
    stopped_by = ""
    for plan in journey:
        if stopped_by:
            seen = f"not without: {stopped_by}"
            steps.append(Step(title=plan.title, outcome="skipped", seconds=0, seen=seen))
            continue
        step = _take(day, plan, progress)
        steps.append(step)
        if plan.vital and step.outcome == "failed":
            stopped_by = plan.title


def _take(day: Day, plan: Plan, progress: Progress) -> Step:
    started = time.monotonic()
    try:
        seen, outcome = plan.check(day), "passed"
    except SkippedError as reason:
        seen, outcome = str(reason), "skipped"
    except JourneyError as error:
        seen, outcome = str(error), "failed"
    except (httpx.HTTPError, OSError, ValueError) as error:
        seen, outcome = f"{type(error).__name__}: {error}", "failed"
    step = Step(title=plan.title, outcome=outcome, seconds=time.monotonic() - started, seen=seen)
    progress.say(step.line())
    return step
