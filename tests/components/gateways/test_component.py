"""What the gateways layer declares."""

from typing import Any

import pytest

from components.gateways.component import Gateways
from components.gateways.spec import GatewaysSpec, ObjectStoreSpec
from components.storage.volumes import Volumes
from stacks.plan import Plan
from tests.support.layer import objects_of, planned_layer


def planned(section: dict, object_store: ObjectStoreSpec | None = None) -> tuple[Plan, Gateways]:
    made: list[Gateways] = []
    plan = planned_layer(
        lambda place, options: made.append(
            Gateways(
                "demo-gateways",
                place=place,
                spec=GatewaysSpec.model_validate(section),
                object_store=object_store,
                site_host="science.example.org",
                url="https://science.example.org:31443",
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


def test_what_an_s3_gateway_is_made_of():
    plan, gateways = planned({"s3": {}})
    objects = objects_of(plan, "demo-gateways")
    assert sorted(objects) == [
        "ConfigMap s3-rooms",
        "Deployment s3-deployment",
        "NetworkPolicy s3-policy",
        "PodDisruptionBudget s3-budget",
        "Secret s3-keys",
        "Service s3-service",
    ]
    assert objects["Secret s3-keys"].options.ignore_changes == ("data",)
    assert [door.name for door in gateways.doors] == ["s3"]
    assert gateways.callees == {"s3": 8080}
    assert gateways.environment["S3_PUBLIC_URL"] == "https://s3.science.example.org:31443"


def test_servers_are_told_of_a_store_of_the_sites_cloud():
    plan, gateways = planned({}, ObjectStoreSpec(endpoint="https://object.example.org", region="north-1"))
    assert (objects_of(plan, "demo-gateways"), gateways.doors, gateways.callees) == ({}, [], {})
    assert gateways.environment == {
        "AWS_ENDPOINT_URL_S3": "https://object.example.org",
        "AWS_REGION": "north-1",
        "AWS_DEFAULT_REGION": "north-1",
        "S3_PUBLIC_URL": "https://object.example.org",
    }


@pytest.mark.parametrize("gateway", ["webdav", "s3"])
def test_pods_are_replaced_when_rooms_change(gateway: str):
    objects = objects_of(planned({gateway: {}})[0], "demo-gateways")
    config: dict[str, Any] = dict(objects[f"ConfigMap {gateway}-rooms"].inputs)
    deployment: dict[str, Any] = dict(objects[f"Deployment {gateway}-deployment"].inputs)
    rooms = config["metadata"]["name"]
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    assert {"name": "rooms", "configMap": {"name": rooms}} in volumes
