"""What a site keeps when it is taken down."""

import pytest

from components.storage.spec import StorageSpec, VolumeSpec


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
