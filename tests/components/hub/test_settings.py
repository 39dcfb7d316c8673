"""The document that the hub's configuration reads, from a site's values."""

from components.hub.settings import (
    Surroundings,
    hub_settings,
    node_placement,
    priority_class,
    profile_image,
    profile_settings,
    volume_settings,
)
from components.hub.spec import HubSpec, ProfileSpec
from components.storage.spec import ProjectSpaceSpec
from components.storage.volumes import Collection, Software, Volumes
from infra.spec import NodePoolSpec

SMALL = {
    "title": "Small",
    "cpu": {"guarantee": 0.5, "limit": 4},
    "memory": {"guarantee": "1.5Gi", "limit": "8Gi"},
    "default": True,
}
GPU_POOL = NodePoolSpec.model_validate(
    {
        "labels": {"pool": "gpu"},
        "taints": {"dedicated": "gpu"},
        "cpu": 16,
        "memory": "64Gi",
        "gpus": 2,
        "gpuResource": "amd.com/gpu",
    }
)
AROUND = Surroundings(
    site="demo",
    title="Demo platform",
    namespace="science-demo",
    url="https://demo.example.org",
    identity={"kind": "sharedPassword", "users": {}},
    volumes=Volumes(homes="homes"),
    node_pools={"gpu": GPU_POOL},
    services={"metrics": ("read:metrics",)},
    doors=["webdav"],
    environment={"AWS_REGION": "us-east-1"},
    image=lambda name: f"registry.example.org/{name}:1",
)


def hub(**changes: object) -> HubSpec:
    return HubSpec.model_validate({"profiles": {"small": SMALL}, **changes})


def profile(**changes: object) -> ProfileSpec:
    return ProfileSpec.model_validate(SMALL | changes)


def test_the_whole_document_in_the_hubs_own_units():
    assert hub_settings(hub(), AROUND) == {
        "site": "demo",
        "title": "Demo platform",
        "namespace": "science-demo",
        "url": "https://demo.example.org",
        "identity": {"kind": "sharedPassword", "users": {}},
        "profiles": {
            "small": {
                "title": "Small",
                "description": "",
                "cpu": {"guarantee": 0.5, "limit": 4.0},
                "memory": {"guarantee": 1610612736, "limit": 8589934592},
                "image": "registry.example.org/lab:1",
                "gpus": 0,
                "gpuResource": "nvidia.com/gpu",
                "nodeSelector": {},
                "tolerations": [],
                "groups": [],
                "default": True,
            }
        },
        "limits": {"servers": 3, "cpu": None, "memory": None},
        "culling": {"idle": 3600, "maximumAge": None, "every": 300},
        "homes": {"claim": "homes"},
        "projects": None,
        "scratch": None,
        "software": None,
        "collections": {},
        "priorityClass": "science-demo-user",
        "userNamespaces": False,
        "startTimeout": 300,
        "folderImage": "registry.example.org/base:1",
        "services": {"metrics": {"scopes": ["read:metrics"]}},
        "doors": ["webdav"],
        "environment": {"AWS_REGION": "us-east-1"},
        "state": {"kind": "volume"},
        "labels": {
            "app.kubernetes.io/name": "singleuser-server",
            "app.kubernetes.io/component": "singleuser-server",
            "app.kubernetes.io/instance": "demo",
            "app.kubernetes.io/part-of": "science-platform",
            "app.kubernetes.io/managed-by": "pulumi",
        },
    }


def test_a_profile_on_a_node_pool_is_put_on_its_nodes_and_gets_its_gpus():
    assert profile_settings(profile(nodePool="gpu", gpus=1, groups=["staff"], default=False), AROUND) == {
        "title": "Small",
        "description": "",
        "cpu": {"guarantee": 0.5, "limit": 4.0},
        "memory": {"guarantee": 1610612736, "limit": 8589934592},
        "image": "registry.example.org/lab:1",
        "gpus": 1,
        "gpuResource": "amd.com/gpu",
        "nodeSelector": {"pool": "gpu"},
        "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "gpu"}],
        "groups": ["staff"],
        "default": False,
    }


def test_a_pod_of_no_pool_goes_anywhere():
    assert node_placement(None) == {"nodeSelector": {}, "tolerations": []}


def test_an_image_is_one_of_the_projects_own_or_a_full_reference():
    assert profile_image(profile(), AROUND.image) == "registry.example.org/lab:1"
    theirs = "images.example.org/radio/imaging:2026.2"
    assert profile_image(profile(image=theirs), AROUND.image) == theirs


def test_limits_are_in_cores_and_bytes():
    settings = hub_settings(hub(limits={"servers": 4, "cpu": 6.5, "memory": "6Gi"}), AROUND)
    assert settings["limits"] == {"servers": 4, "cpu": 6.5, "memory": 6442450944}


def test_times_are_in_seconds():
    culling = {"idle": "8h", "maximumAge": "5d", "every": "10m"}
    settings = hub_settings(hub(culling=culling, startTimeout="15m"), AROUND)
    assert settings["culling"] == {"idle": 28800, "maximumAge": 432000, "every": 600}
    assert settings["startTimeout"] == 900


def test_project_spaces_say_who_may_read_and_who_may_write():
    space = ProjectSpaceSpec.model_validate({"title": "Survey", "readWrite": ["a"], "readOnly": ["b"]})
    settings = volume_settings(Volumes(homes="homes", projects="projects", spaces={"survey": space}))
    assert settings["projects"] == {
        "claim": "projects",
        "spaces": {"survey": {"title": "Survey", "readWrite": ["a"], "readOnly": ["b"]}},
    }


def test_scratch_software_and_collections_say_where_they_are_and_whose():
    volumes = Volumes(
        homes="homes",
        scratch="scratch",
        software=Software(claim="software", read_write=("installers",)),
        collections={
            "sky": Collection(claim="data-sky", title="Sky", groups=("a",), read_write=("curators",))
        },
    )
    assert volume_settings(volumes) == {
        "homes": {"claim": "homes"},
        "projects": None,
        "scratch": {"claim": "scratch"},
        "software": {"claim": "software", "readWrite": ["installers"]},
        "collections": {
            "sky": {"claim": "data-sky", "title": "Sky", "groups": ["a"], "readWrite": ["curators"]}
        },
    }


def test_a_database_elsewhere_is_named_by_its_kind_alone():
    settings = hub_settings(hub(state={"kind": "postgresql", "cidr": "10.0.8.0/28"}), AROUND)
    assert settings["state"] == {"kind": "postgresql"}


def test_priority_classes_of_two_sites_do_not_clash():
    assert priority_class("demo", "user") == "science-demo-user"
