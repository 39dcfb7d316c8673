"""Whole sites planned: the committed ones, good examples of every kind, and those that a test makes up."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.paths import ROOT
from stacks.plan import Plan, PlannedResource, plan
from stacks.program import main
from stacks.site_loading import site_from_config
from stacks.sites import site_name, site_paths

SITES = site_paths()
"""Committed site files by site."""

EXAMPLES = {path.stem: path for path in sorted((ROOT / "tests/stacks/good").glob("*.yaml"))}
"""Good site files of many kinds, by what they show."""


@dataclass(frozen=True)
class Case:
    """A site file and the mode in which it is planned: in a preview, IDs are not known."""

    path: Path
    preview: bool

    def __str__(self) -> str:
        """Return what pytest calls it."""
        return f"{self.path.stem.removeprefix('Pulumi.')}-{'preview' if self.preview else 'up'}"


CASES = [
    *(Case(path, preview) for path in SITES.values() for preview in (True, False)),
    *(Case(path, preview=False) for path in EXAMPLES.values()),
]


def site_value(path: Path) -> dict[str, Any]:
    """Return the site of a file as Pulumi's configuration has it, the test's own to change."""
    return yaml.safe_load(path.read_text())["config"]["science-platform:site"]


def planned_site(name: str, site: Mapping[str, Any], *, preview: bool = False) -> Plan:
    """Return the plan of a site that need not have a file; its secrets are placeholders."""
    secrets = site_from_config(site, name=name).secret_keys
    return plan(main, stack=name, config={"site": site}, secrets=secrets, preview=preview)


def of_the_platform(planned: Plan) -> list[PlannedResource]:
    """Return the Kubernetes objects of the platform itself, without what its cluster is made of."""
    return [
        each
        for each in planned.resources
        if each.is_manifest and "science-platform:index:SciencePlatform$" in each.urn
    ]


@cache
def planned_file(path: Path, *, preview: bool = False) -> Plan:
    """Return the plan of a site file, made once for all tests."""
    name = site_name(path) if path.name.startswith("Pulumi.") else "example"
    return planned_site(name, site_value(path), preview=preview)
