"""Progress of long work: one line when a step starts, one when it ends, and where the time went."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


def in_words(seconds: float) -> str:
    """Return a duration as a person would say it: ``0.4 s``, ``12 s``, ``3 min 05 s``."""
    if round(seconds, 1) < 10:  # noqa: PLR2004 - tenths matter only below ten seconds
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


@dataclass
class Progress:
    """Prints steps as they happen and remembers how long each took.

    A step inside a step is indented and its time is part of the outer one's.
    """

    out: TextIO = field(default_factory=lambda: sys.stderr)
    times: list[tuple[int, str, float]] = field(default_factory=list)
    _depth: int = 0

    def say(self, text: str) -> None:
        """Print one line at the present depth."""
        print("  " * self._depth + text, file=self.out, flush=True)

    @contextmanager
    def step(self, title: str, estimate: float | None = None) -> Iterator[None]:
        """Announce ``title``, run the body, and say how long it took.

        Parameters
        ----------
        title
            What is being done, in the present participle: ``building Kubernetes``.
        estimate
            Expected seconds, said beforehand when it is worth waiting for (10 s or more).
        """
        about = f" (about {in_words(estimate)})" if estimate and estimate >= 10 else ""  # noqa: PLR2004
        self.say(f"{title}{about} …")
        depth, place, started = self._depth, len(self.times), time.monotonic()
        self.times.append((depth, title, 0.0))
        self._depth += 1
        failed = True
        try:
            yield
            failed = False
        finally:
            self._depth = depth
            took = time.monotonic() - started
            self.times[place] = (depth, f"{title} (failed)" if failed else title, took)
            self.say(f"{title}: {'failed after ' if failed else ''}{in_words(took)}")

    def summary(self) -> str:
        """Return a table of the steps and their times."""
        return "\n".join(f"{in_words(took):>12}  {'  ' * depth}{title}" for depth, title, took in self.times)
