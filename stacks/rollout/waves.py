"""Waves of sites, and what became of each: pure functions apart from the one that brings a site up."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import StrEnum

from infra.progress import in_words
from stacks.review.comment import Fold, folded, inline
from stacks.sites import SiteFile

_LAST_LINES = 30


class Ended(StrEnum):
    """What became of a site."""

    UP = "up"
    FAILED = "failed"
    LEFT = "not begun"


@dataclass(frozen=True)
class Outcome:
    """What became of one site.

    Attributes
    ----------
    seconds
        How long it took.
    said
        The last lines that it printed.
    """

    wave: int
    site: str
    ended: Ended
    seconds: float = 0
    said: tuple[str, ...] = ()


Bring = Callable[[SiteFile], Outcome]
"""Brings one site up; it never raises."""


def waves(files: Iterable[SiteFile]) -> Mapping[int, list[SiteFile]]:
    """Return the sites by wave, in the order in which their turn comes."""
    found: dict[int, list[SiteFile]] = {}
    for file in sorted(files, key=lambda file: (file.site.rollout.wave, file.name)):
        found.setdefault(file.site.rollout.wave, []).append(file)
    return found


def brought_out(
    planned: Mapping[int, Sequence[SiteFile]], bring: Bring, *, at_once: int
) -> Iterator[Outcome]:
    """Bring the sites up wave by wave; yield what became of each as it ends.

    After a failure no further site is begun, those that are under way go on to their end, and what was not begun
    comes last.

    Parameters
    ----------
    at_once
        How many sites of a wave to bring up at a time.
    """
    failed = False
    for wave, files in planned.items():
        waiting, running = list(files), set[Future[Outcome]]()
        with ThreadPoolExecutor(at_once) as pool:
            while running or (waiting and not failed):
                while waiting and not failed and len(running) < at_once:
                    running.add(pool.submit(bring, waiting.pop(0)))
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for each in done:
                    failed = failed or each.result().ended == Ended.FAILED
                    yield each.result()
        yield from (Outcome(wave, file.name, Ended.LEFT) for file in waiting)


def to_markdown(outcomes: Iterable[Outcome]) -> str:
    """Return a summary: a table, and the last words of what failed."""
    outcomes = list(outcomes)
    lines = [
        f"### {headline(outcomes)}",
        "",
        "| wave | site | | took |",
        "|---|---|---|---|",
        *(_row(each) for each in outcomes),
        "",
    ]
    failed = [each for each in outcomes if each.ended == Ended.FAILED]
    return "\n".join(
        [*lines, *(folded(Fold(f"What {each.site} said last", "\n".join(each.said))) for each in failed)]
    )


def headline(outcomes: Iterable[Outcome]) -> str:
    """Return what all of it comes to in a sentence."""
    ends = [each.ended for each in outcomes]
    words = ", ".join(f"{ends.count(end)} {end}" for end in Ended if end in ends)
    return f"Rolled out: {words}" if words else "No site to roll out"


_SIGNS = {Ended.UP: "🟢", Ended.FAILED: "⛔", Ended.LEFT: "⚪"}


def _row(outcome: Outcome) -> str:
    took = in_words(outcome.seconds) if outcome.seconds else ""
    return f"| {outcome.wave} | {inline(outcome.site)} | {_SIGNS[outcome.ended]} {outcome.ended} | {took} |"


def last(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the last lines, as many as a summary shows."""
    return tuple(lines)[-_LAST_LINES:]
