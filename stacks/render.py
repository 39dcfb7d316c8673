"""A plan as text: JSON for programs, a tree for people, YAML manifests for reviewers and golden files."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import yaml

from stacks.plan import Plan
from stacks.resources import PlannedResource


def to_json(plan: Plan) -> str:
    """Return the whole plan as JSON: keys sorted, two spaces, a newline at the end."""
    return json.dumps(asdict(plan), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def to_yaml(plan: Plan) -> str:
    """Return the Kubernetes objects as a YAML stream, in the order in which they would be applied."""
    return stream(plan.manifests())


def stream(objects: Iterable[Mapping[str, object]]) -> str:
    """Return objects as a YAML stream: keys sorted, texts of several lines as blocks."""
    return yaml.dump_all(
        objects, Dumper=_Dumper, sort_keys=True, allow_unicode=True, explicit_start=True, width=10**6
    )


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, so that a change of one line is a diff of one line."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - SafeDumper's signature
        """Write equal parts out each time."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def to_tree(plan: Plan) -> str:
    """Return the resources as a tree: type, name, and what keeps each from being deleted."""
    children: dict[str | None, list[PlannedResource]] = defaultdict(list)
    for resource in plan.resources:
        children[resource.parent].append(resource)
    lines = [plan.stack]

    def add(parent: str | None, indent: str) -> None:
        siblings = children[parent]
        for resource in siblings:
            last = resource is siblings[-1]
            lines.append(
                f"{indent}{'└─ ' if last else '├─ '}{resource.type}  {resource.name}{_marks(resource)}"
            )
            add(resource.urn, indent + ("   " if last else "│  "))

    add(None, "")
    return "\n".join(lines) + "\n"


def _marks(resource: PlannedResource) -> str:
    marks = {
        "protected": resource.options.protect,
        "kept": resource.options.retain_on_delete,
        "read": resource.read_id is not None,
    }
    shown = ", ".join(mark for mark, holds in marks.items() if holds)
    return f"  [{shown}]" if shown else ""
