"""``make test``: lint, unit tests, then the real cluster, journeys and browser; says where the time went.

Arguments are passed on to pytest; ``--quick`` leaves out all that needs the local cluster.
"""

import subprocess
import sys
from collections.abc import Sequence

from infra.paths import ROOT
from infra.progress import Progress, in_words
from tests.support.setup import install_missing

LINT = ("ruff check .", "ruff format --check .", "pyright")


class StepError(Exception):
    """A step failed; it has said why itself."""


def python(progress: Progress, title: str, arguments: Sequence[str], estimate: float | None = None) -> None:
    """Run a module of this environment's Python as one step."""
    with progress.step(title, estimate):
        done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=False)
        if done.returncode:
            raise StepError(f"{title} failed: python -m {' '.join(arguments)}")


def run(arguments: Sequence[str], progress: Progress) -> None:
    """Run all steps in order, the quick ones first."""
    quick = "--quick" in arguments
    pytest = ["pytest", *(argument for argument in arguments if argument != "--quick")]
    for command in LINT:
        python(progress, command, command.split())
    if not quick:
        with progress.step("installing what clients, browser and identity tests need"):
            install_missing(progress)
    python(progress, "unit tests", [*pytest, "-m", "not cluster"], estimate=400)
    if quick:
        return
    python(progress, "the local cluster", ["infra.local", "up"], estimate=60)
    python(progress, "images", ["images", "build"], estimate=60)
    python(progress, "tests on the real cluster", [*pytest, "-m", "cluster"], estimate=900)


def main() -> int:
    """Run everything and print where the time went."""
    progress = Progress()
    print(f"about {in_words(50 * 60)} from nothing, {in_words(15 * 60)} when all is built", file=sys.stderr)
    try:
        run(sys.argv[1:], progress)
    except StepError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    finally:
        print(f"\nWhere the time went:\n{progress.summary()}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
