"""``python -m stacks diff``: compares every site with the base, and says so."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.paths import ROOT
from infra.progress import Progress
from stacks.diff.base import Sides, both_sides
from stacks.diff.compare import compare
from stacks.diff.groups import Group, Result, Standing, grouped
from stacks.diff.json_form import to_json
from stacks.diff.markdown import to_markdown
from stacks.diff.model import Changes
from stacks.diff.terminal import to_terminal
from stacks.diff.verdict import Case, Judge
from stacks.gates.neighbour import Neighbour
from stacks.plan import Plan
from stacks.sites import UnknownSiteError, read, site_name

CLEAN, CHANGED, BLOCKED = 0, 1, 2


@dataclass(frozen=True)
class Comparison:
    """What the working tree would do to sites, by what they have in common.

    Attributes
    ----------
    base
        The commit compared with.
    """

    groups: tuple[Group, ...]
    base: str

    @property
    def code(self) -> int:
        """0 for nothing, 1 for changes, 2 where it is blocked."""
        results = [group.result for group in self.groups]
        if any(result.blocked for result in results):
            return BLOCKED
        return CLEAN if all(result.clean for result in results) else CHANGED


def run(sites: Sequence[str], *, base: str | None, form: str, judge: Judge | None = None) -> int:
    """Print what the working tree would do to sites; return 0 for nothing, 1 for changes, 2 where it is blocked."""
    found = compared(sites, base=base, judge=judge)
    print(_rendered(found.groups, found.base, form), end="")
    return found.code


def compared(sites: Sequence[str], *, base: str | None, judge: Judge | None = None) -> Comparison:
    """Return what the working tree would do to sites; all committed ones if there are none."""
    # Ended from outside, it takes the worktree away as it does when interrupted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    files = [_file(site) for site in sites]
    sides = both_sides(files, base=base, progress=Progress())
    results = _results(sides, {site_name(Path(file)): file for file in files}, judge)
    return Comparison(grouped(results), sides.base)


def _file(site: str) -> str:
    """Return a site's file, relative to the checkout where it is in it, so that the base has its own."""
    if not site.endswith(".yaml"):
        return f"stacks/Pulumi.{site}.yaml"
    path = Path(site).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _rendered(groups: tuple[Group, ...], base: str, form: str) -> str:
    if form == "json":
        return to_json(groups, base)
    if form == "markdown":
        return to_markdown(groups, base)
    return to_terminal(groups, base, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)


def _results(sides: Sides, asked: dict[str, str], judge: Judge | None) -> Iterator[Result]:
    before, after = sides.before, sides.after
    names = {*before.plans, *before.errors, *after.plans, *after.errors}
    unknown = sorted(asked.keys() - names)
    if unknown and not sides.base_error:
        raise UnknownSiteError(
            f"no site {', '.join(unknown)} at either side: python -m stacks check lists those there are"
        )
    judged: list[Neighbour] = []
    for name in sorted(names | set(unknown)):
        problem = _problem(name, sides)
        if problem:
            yield Result(name, Standing.UNKNOWN, Changes(name), problem=problem)
            continue
        old, new = before.plans.get(name), after.plans.get(name)
        standing = Standing.BOTH if old and new else Standing.NEW if new else Standing.REMOVED
        changes = compare(old or _nothing(new), new or _nothing(old))
        verdicts = []
        if judge and new:
            file = read(asked.get(name, name))
            verdicts = judge(Case(changes, new, file, before.sites.get(name, {}), tuple(judged)))
            judged.append(Neighbour(name, file.site, new))
        yield Result(name, standing, changes, verdicts=tuple(verdicts))


def _problem(name: str, sides: Sides) -> str | None:
    if name in sides.after.errors:
        return f"it cannot be planned: {sides.after.errors[name]}"
    if sides.base_error:
        return f"the base, {sides.base[:12]}, cannot be planned: {sides.base_error}"
    if name in sides.before.errors:
        return f"the base, {sides.base[:12]}, cannot be planned: {sides.before.errors[name]}"
    return None


def _nothing(other: Plan | None) -> Plan:
    assert other is not None  # noqa: S101 - a site is on one side at least
    return Plan(stack=other.stack, project=other.project, resources=(), outputs={})
