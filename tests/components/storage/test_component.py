"""What the storage layer declares, and under which options."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi

from components.place import Place
from components.storage.component import Storage
from components.storage.manifests import volumes, volumes_to_declare
from components.storage.spec import StorageSpec
from components.storage.volumes import Volumes
from infra.cluster import NfsShare, VolumeSource
from infra.spec import Purpose
from stacks.plan import Options, Plan
from tests.support.layer import VOLUMES, objects_of, planned_layer

HOMES = {"size": "1Gi"}
SECTION = {
    "homes": HOMES,
    "projects": {"size": "2Gi", "spaces": {"galaxies": {"readWrite": ["galaxies"]}}},
    "data": {"collections": {"sky": {"nfs": {"server": "nfs.example.org", "path": "/sky"}}}},
}
KEPT = Options(protect=True, retain_on_delete=True)


def planned(
    section: dict, *, disposable: bool = False, sources: Mapping[Purpose, VolumeSource] = VOLUMES
) -> tuple[Plan, Volumes]:
    told: list[Volumes] = []
    spec = StorageSpec.model_validate(section)

    def layer(place: Place, options: pulumi.ResourceOptions) -> None:
        on = replace(place, cluster=replace(place.cluster, volumes=sources))
        told.append(Storage("demo-storage", place=on, spec=spec, options=options).volumes)

    return planned_layer(layer, disposable=disposable), told[0]


def test_claims_are_declared_on_the_volumes_of_the_cluster():
    plan, told = planned(SECTION)
    spec = StorageSpec.model_validate(SECTION)
    made = volumes_to_declare("demo", spec, VOLUMES, disposable=False)
    assert {name: resource.inputs for name, resource in objects_of(plan, "demo-storage").items()} == {
        "PersistentVolumeClaim homes": made["homes"].claim,
        "PersistentVolumeClaim projects": made["projects"].claim,
        "PersistentVolumeClaim data-sky": made["data-sky"].claim,
        "PersistentVolume data-sky-volume": made["data-sky"].volume,
    }
    assert told == volumes(spec)


def test_each_volume_is_kept_or_not_and_what_others_keep_is_not():
    plan, _ = planned(SECTION | {"homes": HOMES | {"keep": False}})
    assert {name: each.options for name, each in objects_of(plan, "demo-storage").items()} == {
        "PersistentVolumeClaim homes": Options(),
        "PersistentVolumeClaim projects": KEPT,
        "PersistentVolumeClaim data-sky": Options(),
        "PersistentVolume data-sky-volume": Options(),
    }


def test_a_share_with_homes_is_kept_with_its_claim():
    share = VolumeSource(nfs=NfsShare(server="nfs.example.org", path="/homes"))
    plan, _ = planned({"homes": HOMES}, sources={**VOLUMES, "homes": share})
    assert {name: each.options for name, each in objects_of(plan, "demo-storage").items()} == {
        "PersistentVolumeClaim homes": KEPT,
        "PersistentVolume homes-volume": KEPT,
    }


def test_a_claim_waits_for_the_share_that_it_is_bound_to():
    objects = objects_of(planned(SECTION)[0], "demo-storage")
    claim, volume = objects["PersistentVolumeClaim data-sky"], objects["PersistentVolume data-sky-volume"]
    assert volume.urn in claim.dependencies


def test_a_disposable_site_keeps_only_what_it_says():
    plan, _ = planned(SECTION | {"homes": HOMES | {"keep": True}}, disposable=True)
    options = {name: each.options for name, each in objects_of(plan, "demo-storage").items()}
    assert [name for name, each in options.items() if each == KEPT] == ["PersistentVolumeClaim homes"]


def test_a_site_with_scratch_cleans_it():
    section = {"homes": HOMES, "scratch": {"size": "1Gi", "cleanAfter": "7d"}}
    assert list(objects_of(planned(section)[0], "demo-storage")) == [
        "PersistentVolumeClaim homes",
        "PersistentVolumeClaim scratch",
        "ConfigMap scratch-cleaner-script",
        "NetworkPolicy scratch-cleaner",
        "CronJob scratch-cleaner",
    ]


def test_a_site_that_wants_it_counts_what_is_used():
    section = {"homes": HOMES, "usage": {"every": "1h"}}
    assert list(objects_of(planned(section)[0], "demo-storage")) == [
        "PersistentVolumeClaim homes",
        "ConfigMap usage-config",
        "NetworkPolicy usage",
        "Deployment usage",
    ]
