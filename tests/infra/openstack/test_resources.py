"""What is declared on OpenStack, resource by resource."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pulumi_openstack as openstack
import pytest

from infra.cluster import VolumeSource
from infra.openstack.magnum import declare_cluster, declare_pools
from infra.openstack.names import declare_records
from infra.openstack.network import ClusterNetwork, declare_network
from infra.openstack.shares import ShareParts, ceph_path, declare_shares, gibibytes, nfs_location
from infra.openstack.spec import (
    DesignateSpec,
    MagnumSpec,
    ManilaShareSpec,
    OpenstackNetworkSpec,
    OpenstackPoolSpec,
)
from infra.spec import Purpose
from stacks.plan import Plan, PlannedResource, plan
from tests.support.openstack import OpenstackDouble

MAGNUM = MagnumSpec.model_validate(
    {"template": "kubernetes-1-35", "controlPlaneFlavor": "m3.small", "flavor": "m3.medium"}
)
HOMES: Purpose = "homes"
PROJECTS: Purpose = "projects"
NFS = ManilaShareSpec()
POOL: dict[str, Any] = {"flavor": "m3.large", "cpu": 15, "memory": "58Gi"}


def on_the_cloud(program: Callable[[pulumi.ResourceOptions], object], *, preview: bool = False) -> Plan:
    """Plan a program that is given the options of a cloud."""

    def main() -> None:
        program(pulumi.ResourceOptions(provider=openstack.Provider("cloud", cloud="boreal")))

    return plan(main, stack="demo", config={}, cloud=OpenstackDouble(), preview=preview)


def network(options: pulumi.ResourceOptions) -> ClusterNetwork:
    spec = OpenstackNetworkSpec(external="public", cidr="10.9.0.0/24", nameservers=["10.0.0.53"])
    return declare_network("demo", spec, options)


def by_name(planned: Plan) -> dict[str, PlannedResource]:
    return {resource.name: resource for resource in planned.resources if resource.name != "cloud"}


def inputs(planned: Plan) -> dict[str, dict[str, Any]]:
    return {name: dict(resource.inputs) for name, resource in by_name(planned).items()}


def needs(planned: Plan, name: str) -> set[str]:
    """Return the names of what a resource waits for."""
    return {urn.rsplit("::", 1)[1] for urn in by_name(planned)[name].dependencies}


def test_a_network_has_a_way_out_and_a_reserved_address():
    planned = on_the_cloud(network)
    assert inputs(planned) == {
        "demo-network": {"adminStateUp": True, "name": "science-demo", "portSecurityEnabled": True},
        "demo-subnet": {
            "cidr": "10.9.0.0/24",
            "dnsNameservers": ["10.0.0.53"],
            "ipVersion": 4,
            "name": "science-demo",
            "networkId": "id-of-demo-network",
        },
        "demo-router": {"externalNetworkId": "[network public]", "name": "science-demo"},
        "demo-router-interface": {"routerId": "id-of-demo-router", "subnetId": "id-of-demo-subnet"},
        "demo-address": {"description": "Edge of the science platform demo", "pool": "public"},
    }
    assert by_name(planned)["demo-address"].options.protect is True


def test_an_address_waits_for_the_router_which_nothing_of_it_mentions():
    assert needs(on_the_cloud(network), "demo-address") == {"demo-router-interface"}


def test_a_cluster_comes_from_the_clouds_template_and_its_api_is_private():
    planned = on_the_cloud(lambda options: declare_cluster("demo", MAGNUM, network(options), options))
    assert inputs(planned)["demo-cluster"] == {
        "clusterTemplateId": "[cluster template kubernetes-1-35]",
        "createTimeout": 60,
        "fixedNetwork": "id-of-demo-network",
        "fixedSubnet": "id-of-demo-subnet",
        "flavor": "m3.medium",
        "floatingIpEnabled": False,
        "labels": {
            "auto_healing_enabled": "true",
            "auto_scaling_enabled": "true",
            "master_lb_floating_ip_enabled": "false",
        },
        "masterCount": 3,
        "masterFlavor": "m3.small",
        "masterLbEnabled": True,
        "mergeLabels": True,
        "name": "science-demo",
        "nodeCount": 2,
    }
    assert by_name(planned)["demo-cluster"].options.protect is True
    assert "demo-router-interface" in needs(planned, "demo-cluster")


def test_an_api_that_is_reached_from_outside_says_from_where():
    spec = MAGNUM.model_copy(update={"api_from": ["192.0.2.0/24", "198.51.100.0/24"]})
    planned = on_the_cloud(lambda options: declare_cluster("demo", spec, network(options), options))
    cluster = inputs(planned)["demo-cluster"]
    assert cluster["floatingIpEnabled"] is True
    assert cluster["labels"] == {
        "api_master_lb_allowed_cidrs": "192.0.2.0/24,198.51.100.0/24",
        "auto_healing_enabled": "true",
        "auto_scaling_enabled": "true",
        "master_lb_floating_ip_enabled": "true",
    }


def pools(*names: str, **changed: object) -> Plan:
    specs = {name: OpenstackPoolSpec.model_validate({**POOL, **changed}) for name in names}

    def program(options: pulumi.ResourceOptions) -> None:
        cluster = declare_cluster("demo", MAGNUM, network(options), options)
        declare_pools("demo", specs, cluster, options)

    return on_the_cloud(program)


def test_a_pool_that_may_grow_leaves_its_size_to_the_autoscaler():
    planned = pools("users", nodes=2, maximum=8)
    assert inputs(planned)["demo-pool-users"] == {
        "clusterId": "id-of-demo-cluster",
        "flavorId": "m3.large",
        "maxNodeCount": 8,
        "mergeLabels": True,
        "minNodeCount": 2,
        "name": "users",
        "nodeCount": 2,
    }
    assert by_name(planned)["demo-pool-users"].options.ignore_changes == ("nodeCount",)


def test_a_pool_of_a_fixed_size_has_it_as_its_bounds():
    planned = pools("users", nodes=3)
    pool = inputs(planned)["demo-pool-users"]
    assert (pool["minNodeCount"], pool["nodeCount"], pool["maxNodeCount"]) == (3, 3, 3)
    assert by_name(planned)["demo-pool-users"].options.ignore_changes == ()


def test_pools_are_made_one_after_another():
    planned = pools("gpu", "users", "batch")
    assert {name: needs(planned, f"demo-pool-{name}") - {"cloud"} for name in ("batch", "gpu", "users")} == {
        "batch": {"demo-cluster"},
        "gpu": {"demo-cluster", "demo-pool-batch"},
        "users": {"demo-cluster", "demo-pool-gpu"},
    }


def shares(**specs: ManilaShareSpec) -> tuple[Plan, dict[Purpose, VolumeSource]]:
    """Return the plan of shares, and what volumes are made of, the sources' texts as they become known."""
    found: dict[Purpose, VolumeSource] = {}

    def program(options: pulumi.ResourceOptions) -> None:
        inside = k8s.Provider("inside", kubeconfig="kubeconfig")
        parts = ShareParts(
            site="demo",
            network=network(options),
            cidr="10.9.0.0/24",
            sizes={"homes": "1.5Ti", "projects": "100.5Gi"},
            cloud=options,
            inside=pulumi.ResourceOptions(provider=inside),
        )
        found.update(
            declare_shares(parts, {HOMES: specs.get(HOMES, NFS), PROJECTS: specs.get(PROJECTS, NFS)})
        )
        for purpose, source in found.items():
            known = (
                (source.nfs.server, source.nfs.path) if source.nfs else source.csi and source.csi.attributes
            )
            pulumi.export(purpose, known)

    return on_the_cloud(program), found


def test_an_nfs_share_is_open_to_the_nodes_alone_and_is_kept():
    planned, sources = shares(homes=ManilaShareSpec.model_validate({"shareType": "ceph-nfs"}))
    found = inputs(planned)
    assert found["demo-share-homes"] == {
        "isPublic": False,
        "name": "science-demo-homes",
        "shareProto": "NFS",
        "shareType": "ceph-nfs",
        "size": 1536,
    }
    assert found["demo-share-homes-access"] == {
        "accessLevel": "rw",
        "accessTo": "10.9.0.0/24",
        "accessType": "ip",
        "shareId": "id-of-demo-share-homes",
    }
    assert planned.outputs["homes"] == ["10.20.0.5", "/shares/science-demo-homes"]
    assert sources["homes"].mount_options == ("nfsvers=4.1", "hard")
    options = by_name(planned)["demo-share-homes"].options
    assert (options.protect, options.retain_on_delete) == (True, True)


def test_a_ceph_share_has_a_key_of_its_own_that_stays_a_secret():
    spec = ManilaShareSpec.model_validate({"protocol": "CEPHFS", "cephCluster": "manila"})
    planned, sources = shares(projects=spec)
    found = inputs(planned)
    assert found["demo-share-projects-access"]["accessType"] == "cephx"
    assert found["demo-share-projects-key"]["metadata"] == {
        "name": "science-demo-projects",
        "namespace": "kube-system",
    }
    assert "cephx-key" not in str(planned)
    assert planned.outputs["projects"] == {
        "clusterID": "manila",
        "rootPath": "/volumes/_nogroup/science-demo-projects",
        "staticVolume": "true",
    }
    volume = sources["projects"].csi
    assert volume
    assert (volume.driver, volume.handle) == ("cephfs.csi.ceph.com", "science-demo-projects")


def test_shares_in_a_network_of_the_project_share_one():
    spec = ManilaShareSpec.model_validate({"shareNetwork": True})
    planned, _ = shares(homes=spec, projects=spec)
    found = inputs(planned)
    assert found["demo-share-network"] == {
        "name": "science-demo",
        "neutronNetId": "id-of-demo-network",
        "neutronSubnetId": "id-of-demo-subnet",
    }
    assert {found[f"demo-share-{name}"]["shareNetworkId"] for name in ("homes", "projects")} == {
        "id-of-demo-share-network"
    }


@pytest.mark.parametrize(("size", "whole"), [("1Gi", 1), ("1.5Ti", 1536), ("100.5Gi", 101), ("512Mi", 1)])
def test_sizes_are_whole_gibibytes_rounded_up(size: str, whole: int):
    assert gibibytes(size) == whole


def test_export_locations_are_taken_apart():
    assert nfs_location("[fd00::5]:/shares/a:b") == {"server": "fd00::5", "path": "/shares/a:b"}
    assert nfs_location("10.0.0.5:/shares/a") == {"server": "10.0.0.5", "path": "/shares/a"}
    assert ceph_path("10.0.0.1:6789,[fd00::1]:6789:/volumes/a") == "/volumes/a"


def test_every_host_gets_the_edges_address():
    def program(options: pulumi.ResourceOptions) -> None:
        spec = DesignateSpec(zone="example.org.")
        address = pulumi.Output.from_input("203.0.113.10")
        declare_records("demo", spec, ["science.example.org", "files.science.example.org"], address, options)

    found = inputs(on_the_cloud(program))
    assert found == {
        f"demo-record-{host}": {
            "name": f"{host}.",
            "records": ["203.0.113.10"],
            "ttl": 300,
            "type": "A",
            "zoneId": "[zone example.org.]",
        }
        for host in ("science.example.org", "files.science.example.org")
    }
