"""What gateways are told of rooms."""

from components.gateways.rooms import rooms_document, rooms_volumes
from components.storage.spec import ProjectSpaceSpec
from components.storage.volumes import Collection, Volumes

SPACE = {"title": "Galaxy survey", "readWrite": ["galaxies"], "readOnly": ["students"]}
BOTH = Volumes(
    homes="homes",
    projects="projects",
    spaces={"galaxies": ProjectSpaceSpec.model_validate(SPACE)},
    collections={"gaia": Collection(claim="gaia-dr4", title="Gaia", groups=["a"], read_write=["b"])},
)
HOMES_ONLY = Volumes(homes="homes", projects=None, spaces={})


def test_the_whole_document():
    assert rooms_document("demo", "Demo", BOTH, "http://hub:8081/hub/api") == {
        "site": "demo",
        "title": "Demo",
        "hub": "http://hub:8081/hub/api",
        "cacheSeconds": 30,
        "homes": "/volumes/homes",
        "projects": "/volumes/projects",
        "spaces": {"galaxies": SPACE},
        "data": {
            "gaia": {
                "title": "Gaia",
                "path": "/volumes/data/gaia",
                "groups": ["a"],
                "readWrite": ["b"],
            }
        },
    }


def test_a_site_without_project_spaces_mounts_no_volume_of_them():
    document = rooms_document("demo", "Demo", HOMES_ONLY, "http://hub:8081/hub/api")
    assert (document["projects"], document["spaces"]) == ("", {})
    assert rooms_volumes(HOMES_ONLY) == (
        [{"name": "homes", "persistentVolumeClaim": {"claimName": "homes"}}],
        {"/volumes/homes": {"name": "homes"}},
    )


def test_whole_claims_are_mounted_data_for_reading():
    volumes, mounts = rooms_volumes(BOTH)
    assert volumes[2] == {
        "name": "data-gaia",
        "persistentVolumeClaim": {"claimName": "gaia-dr4", "readOnly": True},
    }
    assert mounts == {
        "/volumes/homes": {"name": "homes"},
        "/volumes/projects": {"name": "projects"},
        "/volumes/data/gaia": {"name": "data-gaia", "readOnly": True},
    }
