"""Planning: a site by the command, and two dozen in one process."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from infra.paths import ROOT
from tests.bench.clock import seconds
from tests.bench.figures import Aim, Beside, Figure, Samples
from tests.support.plans import SITES, planned_site, site_value

SITE = "local"
MANY = 24
ROUNDS = 3


def figures(runs: int) -> list[Figure]:
    """Return the figures of planning."""
    value = site_value(SITES[SITE])
    planned_site(SITE, value)  # what it needs is imported from here on
    return [_command(runs), _many(value)]


def _command(runs: int) -> Figure:
    ours = ["-m", "stacks", "plan", SITE]
    floor = ["-c", f"import {', '.join(pulumi_modules(sys.modules))}"]
    values, floors = zip(*((_python(ours), _python(floor)) for _ in range(runs)), strict=True)
    return Figure(
        f"plan of site {SITE}, as a command",
        Samples(values),
        Beside("Python that imports pulumi's modules", Samples(floors)),
        Aim(2),
    )


def pulumi_modules(modules: Iterable[str]) -> list[str]:
    """Return, of the modules that a plan has imported, those of pulumi and of its Kubernetes package."""
    return sorted(name for name in modules if name.split(".")[0] in ("pulumi", "pulumi_kubernetes"))


def _python(arguments: list[str]) -> float:
    command = [sys.executable, *arguments]
    return seconds(lambda: subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL))


def sites_like(value: Mapping[str, Any], count: int) -> dict[str, dict[str, Any]]:
    """Return so many sites by name that differ in their names, hosts and ports."""
    return {
        name: {**value, "edge": {**value["edge"], "host": f"{name}.localhost", "nodePort": 31000 + number}}
        for number, name in enumerate(f"site-{number:02d}" for number in range(count))
    }


def _many(value: Mapping[str, Any]) -> Figure:
    sites = sites_like(value, MANY)
    rounds = [
        [seconds(lambda: planned_site(name, site)) for name, site in sites.items()]  # noqa: B023 - called at once
        for _ in range(ROUNDS)
    ]
    return Figure(
        f"plans of {MANY} sites in one process",
        Samples(tuple(map(sum, rounds))),
        Beside(f"{MANY} x the quickest of them", Samples(tuple(MANY * min(each) for each in rounds))),
    )
