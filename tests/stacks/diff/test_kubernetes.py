"""Which fields of Kubernetes objects can change in place."""

import pytest

from stacks.diff.kubernetes import is_fixed, quantity
from stacks.diff.model import ABSENT, Field


def fixed(
    kind: str, path: str, before: object = "a", after: object = "b", *, mutable: bool = True, **of: bool
) -> bool:
    return is_fixed(Field(path, before, after), {"apiVersion": "v1", "kind": kind, **of}, mutable=mutable)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", "/metadata/name"),
        ("Deployment", "/metadata/namespace"),
        ("Deployment", "/spec/selector/matchLabels/app"),
        ("DaemonSet", "/spec/selector"),
        ("StatefulSet", "/spec/selector/matchLabels/app"),
        ("StatefulSet", "/spec/volumeClaimTemplates/0/spec/storageClassName"),
        ("StatefulSet", "/spec/serviceName"),
        ("StatefulSet", "/spec/podManagementPolicy"),
        ("Job", "/spec/template/spec/containers/main/image"),
        ("Job", "/spec/completions"),
        ("PersistentVolumeClaim", "/spec/storageClassName"),
        ("PersistentVolumeClaim", "/spec/accessModes/0"),
        ("PersistentVolumeClaim", "/spec/volumeName"),
        ("PersistentVolume", "/spec/csi/volumeHandle"),
        ("PersistentVolume", "/spec/nfs"),
        ("RoleBinding", "/roleRef/name"),
        ("ClusterRoleBinding", "/roleRef"),
        ("StorageClass", "/parameters/type"),
        ("StorageClass", "/provisioner"),
        ("StorageClass", "/reclaimPolicy"),
        ("Service", "/spec/clusterIP"),
        ("Secret", "/type"),
        ("PriorityClass", "/value"),
        ("PriorityClass", "/preemptionPolicy"),
        ("Pod", "/spec/containers/main/image"),
        ("CustomResourceDefinition", "/spec/scope"),
        ("IngressClass", "/spec/controller"),
        ("RuntimeClass", "/handler"),
    ],
)
def test_what_cannot_change(kind: str, path: str):
    assert fixed(kind, path)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", "/metadata/labels/app"),
        ("Deployment", "/spec/template/spec/containers/hub/image"),
        ("Deployment", "/spec/replicas"),
        ("StatefulSet", "/spec/template/spec/containers/db/image"),
        ("StatefulSet", "/spec/replicas"),
        ("StatefulSet", "/metadata/labels/app"),
        ("Job", "/spec/suspend"),
        ("PersistentVolumeClaim", "/metadata/annotations/a"),
        ("PersistentVolume", "/spec/persistentVolumeReclaimPolicy"),
        ("RoleBinding", "/subjects/0/name"),
        ("StorageClass", "/allowVolumeExpansion"),
        ("Service", "/spec/ports/http/port"),
        ("PriorityClass", "/description"),
        ("ConfigMap", "/data/a"),
        ("Secret", "/data/a"),
        ("NetworkPolicy", "/spec/egress/0"),
    ],
)
def test_what_can_change(kind: str, path: str):
    assert not fixed(kind, path)


@pytest.mark.parametrize(
    ("version", "cannot"),
    [
        ("v1", True),
        ("apps/v1", True),
        ("storage.k8s.io/v1", True),
        ("batch.example.org/v1", False),
        ("x.k8s.io.example.org/v1", False),
    ],
)
def test_a_kind_of_the_same_name_that_is_not_kubernetes_own(version: str, cannot: bool):
    field = Field("/spec/template", "a", "b")
    assert is_fixed(field, {"apiVersion": version, "kind": "Job"}, mutable=True) is cannot


STORAGE = "/spec/resources/requests/storage"


@pytest.mark.parametrize(
    ("before", "after", "cannot"),
    [
        ("10Gi", "20Gi", False),
        ("1Ti", "1024Gi", False),
        ("1Gi", "1073741824", False),
        ("20Gi", "10Gi", True),
        ("1Ti", "1023Gi", True),
        ("10Gi", ABSENT, True),
    ],
)
def test_a_claim_grows_but_never_shrinks(before: object, after: object, cannot: bool):
    assert fixed("PersistentVolumeClaim", STORAGE, before, after) is cannot


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
@pytest.mark.parametrize(
    ("mutable", "immutable", "cannot"), [(True, False, False), (True, True, True), (False, False, True)]
)
def test_content_changes_where_provider_and_object_let_it(
    kind: str, mutable: bool, immutable: bool, cannot: bool
):
    assert fixed(kind, "/data/a", mutable=mutable, immutable=immutable) is cannot


def test_what_is_immutable_stays_so():
    assert fixed("ConfigMap", "/immutable", True, ABSENT, immutable=True)
    assert not fixed("ConfigMap", "/immutable", ABSENT, True, mutable=False)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("1.5Gi", 1.5 * 2**30),
        ("500m", 0.5),
        ("2k", 2000),
        ("1Ki", 1024),
        ("3T", 3e12),
        ("1e3", None),
        ("x", None),
    ],
)
def test_quantities(text: str, number: float | None):
    assert quantity(text) == number
