"""What holds for every cluster that the stack makes, on whichever cloud."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from infra.lookups import looked_up
from stacks.diff import compare
from stacks.plan import Cloud, Plan, PlannedResource, plan
from stacks.program import main
from stacks.site_loading import site_from_config
from tests.support.aws import AwsDouble
from tests.support.openstack import OpenstackDouble
from tests.support.plans import SITES, site_value
from tests.support.sdk_types import unknown_inputs

CLOUDS: dict[str, Cloud] = {"austral": OpenstackDouble(), "equinox": AwsDouble()}
"""Committed sites that make their cluster, and what stands for their cloud."""

STATEFUL = (
    "aws:efs/accessPoint:AccessPoint",
    "aws:efs/fileSystem:FileSystem",
    "aws:eks/cluster:Cluster",
    "aws:kms/key:Key",
    "openstack:containerinfra/cluster:Cluster",
    "openstack:sharedfilesystem/share:Share",
)
"""What cannot be had back once it is gone, or takes what is in it along."""


def cloud_site(name: str) -> dict[str, Any]:
    """Return a site without its prices, which name the machines that tests exchange."""
    return {key: value for key, value in site_value(SITES[name]).items() if key != "prices"}


def planned(name: str, site: dict[str, Any] | None = None, *, preview: bool = False) -> Plan:
    """Return the plan of a site with its cloud's answers."""
    value = site or cloud_site(name)
    secrets = site_from_config(value, name=name).secret_keys
    return plan(
        main, stack=name, config={"site": value}, secrets=secrets, preview=preview, cloud=CLOUDS[name]
    )


@cache
def resources(name: str, *, preview: bool = False) -> tuple[PlannedResource, ...]:
    return planned(name, preview=preview).resources


@pytest.fixture(params=CLOUDS)
def cloud(request: pytest.FixtureRequest) -> str:
    return request.param


def made(name: str, **changed: bool) -> Iterator[PlannedResource]:
    """Yield what is made on the cloud itself."""
    yield from (each for each in resources(name, **changed) if each.package in ("aws", "openstack"))


@pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])
def test_every_input_is_one_that_the_provider_knows(cloud: str, preview: bool):
    unknown = {each.name: unknown_inputs(each) for each in made(cloud, preview=preview)}
    assert {name: found for name, found in unknown.items() if found} == {}


def test_a_wrong_name_deep_inside_is_found():
    cluster = next(each for each in made("equinox") if each.type == "aws:eks/cluster:Cluster")
    network: Any = cluster.inputs["vpcConfig"]
    wrong = replace(cluster, inputs={**cluster.inputs, "vpcConfig": {**network, "subnets": []}, "nodes": 3})
    assert unknown_inputs(wrong) == ["nodes", "vpcConfig.subnets"]


def test_what_cannot_be_had_back_is_protected(cloud: str):
    stateful = [each for each in made(cloud) if each.type in STATEFUL]
    assert len(stateful) >= 2
    assert [each.name for each in stateful if not each.options.protect] == []


def test_homes_are_shared_by_all_nodes_and_databases_are_on_disks(cloud: str):
    claims = {
        each.inputs["metadata"]["name"]: each.inputs["spec"]["accessModes"]  # pyright: ignore[reportIndexIssue] - a manifest
        for each in resources(cloud)
        if each.type.endswith(":PersistentVolumeClaim")
    }
    assert claims["homes"] == claims["projects"] == ["ReadWriteMany"]
    assert claims["hub-state"] == ["ReadWriteOnce"]


def test_nothing_but_the_edge_is_open_to_everyone(cloud: str):
    entrances = [each for each in made(cloud) if each.type.endswith(("IngressRule", "SecGroupRule"))]
    assert [each.name for each in entrances if "0.0.0.0/0" in str(each.inputs)] == []
    services = [each for each in resources(cloud) if each.type.endswith(":Service")]
    outside = [each for each in services if "LoadBalancer" in str(each.inputs)]
    assert [(each.name, [port["port"] for port in each.inputs["spec"]["ports"]]) for each in outside] == [  # pyright: ignore[reportIndexIssue] - a manifest
        (f"{cloud}-edge-service", [443, 80])
    ]


def without_api(name: str) -> dict[str, Any]:
    site = cloud_site(name)
    del site["cluster"]["kubernetes"]["apiFrom"]
    return site


def test_the_kubernetes_api_has_no_public_address_unless_the_site_says_from_where():
    (magnum,) = (
        each
        for each in planned("austral", without_api("austral")).resources
        if each.type == "openstack:containerinfra/cluster:Cluster"
    )
    assert (magnum.inputs["floatingIpEnabled"], magnum.inputs["labels"]) == (
        False,
        {
            "auto_healing_enabled": "true",
            "auto_scaling_enabled": "true",
            "master_lb_floating_ip_enabled": "false",
        },
    )
    (eks,) = (
        each
        for each in planned("equinox", without_api("equinox")).resources
        if each.type == "aws:eks/cluster:Cluster"
    )
    network: Any = eks.inputs["vpcConfig"]
    assert network["endpointPublicAccess"] is False


def test_what_is_in_a_cluster_goes_before_the_cluster_and_that_before_its_network(cloud: str):
    """Load balancers and disks that Kubernetes made are in nobody's state: its objects take them along."""
    by_urn = {each.urn: each for each in resources(cloud)}

    def all_needs(urn: str, seen: set[str]) -> set[str]:
        each = by_urn[urn]
        for need in {*each.dependencies, each.provider or ""} - seen - {""}:
            seen.add(need)
            if need in by_urn:
                all_needs(need, seen)
        return seen

    cluster = next(each for each in made(cloud) if each.type.endswith("/cluster:Cluster"))
    network = next(each for each in made(cloud) if each.type.endswith(("network:Network", "vpc:Vpc")))
    service = next(each for each in resources(cloud) if each.name == f"{cloud}-edge-service")
    assert cluster.urn in all_needs(service.urn, set())
    assert network.urn in all_needs(cluster.urn, set())


def pools(name: str, change: str | None = None, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the node groups of a site without a pool, or with others."""
    site = cloud_site(name)
    if change is not None:
        del site["cluster"]["nodePools"][change]
        site["hub"]["profiles"] = {
            key: profile for key, profile in site["hub"]["profiles"].items() if profile["nodePool"] != change
        }
    site["cluster"]["nodePools"] |= more
    found = planned(name, site).resources
    return {each.urn: dict(each.inputs) for each in found if each.package in ("aws", "openstack")}


def test_taking_a_pool_away_touches_that_pool_alone(cloud: str):
    before, after = pools(cloud), pools(cloud, "gpu")
    gone = {urn.rsplit("::", 1)[1] for urn in before.keys() - after.keys()}
    assert gone <= {f"{cloud}-pool-gpu", f"{cloud}-launch-gpu"}
    assert f"{cloud}-pool-gpu" in gone
    assert {urn: before[urn] for urn in after} == after


def test_a_pool_put_in_the_middle_touches_nothing_else(cloud: str):
    one = site_value(SITES[cloud])["cluster"]["nodePools"]["general"]
    before, after = pools(cloud), pools(cloud, fast=one)
    assert {urn.rsplit("::", 1)[1] for urn in after.keys() - before.keys()} <= {
        f"{cloud}-pool-fast",
        f"{cloud}-launch-fast",
    }
    assert {urn: after[urn] for urn in before} == before


def test_what_only_a_cloud_can_look_up_is_called_by_its_name():
    assert looked_up("openstack:networking/getNetwork:getNetwork", {"name": "public"}) == {
        "name": "public",
        "id": "[network public]",
        "zoneId": "[network public]",
    }
    assert looked_up("aws:index/getRegion:getRegion", {}) is None


@pytest.mark.parametrize(
    ("name", "key", "value"), [("austral", "flavor", "g3.xl"), ("equinox", "instanceTypes", ["g6.8xlarge"])]
)
def test_other_machines_replace_their_pool_alone_and_that_says_what_becomes_of_servers(
    name: str, key: str, value: object
):
    site = cloud_site(name)
    site["cluster"]["nodePools"]["gpu"][key] = value
    changes = compare(planned(name), planned(name, site)).changes
    assert [(each.name, str(each.action), each.notes) for each in changes] == [
        (f"{name}-pool-gpu", "replaced", ("servers on its nodes end, and what their disks hold is gone",))
    ]
