"""What is lost with a resource, and what only seems to be."""

from typing import Any

import pytest

from stacks.diff.holds import held
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
