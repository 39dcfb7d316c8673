"""``python -m stacks draw``: a site, or what becomes of it, as SVG."""

import sys
from pathlib import Path

from infra.paths import ROOT
from infra.progress import Progress
from stacks.bring import plan_of
from stacks.diff.base import BaseError, both_sides
from stacks.draw.compare import compared_scene
from stacks.draw.layout import layout_of
from stacks.draw.read import scene_of
from stacks.draw.scene import Scene
from stacks.draw.svg import to_svg
from stacks.plan import Plan
from stacks.sites import read


def drawing(plan: Plan) -> str:
    """Return the drawing of a plan."""
    return _drawn(scene_of(plan))


def comparison(before: Plan, after: Plan) -> str:
    """Return the drawing of two plans: what the second would make of the first, in colour."""
    return _drawn(compared_scene(before, after))


def _drawn(scene: Scene) -> str:
    return to_svg(scene, layout_of(scene))


def run(site: str, other: str | None, *, base: str | None, output: Path | None) -> int:
    """Draw a site; or what another site has that it has not; or what the working tree makes of the base."""
    file = read(site)
    if base is not None:
        text = comparison(*_at_base(str(file.path), base, file.name))
    elif other is not None:
        text = comparison(plan_of(file), plan_of(read(other)))
    else:
        text = drawing(plan_of(file))
    if output is None:
        print(text, end="")
    else:
        output.write_text(text)
        print(output, file=sys.stderr)
    return 0


def _at_base(path: str, base: str, name: str) -> tuple[Plan, Plan]:
    here = Path(path).resolve()
    file = str(here.relative_to(ROOT)) if here.is_relative_to(ROOT) else str(here)
    sides = both_sides([file], base=base, progress=Progress())
    problem = sides.base_error or sides.before.errors.get(name) or sides.after.errors.get(name)
    if problem:
        raise BaseError(f"{name} cannot be drawn against {base}: {problem}")
    now = sides.after.plans[name]
    return sides.before.plans.get(name) or Plan(now.stack, now.project, (), {}), now
