"""What the hub declares on a cluster, and under which options."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.hub.component import Hub, configuration_files
from components.hub.manifests import door
from components.hub.spec import HubSpec
from components.identity.component import SignIn
from components.storage.volumes import Volumes
from infra.spec import NodePoolSpec
from stacks.plan import Options, Plan
from tests.support.layer import objects_of, planned_layer

SMALL = {
    "title": "Small",
    "cpu": {"guarantee": 0.5, "limit": 4},
    "memory": {"guarantee": "1Gi", "limit": "8Gi"},
    "default": True,
}
POOL = NodePoolSpec.model_validate({"labels": {"pool": "users"}, "cpu": 16, "memory": "64Gi"})
MADE_ONCE = Options(ignore_changes=("data",), additional_secret_outputs=("data", "stringData"))


def planned(*secrets: str, disposable: bool = False, **section: object) -> tuple[Plan, Hub]:
    spec = HubSpec.model_validate({"profiles": {"small": SMALL}, **section})
    hubs: list[Hub] = []
    plan = planned_layer(
        lambda place, options: hubs.append(
            Hub(
                "demo-hub",
                place=place,
                spec=spec,
                url="https://demo.example.org",
                sign_in=SignIn(settings={"kind": "sharedPassword"}, environment={}),
                volumes=Volumes(homes="homes"),
                services={"metrics": ("read:metrics",)},
                doors=[],
                environment={},
                callees={},
                options=options,
            )
        ),
        disposable=disposable,
        node_pools={"users": POOL},
        secrets=secrets,
    )
    return plan, hubs[0]


def test_everything_that_a_hub_is_made_of():
    plan, _ = planned()
    assert sorted(objects_of(plan, "demo-hub")) == [
        "ConfigMap hub-config",
        "DaemonSet image-pre-pull",
        "Deployment hub",
        "Deployment proxy",
        "NetworkPolicy hub",
        "NetworkPolicy proxy",
        "NetworkPolicy singleuser-server",
        "PersistentVolumeClaim hub-state",
        "PodDisruptionBudget hub",
        "PodDisruptionBudget proxy",
        "PriorityClass priority-core",
        "PriorityClass priority-placeholder",
        "PriorityClass priority-user",
        "Role hub",
        "RoleBinding hub",
        "Secret hub-keys",
        "Secret hub-token-metrics",
        "Secret proxy-token",
        "Service hub",
        "Service proxy",
        "Service proxy-api",
        "ServiceAccount hub",
    ]


def test_the_edge_is_given_the_hubs_door():
    _, hub = planned()
    assert hub.door == door()


def test_the_hub_reads_its_files_and_the_sites_values():
    plan, _ = planned()
    data = objects_of(plan, "demo-hub")["ConfigMap hub-config"].inputs["data"]
    assert isinstance(data, dict)
    assert data.keys() == configuration_files().keys() | {"site.json"}
    assert json.loads(data["site.json"])["url"] == "https://demo.example.org"


def test_configuration_is_python_and_pages_and_nothing_that_a_checkout_leaves_about():
    assert {name.rpartition(".")[2] for name in configuration_files()} == {"py", "html"}
    assert {"jupyterhub_config.py", "spawning.py", "login.html"} <= configuration_files().keys()
    assert "__init__.py" not in configuration_files()


def test_the_hub_waits_for_its_configuration():
    plan, _ = planned()
    objects = objects_of(plan, "demo-hub")
    assert objects["ConfigMap hub-config"].urn in objects["Deployment hub"].dependencies


def test_keys_and_tokens_are_made_once_and_shown_to_nobody():
    plan, _ = planned()
    objects = objects_of(plan, "demo-hub")
    secrets = {name: each for name, each in objects.items() if name.startswith("Secret ")}
    assert {name: each.inputs["data"] for name, each in secrets.items()} == {
        "Secret hub-keys": {"cookieSecret": "[secret]", "cryptKey": "[secret]"},
        "Secret proxy-token": {"token": "[secret]"},
        "Secret hub-token-metrics": {"token": "[secret]"},
    }
    # Whoever finds the kept database again has to be able to read it.
    kept = replace(MADE_ONCE, protect=True, retain_on_delete=True)
    assert [each.options for each in secrets.values()] == [kept, MADE_ONCE, MADE_ONCE]


def test_on_a_disposable_site_no_secret_is_kept():
    plan, _ = planned(disposable=True)
    assert objects_of(plan, "demo-hub")["Secret hub-keys"].options == MADE_ONCE


def test_a_database_elsewhere_is_reached_by_a_secret_that_follows_the_configuration():
    plan, _ = planned("hubDatabaseUrl", state={"kind": "postgresql", "cidr": "10.0.8.0/28"})
    objects = objects_of(plan, "demo-hub")
    assert "PersistentVolumeClaim hub-state" not in objects
    assert objects["Secret hub-database"].inputs["data"] == {"url": "[secret]"}
    assert objects["Secret hub-database"].options.ignore_changes == ()


@pytest.mark.parametrize(
    ("disposable", "options"), [(False, Options(protect=True, retain_on_delete=True)), (True, Options())]
)
def test_the_hubs_database_is_kept_but_on_disposable_sites(disposable: bool, options: Options):
    plan, _ = planned(disposable=disposable)
    assert objects_of(plan, "demo-hub")["PersistentVolumeClaim hub-state"].options == options


def test_a_site_may_leave_fetching_images_to_its_nodes():
    plan, _ = planned(prePull=False)
    assert "DaemonSet image-pre-pull" not in objects_of(plan, "demo-hub")


def test_placeholders_stand_where_their_profiles_servers_would():
    plan, _ = planned(
        profiles={"small": SMALL | {"nodePool": "users"}},
        placeholders={"count": 2, "profile": "small"},
    )
    spec: Any = objects_of(plan, "demo-hub")["Deployment user-placeholder"].inputs["spec"]
    assert (spec["replicas"], spec["template"]["spec"]["nodeSelector"]) == (2, {"pool": "users"})
