"""Plans as text."""

import json
from typing import Any

from stacks.plan import Options, Plan, PlannedResource
from stacks.render import to_json, to_tree, to_yaml


def resource(urn: str, **fields: Any) -> PlannedResource:  # noqa: ANN401 - any of its fields
    type_, name = urn.split("::")
    required = {"parent": None, "provider": None, "inputs": {}}
    return PlannedResource(urn=urn, type=type_, name=name, **(required | fields))


PLAN = Plan(
    stack="demo",
    project="science-platform",
    resources=(
        resource("pulumi:providers:kubernetes::cluster"),
        resource("demo:index:Part::hub", custom=False),
        resource(
            "kubernetes:core/v1:ConfigMap::hub-config",
            parent="demo:index:Part::hub",
            inputs={
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "c"},
                "data": {"a.py": "x = 1\ny = 2\n", "n": "1"},
            },
            options=Options(protect=True, retain_on_delete=True),
        ),
        resource(
            "kubernetes:core/v1:Namespace::old",
            read_id="old",
            inputs={"apiVersion": "v1", "kind": "Namespace"},
        ),
    ),
    outputs={"url": "https://demo.localhost"},
)


def test_the_tree_shows_parents_and_what_is_kept():
    assert (
        to_tree(PLAN)
        == """\
demo
├─ pulumi:providers:kubernetes  cluster
├─ demo:index:Part  hub
│  └─ kubernetes:core/v1:ConfigMap  hub-config  [protected, kept]
└─ kubernetes:core/v1:Namespace  old  [read]
"""
    )


def test_yaml_is_what_would_be_applied_with_text_as_blocks():
    assert (
        to_yaml(PLAN)
        == """\
---
apiVersion: v1
data:
  a.py: |
    x = 1
    y = 2
  n: '1'
kind: ConfigMap
metadata:
  name: c
"""
    )


def test_json_holds_everything_with_sorted_keys():
    text = to_json(PLAN)
    assert json.loads(text)["resources"][2]["options"]["protect"] is True
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
