"""What the storage layer declares, and what it tells the others."""

from components.storage.component import Storage, Volumes
from components.storage.manifests import volume_claim
from components.storage.spec import ProjectSpaceSpec, StorageSpec, VolumeSpec
from infra.cluster import VolumeSource
from stacks.plan import Options, Plan
from tests.support.layer import objects_of, planned_layer

HOMES = {"size": "1Gi"}
SPACES = {"galaxies": {"readWrite": ["galaxies"]}}
KEPT = Options(protect=True, retain_on_delete=True)


def planned(section: dict, *, disposable: bool = False) -> tuple[Plan, Volumes]:
    told: list[Volumes] = []
    spec = StorageSpec.model_validate(section)
    plan = planned_layer(
        lambda place, options: told.append(
            Storage("demo-storage", place=place, spec=spec, options=options).volumes
        ),
        disposable=disposable,
    )
    return plan, told[0]


def test_claims_are_declared_on_the_volumes_of_the_cluster():
    plan, _ = planned({"homes": HOMES, "projects": {"size": "2Gi", "spaces": SPACES}})
    source = VolumeSource(storage_class="cephfs")
    assert {name: resource.inputs for name, resource in objects_of(plan, "demo-storage").items()} == {
        "PersistentVolumeClaim homes": volume_claim("demo", "homes", VolumeSpec(size="1Gi"), source),
        "PersistentVolumeClaim projects": volume_claim("demo", "projects", VolumeSpec(size="2Gi"), source),
    }


def test_each_volume_is_kept_or_not_as_the_site_says():
    section = {"homes": HOMES | {"keep": True}, "projects": {"size": "2Gi", "spaces": SPACES}}
    plan, _ = planned(section, disposable=True)
    claims = objects_of(plan, "demo-storage")
    assert {name: claim.options for name, claim in claims.items()} == {
        "PersistentVolumeClaim homes": KEPT,
        "PersistentVolumeClaim projects": Options(),
    }


def test_other_layers_are_told_of_claims_and_spaces():
    _, volumes = planned({"homes": HOMES, "projects": {"size": "2Gi", "spaces": SPACES}})
    assert volumes == Volumes(
        homes="homes",
        projects="projects",
        spaces={"galaxies": ProjectSpaceSpec.model_validate(SPACES["galaxies"])},
    )


def test_a_site_without_project_spaces_says_so():
    _, volumes = planned({"homes": HOMES})
    assert volumes == Volumes(homes="homes", projects=None, spaces={})
