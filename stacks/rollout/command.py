"""``python -m stacks rollout``: each site by a process of its own, its output as it comes, a summary at the end."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from stacks.rollout.spec import LAST
from stacks.rollout.waves import Ended, Outcome, brought_out, headline, last, to_markdown, waves
from stacks.sites import SiteFile

WRONG = 1

Command = Callable[[SiteFile], list[str]]
"""The command for a site."""


def run(
    files: Iterable[SiteFile],
    *,
    turns: range,
    at_once: int,
    summary: Path | None,
    by: Command | None = None,
) -> int:
    """Bring the sites of some waves up; return 0, or 1 where one failed and so stopped what came after it.

    Parameters
    ----------
    turns
        The waves that are brought out.
    summary
        File for the summary as Markdown, which is added to what it holds.
    by
        What brings a site up; `up_command` if left out.
    """
    planned = {wave: sites for wave, sites in waves(files).items() if wave in turns}
    for wave, sites in planned.items():
        print(f"wave {wave}: {', '.join(site.name for site in sites)}", flush=True)

    def bring(file: SiteFile) -> Outcome:
        return brought_up(file, (by or up_command)(file), sys.stdout)

    outcomes = []
    for outcome in brought_out(planned, bring, at_once=at_once):
        outcomes.append(outcome)
        print(f"{outcome.site}: {outcome.ended}", flush=True)
    print(headline(outcomes))
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(to_markdown(outcomes))
    return WRONG if any(outcome.ended == Ended.FAILED for outcome in outcomes) else 0


def up_command(file: SiteFile) -> list[str]:
    """Return the command that brings a site up and waits until it answers."""
    return [sys.executable, "-m", "stacks", "up", file.name if file.is_stack else str(file.path)]


def brought_up(file: SiteFile, command: list[str], out: TextIO) -> Outcome:
    """Bring one site up by a command; what it prints has the site's name before it."""
    wave, began = file.site.rollout.wave, time.monotonic()
    said: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            said = [*last([*said, line.rstrip("\n")])]
            print(f"{file.name} | {said[-1]}", file=out, flush=True)
    ended = Ended.FAILED if process.returncode else Ended.UP
    return Outcome(wave, file.name, ended, time.monotonic() - began, last(said))


def turns_of(text: str) -> range:
    """Return the waves that ``1``, ``2-`` or ``1-3`` names.

    Raises
    ------
    ValueError
        It names none.
    """
    first, dash, end = text.partition("-")
    until = int(end) if end else LAST if dash else int(first)
    found = range(int(first), until + 1)
    if not found or found[0] < 1:
        raise ValueError(text)
    return found
