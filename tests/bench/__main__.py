"""``make bench``: figures, each beside a floor or a peer of the same run; nothing here can fail for being slow."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from infra.progress import Progress, in_words
from stacks.errors import OPERATOR_ERRORS
from tests.bench import bringing, comparing, files, machine, memory, planning, s3, spawning, starting
from tests.bench.bare import BareError
from tests.bench.benchsite import BenchSite
from tests.bench.figures import Figure, table
from tests.support.site import CommandError

SPAWNS = 5
RUNS = 3
QUICK_RUNS = 5

Group = Callable[[BenchSite, Progress], list[Figure]]

GROUPS: Mapping[str, Group] = {
    "plan": lambda _, __: planning.figures(QUICK_RUNS),
    "diff": lambda _, progress: comparing.figures(RUNS, progress),
    "start": lambda _, progress: starting.figures(RUNS, progress),
    "up": lambda site, progress: bringing.figures(site, RUNS, progress),
    "spawn": lambda site, progress: spawning.figures(site, SPAWNS, progress),
    "memory": memory.figures,
    "files": lambda _, progress: files.figures(RUNS, progress),
    "s3": s3.figures,
}
"""Groups of figures, in the order they are measured in; each leaves the site as the next can use it."""


def chosen(text: str) -> list[str]:
    """Return the groups that ``--only`` names, in their own order.

    Raises
    ------
    argparse.ArgumentTypeError
        There is no such group.
    """
    names = text.split(",")
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no figures are called {unknown[0]!r}; there are: {', '.join(GROUPS)}"
        )
    return [name for name in GROUPS if name in names]


def measure(names: Sequence[str], progress: Progress) -> list[Figure]:
    """Return the figures of the groups; nothing is left of what they needed."""
    site = BenchSite(progress)
    try:
        return [figure for name in names for figure in GROUPS[name](site, progress)]
    finally:
        site.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0, or 2 where something could not be measured at all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", type=chosen, default=list(GROUPS), metavar="GROUP,…", help=f"of {', '.join(GROUPS)}"
    )
    args = parser.parse_args(arguments)
    about, progress, began = machine.describe(), Progress(), time.monotonic()
    try:
        figures = measure(args.only, progress)
    except (*OPERATOR_ERRORS, BareError, CommandError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    print(f"\n{about}; measured in {in_words(time.monotonic() - began)}\n\n{table(figures)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
