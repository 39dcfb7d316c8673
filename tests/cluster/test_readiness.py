"""Waiting for real pods, and what is said when there will be none."""

from typing import Any

import pytest

from infra.kube import Kube
from infra.progress import Progress
from stacks.readiness import NotReadyError, await_ready
from tests.cluster.conftest import Stack

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def image(kube: Kube) -> str:
    """Give an image that the cluster has: that of its own name server."""
    pods = kube.list("v1", "Pod", "kube-system", labels="k8s-app=kube-dns")
    return pods[0]["spec"]["containers"][0]["image"]


def deployment(name: str, namespace: str, container: dict[str, Any]) -> dict[str, Any]:
    labels = {"app": name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", **container}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": pod},
    }


def test_pods_that_run_are_waited_for(kube: Kube, namespace: str, image: str, stack: Stack):
    live = kube.apply(deployment("works", namespace, {"image": image}), manager="tests")
    await_ready(kube, [live], stack.progress, timeout=60)
    assert f"Deployment {namespace}/works is ready (1 of 1)" in stack.said.getvalue()
    now = kube.get("apps/v1", "Deployment", "works", namespace)
    assert now
    assert now["status"]["availableReplicas"] == 1


def test_an_image_that_is_not_there_ends_the_wait_early(kube: Kube, namespace: str):
    container = {"image": "nowhere.invalid/x:1", "imagePullPolicy": "Never"}
    live = kube.apply(deployment("pull", namespace, container), manager="tests")
    with pytest.raises(
        NotReadyError, match=r"these will not get ready:\n- Deployment .*\n +.*ErrImageNeverPull"
    ):
        await_ready(kube, [live], Progress(), timeout=60)


def test_a_crash_is_shown_with_its_last_words(kube: Kube, namespace: str, image: str):
    live = kube.apply(
        deployment("crash", namespace, {"image": image, "args": ["-conf", "/nowhere"]}), manager="tests"
    )
    with pytest.raises(
        NotReadyError, match=r"these are not ready:\n(.*\n)+ +\| .*open /nowhere: no such file"
    ):
        await_ready(kube, [live], Progress(), timeout=12)


def test_a_quota_is_named(kube: Kube, namespace: str, image: str):
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": namespace},
    }
    kube.apply({**quota, "spec": {"hard": {"requests.cpu": "0"}}}, manager="tests")
    wants = {"image": image, "resources": {"requests": {"cpu": "1m"}}}
    try:
        live = kube.apply(deployment("quota", namespace, wants), manager="tests")
        with pytest.raises(
            NotReadyError, match=r"its pods are refused: .*exceeded quota: none.*raise the quota"
        ):
            await_ready(kube, [live], Progress(), timeout=8)
    finally:
        kube.delete("v1", "ResourceQuota", "none", namespace)


def test_a_claim_that_waits_for_a_consumer_is_not_waited_for(kube: Kube, namespace: str, stack: Stack):
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "lazy", "namespace": namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    await_ready(kube, [kube.apply(claim, manager="tests")], stack.progress, timeout=1)
    assert stack.said.getvalue() == ""


def test_a_claim_that_nobody_can_fill_is(kube: Kube, namespace: str):
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "stuck", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "no-such-class",
            "resources": {"requests": {"storage": "1Mi"}},
        },
    }
    live = kube.apply(claim, manager="tests")
    with pytest.raises(NotReadyError, match="PersistentVolumeClaim test-readiness/stuck: pending"):
        await_ready(kube, [live], Progress(), timeout=2)
