"""What is lost with a resource, and what only seems to be."""

from typing import Any

import pytest

from components.kubernetes import resource_class
from stacks.diff.forces_new import FORCES_NEW
from stacks.diff.forces_new_docs import table
from stacks.diff.holds import CLUSTERS, DATA, NODES, held
from stacks.resources import PlannedResource
from tests.support.plans import EXAMPLES, planned_site, site_value

SHARE = {"nfs": {"server": "archive.example.org", "path": "/export"}}


def planned(collection: dict[str, Any]) -> dict[str, PlannedResource]:
    """Return the objects of a data collection, by kind."""
    site = site_value(EXAMPLES["existing"])
    site["storage"]["data"] = {"collections": {"sky": collection}}
    resources = planned_site("example", site).resources
    return {str(each.inputs["kind"]): each for each in resources if "data-sky" in each.name}


@pytest.mark.parametrize(
    ("collection", "lost"),
    [
        ({"size": "1Ti"}, {"PersistentVolumeClaim": "the volume"}),
        ({"volumeName": "sky-2019"}, {"PersistentVolumeClaim": "the volume"}),
        (SHARE, {"PersistentVolume": None, "PersistentVolumeClaim": None}),
        (
            SHARE | {"readWrite": ["curators"]},
            {"PersistentVolume": None, "PersistentVolumeClaim": "the volume"},
        ),
    ],
)
def test_of_data_collections_a_share_that_is_only_read_holds_nothing(
    collection: dict[str, Any], lost: dict[str, str | None]
):
    assert {kind: held(each) for kind, each in planned(collection).items()} == lost


KUBERNETES = {type_ for type_ in DATA if type_.startswith("kubernetes:")}


def test_every_type_of_a_cloud_that_holds_something_is_one_of_its_sdk_and_known_by_what_replaces_it():
    clouds = (DATA.keys() | NODES) - KUBERNETES
    assert clouds <= table().keys()
    assert {type_ for type_ in clouds if not FORCES_NEW[type_]} == set()
    assert clouds >= CLUSTERS


def test_every_kind_of_kubernetes_that_holds_something_is_one_of_its_sdk():
    for type_ in KUBERNETES:
        _, module, kind = type_.split(":")
        package, version = module.replace(".k8s.io", "").split("/")
        cls = resource_class(f"{module.replace('core/', '')}", kind)
        assert (cls.__name__, cls.__module__.split(".")[1:3]) == (kind, [package, version])
