"""What the gateways layer declares."""

from typing import Any

from components.gateways.component import Gateways
from components.gateways.spec import GatewaysSpec
from components.storage.volumes import Volumes
from stacks.plan import Plan
from tests.support.layer import objects_of, planned_layer


def planned(section: dict) -> tuple[Plan, Gateways]:
    made: list[Gateways] = []
    plan = planned_layer(
        lambda place, options: made.append(
            Gateways(
                "demo-gateways",
                place=place,
                spec=GatewaysSpec.model_validate(section),
                site_host="science.example.org",
                volumes=Volumes(homes="homes", projects=None, spaces={}),
                options=options,
            )
        )
    )
    return plan, made[0]


def test_a_site_without_gateways_declares_nothing():
    plan, gateways = planned({})
    assert (objects_of(plan, "demo-gateways"), gateways.doors) == ({}, [])


def test_what_a_webdav_gateway_is_made_of():
    plan, gateways = planned({"webdav": {}})
    assert sorted(objects_of(plan, "demo-gateways")) == [
        "ConfigMap webdav-rooms",
        "Deployment webdav-deployment",
        "NetworkPolicy webdav-policy",
        "PodDisruptionBudget webdav-budget",
        "Service webdav-service",
    ]
    assert [door.name for door in gateways.doors] == ["webdav"]


def test_pods_are_replaced_when_rooms_change():
    objects = objects_of(planned({"webdav": {}})[0], "demo-gateways")
    config: dict[str, Any] = dict(objects["ConfigMap webdav-rooms"].inputs)
    deployment: dict[str, Any] = dict(objects["Deployment webdav-deployment"].inputs)
    rooms = config["metadata"]["name"]
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    assert {"name": "rooms", "configMap": {"name": rooms}} in volumes
