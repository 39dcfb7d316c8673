"""What a journey found, step by step, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["passed", "failed", "skipped"]
_MARKS: dict[Outcome, str] = {"passed": "ok", "failed": "FAILED", "skipped": "-"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One check: how it went, how many seconds it took, and in a few words what was seen."""

    title: str
    outcome: Outcome
    seconds: float
    seen: str = ""

    def line(self, width: int = 0) -> str:
        """Return the step on one line; titles are filled up to ``width``."""
        return f"{_MARKS[self.outcome]:>6} {self.seconds:6.1f} s  {self.title:<{width}}  {self.seen}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Report:
    """All checks of one journey."""

    site: str
    steps: Sequence[Step]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(step.outcome != "failed" for step in self.steps)

    @property
    def seconds(self) -> float:
        """How long all of it took."""
        return sum(step.seconds for step in self.steps)

    def step(self, title: str) -> Step:
        """Return the step with this title."""
        return next(step for step in self.steps if step.title == title)

    def table(self) -> str:
        """Return a table: what went how, seconds, step, what was seen."""
        width = max((len(step.title) for step in self.steps), default=0)
        return "\n".join([*(step.line(width) for step in self.steps), self.verdict()])

    def verdict(self) -> str:
        """Return how it went, on one line."""
        count = sum(step.outcome == "failed" for step in self.steps)
        verdict = f"{count} of {len(self.steps)} steps failed" if count else "all is well"
        return f"{self.site}: {verdict}, {self.seconds:.1f} s"

    def as_json(self) -> str:
        """Return the same as JSON."""
        steps = [
            {
                "step": step.title,
                "outcome": step.outcome,
                "seconds": round(step.seconds, 2),
                "seen": step.seen,
            }
            for step in self.steps
        ]
        whole = {
            "site": self.site,
            "passed": self.passed,
            "seconds": round(self.seconds, 2),
            "steps": steps,
        }
        return json.dumps(whole, indent=2, ensure_ascii=False)
