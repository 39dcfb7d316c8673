"""What a site keeps when it is taken down."""

import pytest

from components.storage.spec import CollectionSpec, StorageSpec, VolumeSpec


@pytest.mark.parametrize(
    ("keep", "disposable", "kept"),
    [
        (None, False, True),
        (None, True, False),
        (True, True, True),
        (False, False, False),
    ],
)
def test_everything_is_kept_but_on_disposable_sites_unless_the_site_says_otherwise(
    keep: bool | None, disposable: bool, kept: bool
):
    assert VolumeSpec(size="1Gi", keep=keep).kept(disposable=disposable) is kept


@pytest.mark.parametrize(
    ("homes", "projects", "kept"),
    [(False, None, False), (False, False, False), (False, True, True), (True, False, True)],
)
def test_a_storage_keeps_something_if_any_of_its_volumes_is_kept(
    homes: bool, projects: bool | None, kept: bool
):
    value = {"homes": {"size": "1Gi", "keep": homes}}
    if projects is not None:
        value["projects"] = {"size": "1Gi", "keep": projects, "spaces": {"galaxies": {}}}
    assert StorageSpec.model_validate(value).keeps(disposable=False) is kept


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"size": "1Gi"}, True),
        ({"volumeName": "sky-2019"}, True),
        ({"size": "1Gi", "keep": False}, False),
        ({"nfs": {"server": "nfs.example.org", "path": "/sky"}, "readWrite": ["curators"]}, True),
        ({"claimName": "sky"}, False),
        ({"claimName": "sky", "readWrite": ["curators"]}, False),
        ({"nfs": {"server": "nfs.example.org", "path": "/sky"}}, False),
        ({"csi": {"driver": "cephfs.csi.ceph.com", "handle": "sky"}}, False),
        ({"cvmfs": {"repository": "sky.example.org"}}, False),
    ],
)
def test_of_collections_those_are_kept_that_would_be_lost_with_the_site(fields: dict, kept: bool):
    assert CollectionSpec.model_validate(fields).kept(disposable=False) is kept


def test_the_cluster_gives_volumes_for_what_a_site_has():
    assert StorageSpec.model_validate({"homes": {"size": "1Gi"}}).purposes == ("homes",)
    elsewhere = {"collections": {"sky": {"claimName": "sky"}}}
    everything = {
        "homes": {"size": "1Gi"},
        "projects": {"size": "1Gi", "spaces": {"galaxies": {}}},
        "scratch": {"size": "1Gi"},
        "software": {"size": "1Gi", "readWrite": ["staff"]},
    }
    without_own_data = StorageSpec.model_validate(everything | {"data": elsewhere})
    assert without_own_data.purposes == ("homes", "projects", "scratch", "software")
    own_data = {"collections": {"sky": {"size": "1Gi"}}}
    assert "data" in StorageSpec.model_validate(everything | {"data": own_data}).purposes
