"""Pods wherever an object has them."""

from typing import Any

import pytest

from stacks.gates.pods import Pod, pod_of
from tests.support.diff import kubernetes, resource

SPEC = {"containers": [{"name": "a"}], "initContainers": [{"name": "b"}], "volumes": [{"name": "v"}]}
TEMPLATE = {"metadata": {"labels": {"app": "a"}}, "spec": SPEC}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Deployment", {"replicas": 3, "template": TEMPLATE}),
        ("DaemonSet", {"template": TEMPLATE}),
        ("Job", {"template": TEMPLATE}),
        ("CronJob", {"jobTemplate": {"spec": {"template": TEMPLATE}}}),
    ],
)
def test_the_template_of_a_workload(kind: str, spec: dict[str, Any]):
    metadata = {"name": "it", "namespace": "science-demo", "labels": {"app": "other"}}
    it = kubernetes({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec})
    assert pod_of(it) == Pod(SPEC, {"app": "a"}, "science-demo")


def test_a_pod_itself():
    metadata = {"name": "it", "labels": {"app": "a"}}
    it = kubernetes({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": SPEC})
    assert pod_of(it) == Pod(SPEC, {"app": "a"}, "default")


def test_containers_are_all_of_them_those_that_run_first_too():
    pod = Pod(SPEC, {}, "default")
    assert [name for name, _ in pod.containers()] == ["b", "a"]
    assert [name for name, _ in pod.volumes()] == ["v"]


@pytest.mark.parametrize(
    "other",
    [
        kubernetes(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "it"}, "spec": {"ports": []}}
        ),
        resource("aws:ecs/taskDefinition:TaskDefinition", "it", {"spec": SPEC}),
    ],
    ids=["a Service", "another cloud's"],
)
def test_what_has_no_pods(other: Any):  # noqa: ANN401 - a resource
    assert pod_of(other) is None
