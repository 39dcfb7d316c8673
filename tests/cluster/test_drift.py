"""What someone changes by hand on a real API server is named, and nothing is changed by looking."""

import secrets
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from stacks.apply_errors import ApplyError
from stacks.drift.live import drift
from stacks.drift.model import How, Moved
from tests.cluster.conftest import MakeOptions, Stack

pytestmark = pytest.mark.cluster

Program = Callable[..., None]
FINGERPRINT = b"a key of one run"


def looked_at(stack: Stack, program: Program) -> tuple[Moved, ...]:
    return drift(
        program,
        stack=stack.name,
        kube=stack.kube,
        config={"password": "hunter2"},
        secrets=["password"],
        fingerprint=FINGERPRINT,
    )


@pytest.fixture
def program(namespace: str, opts: MakeOptions) -> Program:
    """Give a program with one of each: a Deployment, a ConfigMap, a Secret, a Service that others refer to."""

    def declare(more: tuple[str, ...] = ()) -> None:
        given = opts()

        def metadata(name: str) -> Any:  # noqa: ANN401 - as the SDK's types have it
            return {"name": f"moved-{name}", "namespace": namespace}

        labels = {"app": "moved"}
        pod: Any = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "none"}]}}
        spec: Any = {"replicas": 0, "selector": {"matchLabels": labels}, "template": pod}
        k8s.apps.v1.Deployment("d", metadata=metadata("d"), spec=spec, opts=given)
        ports: Any = {"ports": [{"port": 80}]}
        service = k8s.core.v1.Service("s", metadata=metadata("s"), spec=ports, opts=given)
        k8s.core.v1.ConfigMap("c", metadata=metadata("c"), data={"ip": service.spec.cluster_ip}, opts=given)
        text = {"password": pulumi.Config().require_secret("password")}
        k8s.core.v1.Secret("p", metadata=metadata("p"), string_data=text, opts=given)
        # Made once and then left alone, as keys and passwords of a site are.
        kept = pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(ignore_changes=["stringData"]))
        once = {"key": secrets.token_hex()}
        k8s.core.v1.Secret("k", metadata=metadata("k"), string_data=once, opts=kept)
        for name in more:
            k8s.core.v1.ConfigMap(name, metadata=metadata(name), data={"a": "1"}, opts=given)

    return declare


def patch(stack: Stack, namespace: str, kind: tuple[str, str], name: str, change: dict[str, Any]) -> None:
    stack.kube.merge(*kind, f"moved-{name}", namespace, change)


DEPLOYMENT, CONFIG, SECRET = ("apps/v1", "Deployment"), ("v1", "ConfigMap"), ("v1", "Secret")


def test_what_was_just_applied_has_not_moved(stack: Stack, program: Program):
    stack.up(program)
    assert looked_at(stack, program) == ()


def test_what_was_changed_by_hand_is_named_with_both_values(stack: Stack, program: Program, namespace: str):
    stack.up(program)
    patch(stack, namespace, DEPLOYMENT, "d", {"spec": {"replicas": 2}})
    moved = (Moved(f"Deployment {namespace}/moved-d", How.CHANGED, ("/spec/replicas: 0 → 2",)),)
    assert looked_at(stack, program) == moved
    assert looked_at(stack, program) == moved, "a look changes nothing"
    stack.up(program)
    assert looked_at(stack, program) == ()


def test_what_was_added_by_hand_is_named_although_applying_again_leaves_it(
    stack: Stack, program: Program, namespace: str
):
    stack.up(program)
    patch(stack, namespace, CONFIG, "c", {"data": {"extra": "1"}})
    debug = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "moved-d", "namespace": namespace},
    }
    containers = [{"name": "debug", "image": "none"}]
    stack.kube.apply({**debug, "spec": {"template": {"spec": {"containers": containers}}}}, manager="by-hand")
    first, second = looked_at(stack, program)
    assert (first.what, first.how) == (f"Deployment {namespace}/moved-d", How.CHANGED)
    (line,) = first.fields
    assert line.startswith("/spec/template/spec/containers/debug: + {")
    assert second == Moved(f"ConfigMap {namespace}/moved-c", How.CHANGED, ("/data/extra: + 1",))


def test_a_secret_is_only_said_to_have_changed(stack: Stack, program: Program, namespace: str):
    stack.up(program)
    patch(stack, namespace, SECRET, "p", {"stringData": {"password": "planted"}})
    assert looked_at(stack, program) == (
        Moved(f"Secret {namespace}/moved-p", How.CHANGED, ("/data/password: [secret] → [secret] (changed)",)),
    )


def test_what_is_gone_or_left_over_is_named(stack: Stack, program: Program, namespace: str):
    stack.up(lambda: program(more=("more",)))
    stack.kube.delete("apps/v1", "Deployment", "moved-d", namespace)
    assert looked_at(stack, program) == (
        Moved(f"Deployment {namespace}/moved-d", How.GONE),
        Moved(f"ConfigMap {namespace}/moved-more", How.LEFT_OVER),
    )


def test_what_cannot_change_in_place_is_said_to_be_replaced(stack: Stack, program: Program, namespace: str):
    stack.up(program)
    stack.kube.delete("apps/v1", "Deployment", "moved-d", namespace)
    stack.kube.wait(
        "apps/v1", "Deployment", "moved-d", namespace, until=lambda live: live is None, timeout=30
    )
    labels = {"app": "another"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "none"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": pod}
    metadata = {"name": "moved-d", "namespace": namespace}
    stack.kube.create(
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}, manager="by-hand"
    )
    (moved,) = looked_at(stack, program)
    assert (moved.what, moved.how) == (f"Deployment {namespace}/moved-d", How.REPLACED)
    assert "/spec/selector/matchLabels/app: moved → another" in moved.fields


def test_what_was_never_applied_cannot_be_looked_at(stack: Stack, program: Program):
    with pytest.raises(ApplyError, match=f"site {stack.name} was never applied to the cluster at"):
        looked_at(stack, program)
