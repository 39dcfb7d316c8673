"""Comparing two dozen sites by the command, beside Helm rendering as many objects once."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from images.golang import GoModule, build
from infra.paths import ROOT
from infra.progress import Progress
from tests.bench.clock import seconds
from tests.bench.figures import Aim, Beside, Figure, Samples
from tests.support.checkout import committed, copied, edit
from tests.support.generated import generated_sites
from tests.support.plans import planned_site

HELM = GoModule(Path(__file__).parent / "helm", 120)
CHANGED = 1
"""How the command ends where something changes."""


def figures(runs: int, progress: Progress) -> list[Figure]:
    """Return the figure of a comparison."""
    helm = build(HELM, progress) / "helm"
    sites = dict(generated_sites())
    with tempfile.TemporaryDirectory(prefix="science-platform-bench-") as folder:
        checkout, charts = Path(folder) / "checkout", Path(folder) / "charts"
        files = prepared(checkout, sites)
        objects = sum(
            chart(charts / name, planned_site(name, site).manifests()) for name, site in sites.items()
        )
        progress.say(f"{len(sites)} sites of {objects} objects in all")
        values, floors = zip(
            *((_compared(checkout, files), _rendered(helm, charts)) for _ in range(runs)), strict=True
        )
    return [
        Figure(
            f"{len(sites)} sites compared with their base, as a command",
            Samples(values),
            Beside(f"helm template of their {objects} objects, once", Samples(floors)),
            Aim(20),
        )
    ]


def prepared(checkout: Path, sites: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Make a checkout with sites in it and one default changed since; return their files."""
    copied(checkout)
    files = []
    for name, site in sites.items():
        path = checkout / f"generated/Pulumi.{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump({"config": {"science-platform:site": site}}))
        files.append(str(path.relative_to(checkout)))
    committed(checkout)
    edit(
        checkout / "components/hub/spec.py",
        'start_timeout: Duration = "5m"',
        'start_timeout: Duration = "6m"',
    )
    return files


def chart(folder: Path, manifests: Iterable[Mapping[str, Any]]) -> int:
    """Write a chart that renders some objects as they are; return how many."""
    templates = folder / "templates"
    templates.mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {folder.name}\nversion: 1.0.0\n")
    count = 0
    for count, manifest in enumerate(manifests, 1):
        text = yaml.safe_dump(manifest).replace("{{", '{{ "{{" }}')
        (templates / f"{count}.yaml").write_text(text)
    return count


def _compared(checkout: Path, files: list[str]) -> float:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def compare() -> None:
        done = subprocess.run(
            [sys.executable, "-m", "stacks", "diff", *files],
            cwd=checkout,
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        if done.returncode != CHANGED:
            raise subprocess.CalledProcessError(done.returncode, "stacks diff")

    return seconds(compare)


def _rendered(helm: Path, charts: Path) -> float:
    def render() -> None:
        for each in sorted(charts.iterdir()):
            command = [helm, "template", each.name, each]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    return seconds(render)
