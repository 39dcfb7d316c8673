"""Rights on the cluster's API: of the account whose token pods have, by role and binding."""

from typing import Any

import pytest

from stacks.draw.pods import workloads
from stacks.draw.rights import Rights, rights
from tests.support.big import workload
from tests.support.diff import kubernetes, of

HUB = "pods/science-demo/Deployment/hub"
RULES = [
    {"resources": ["pods"], "verbs": ["get", "create"]},
    {"resources": ["events", "nodes"], "verbs": ["list", "watch"]},
    {"resources": ["nodes"], "verbs": ["get"]},
]


def site(subject: dict[str, str], kind: str = "Role", namespace: str | None = "science-demo") -> list[Rights]:
    place = {"namespace": namespace} if namespace else {}
    role = {"kind": kind, "metadata": {"name": "hub", **place}, "rules": RULES}
    binding = {
        "kind": f"{kind}Binding",
        "metadata": {"name": "hub", **place},
        "roleRef": {"kind": kind, "name": "hub"},
        "subjects": [{"kind": "ServiceAccount", "name": "hub", "namespace": "science-demo"} | subject],
    }
    hub = workload("Deployment", "hub")
    hub["spec"]["template"]["spec"]["serviceAccountName"] = "hub"
    return list(rights([role, binding], workloads(of(kubernetes(hub)))))


@pytest.mark.parametrize(("kind", "namespace"), [("Role", "science-demo"), ("ClusterRole", None)])
def test_pods_have_the_rights_of_their_account(kind: str, namespace: str | None):
    assert site({}, kind, namespace) == [Rights(pods=HUB, changes=("pods",), reads=("events", "nodes"))]


@pytest.mark.parametrize("subject", [{"name": "other"}, {"namespace": "elsewhere"}, {"kind": "User"}])
def test_others_rights_are_not_theirs(subject: dict[str, str]):
    assert site(subject) == []


@pytest.mark.parametrize(
    ("of_whom", "words"),
    [
        ({"changes": ("jobs", "pods"), "reads": ("events",)}, "changes jobs, pods; reads events"),
        ({"reads": ("events",)}, "reads events"),
        ({"changes": tuple("abcdef")}, "changes a, b and 4 more"),
    ],
)
def test_rights_in_words(of_whom: dict[str, Any], words: str):
    assert str(Rights(pods=HUB, **of_whom)) == words
