"""The claims of homes and project spaces."""

from components.storage.manifests import claims, volume_claim
from components.storage.spec import StorageSpec, VolumeSpec
from infra.cluster import VolumeSource

LABELS = {
    "app.kubernetes.io/name": "storage",
    "app.kubernetes.io/component": "storage",
    "app.kubernetes.io/instance": "demo",
    "app.kubernetes.io/part-of": "science-platform",
    "app.kubernetes.io/managed-by": "pulumi",
}
SIZE = VolumeSpec(size="60Ti")


def test_a_volume_of_a_storage_class():
    assert volume_claim("demo", "homes", SIZE, VolumeSource(storage_class="cephfs")) == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "homes", "labels": LABELS, "namespace": "science-demo"},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "60Ti"}},
            "storageClassName": "cephfs",
        },
    }


def test_a_volume_of_the_default_class_names_none():
    assert volume_claim("demo", "homes", SIZE, VolumeSource())["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "60Ti"}},
    }


def test_a_volume_that_is_there_already_is_bound_and_no_class_makes_another():
    assert volume_claim("demo", "homes", SIZE, VolumeSource(volume_name="homes-2019"))["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "60Ti"}},
        "storageClassName": "",
        "volumeName": "homes-2019",
    }


def test_a_volume_for_one_node():
    one_node = VolumeSource(access_mode="ReadWriteOnce")
    assert volume_claim("demo", "homes", SIZE, one_node)["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_a_site_without_project_spaces_has_homes_alone():
    spec = StorageSpec.model_validate({"homes": {"size": "1Gi"}})
    assert list(claims("demo", spec, VolumeSource(), VolumeSource())) == ["homes"]


def test_homes_and_projects_come_each_from_its_own_source():
    spec = StorageSpec.model_validate(
        {"homes": {"size": "1Gi"}, "projects": {"size": "2Gi", "spaces": {"galaxies": {}}}}
    )
    homes, projects = VolumeSource(storage_class="fast"), VolumeSource(storage_class="large")
    assert claims("demo", spec, homes, projects) == {
        "homes": volume_claim("demo", "homes", VolumeSpec(size="1Gi"), homes),
        "projects": volume_claim("demo", "projects", VolumeSpec(size="2Gi"), projects),
    }
