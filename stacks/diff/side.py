"""One side of a comparison: every site planned by one checkout's own code, in one process.

``python -m stacks.diff.side`` runs in the folder of the checkout, is told what to plan on its standard input and
answers in JSON: the interface between two versions of this project, which `FORMAT` numbers.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stacks.bring import plan_of
from stacks.plan import Plan
from stacks.resources import Options, PlannedResource
from stacks.site_frame import SITE_KEY
from stacks.sites import program_config, read, site_name, site_paths

FORMAT = 1


@dataclass(frozen=True)
class Side:
    """What one checkout declares, by site.

    Attributes
    ----------
    plans
        The sites that can be planned.
    errors
        Why the others cannot be.
    sites
        What the files of those that can be say, as Pulumi's configuration.
    """

    plans: Mapping[str, Plan] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def planned(files: Iterable[str], fingerprint: bytes) -> Side:
    """Plan the sites of these files, or every committed one; a file that is not there is no site."""
    plans, errors, sites = {}, {}, {}
    for path in [Path(name) for name in files] or list(site_paths().values()):
        if not path.is_file():
            continue
        name = site_name(path)
        try:
            file = read(str(path))
            plans[name] = plan_of(file, fingerprint=fingerprint)
            sites[name] = program_config(file)[SITE_KEY]
        except Exception as error:  # noqa: BLE001 - whatever that version of the program raises is told
            errors[name] = f"{type(error).__name__}: {error}"
    return Side(plans, errors, sites)


def to_document(side: Side) -> dict[str, Any]:
    """Return a side as JSON."""
    plans = {name: asdict(plan) for name, plan in side.plans.items()}
    return {"format": FORMAT, "plans": plans, "errors": dict(side.errors), "sites": dict(side.sites)}


def from_document(document: Mapping[str, Any]) -> Side:
    """Return the side that a document holds; the inverse of `to_document`.

    Raises
    ------
    ValueError
        It is of another format.
    """
    if document.get("format") != FORMAT:
        raise ValueError(f"plans of format {document.get('format')}, not {FORMAT}")
    return Side(
        plans={name: _plan(found) for name, found in document["plans"].items()},
        errors=document["errors"],
        # A base of before there were gates does not say.
        sites=document.get("sites", {}),
    )


def _plan(document: Mapping[str, Any]) -> Plan:
    return Plan(
        stack=document["stack"],
        project=document["project"],
        resources=tuple(_resource(each) for each in document["resources"]),
        outputs=document["outputs"],
    )


def _resource(document: dict[str, Any]) -> PlannedResource:
    options = {key: _tuple(value) for key, value in document["options"].items()}
    by_property = {key: tuple(urns) for key, urns in document["property_dependencies"].items()}
    return PlannedResource(
        **document
        | {
            "options": Options(**options),
            "dependencies": tuple(document["dependencies"]),
            "property_dependencies": by_property,
        }
    )


def _tuple(value: object) -> Any:  # noqa: ANN401 - the options' fields have types of their own
    return tuple(value) if isinstance(value, list) else value


def main() -> None:
    """Plan what standard input asks for, and print it."""
    asked = json.load(sys.stdin)
    side = planned(asked["files"], bytes.fromhex(asked["fingerprint"]))
    json.dump(to_document(side), sys.stdout)


if __name__ == "__main__":
    main()
