"""Sites that gates judge."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from stacks.diff import compare
from stacks.diff.verdict import Case
from stacks.gates.rules import subject_of
from stacks.plan import Plan, PlannedResource
from stacks.sites import SiteFile, read
from tests.support.plans import SITES, site_value

REASON = "Copied to the new array on Monday."


def accepted(*keys: str, reason: str = REASON) -> dict[str, Any]:
    """Return a site's ``accept`` section."""
    return {key: {"reason": reason} for key in keys}


def written(folder: Path, name: str, site: Mapping[str, Any]) -> SiteFile:
    """Return a site of a file of its own."""
    path = folder / f"Pulumi.{name}.yaml"
    path.write_text(yaml.safe_dump({"config": {"science-platform:site": dict(site)}}, sort_keys=False))
    return read(str(path))


def case(
    folder: Path,
    before: Plan,
    after: Plan,
    *,
    name: str = "boreal",
    accept: Mapping[str, Any] | None = None,
    base: Mapping[str, object] | None = None,
) -> Case:
    """Return what becomes of a committed site when one plan follows another.

    Parameters
    ----------
    accept
        The ``accept`` section of its file.
    base
        The site as the base's file has it; the committed one by default.
    """
    site = site_value(SITES[name])
    file = written(folder, name, {**site, "accept": dict(accept or {})})
    return Case(compare(before, after), after, file, site if base is None else base)


def planted(plan: Plan, subject: str, edit: Callable[[dict[str, Any]], object]) -> Plan:
    """Return a plan in which the inputs of one resource, by what a site file calls it, are edited."""
    assert [subject_of(each) for each in plan.resources].count(subject) == 1

    def edited(resource: PlannedResource) -> PlannedResource:
        if subject_of(resource) != subject:
            return resource
        inputs = deepcopy(dict(resource.inputs))
        edit(inputs)
        return replace(resource, inputs=inputs)

    return replace(plan, resources=tuple(map(edited, plan.resources)))
