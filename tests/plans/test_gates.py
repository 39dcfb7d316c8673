"""What blocks a change of a whole site, and of the clusters and networks that backends make."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_openstack as openstack
import pytest

from stacks.diff import Action
from stacks.diff.verdict import Case
from stacks.gates.judge import judge
from stacks.plan import Plan, PlannedResource
from tests.support.diff import planned
from tests.support.gates import accepted, case
from tests.support.plans import SITES, planned_file, planned_site, site_value

Judged = Callable[..., Case]
HOMES = "PersistentVolumeClaim/homes"


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    return partial(case, tmp_path)


def blocked(case: Case) -> list[str]:
    return [verdict.subject for verdict in judge(case) if verdict.blocks]


def edited(judged: Judged, edit: Callable[[dict[str, Any]], object], **arguments: Any) -> Case:  # noqa: ANN401
    """Return what an edit of the radio observatory's file would do."""
    site = site_value(SITES["boreal"])
    edit(site)
    return judged(planned_file(SITES["boreal"]), planned_site("boreal", site), **arguments)


@pytest.mark.parametrize("name", SITES)
def test_no_gate_says_anything_of_a_site_that_does_not_change(name: str, judged: Judged):
    plan = planned_file(SITES[name])
    assert judge(judged(plan, plan, name=name)) == []


def with_home_volume(plan: Plan, *, name: str, manifest: str, **options: Any) -> Plan:  # noqa: ANN401
    """Return a plan in which the home volume is declared under another name, or is another object."""

    def renamed(each: PlannedResource) -> PlannedResource:
        if each.name != "boreal-storage-homes":
            return each
        metadata: Any = each.inputs["metadata"]
        return replace(
            each,
            name=name,
            urn=each.urn.replace("::boreal-storage-homes", f"::{name}"),
            inputs={**each.inputs, "metadata": {**metadata, "name": manifest}},
            options=replace(each.options, **options),
        )

    return replace(plan, resources=tuple(map(renamed, plan.resources)))


def test_a_home_volume_that_an_added_count_gives_another_name_is_blocked(judged: Judged):
    before = planned_file(SITES["boreal"])
    after = with_home_volume(before, name="boreal-storage-homes-0", manifest="homes-0")
    assert blocked(judged(before, after)) == [HOMES]


def test_a_home_volume_that_is_only_declared_under_another_name_is_blocked_without_an_alias(judged: Judged):
    before = planned_file(SITES["boreal"])
    after = with_home_volume(before, name="boreal-storage-home-volume", manifest="homes")
    case = judged(before, after)
    assert blocked(case) == [HOMES]
    assert "it seems to be renamed: give boreal-storage-home-volume an alias" in judge(case)[0].reason


def test_a_home_volume_renamed_with_an_alias_is_a_rename_and_not_blocked(judged: Judged):
    before = planned_file(SITES["boreal"])
    old = next(each.urn for each in before.resources if each.name == "boreal-storage-homes")
    after = with_home_volume(before, name="boreal-storage-home-volume", manifest="homes", aliases=(old,))
    case = judged(before, after)
    assert judge(case) == []
    assert [(each.action, each.object, each.before_urn) for each in case.changes.changes] == [
        (Action.RENAMED, "homes", old)
    ]


def set_class(site: dict[str, Any]) -> None:
    site["cluster"]["volumes"]["homes"]["storageClass"] = "csi-cinder-ssd"


def test_a_storage_class_changed_under_a_claim_is_blocked_until_the_loss_is_accepted(judged: Judged):
    assert blocked(edited(judged, set_class)) == [HOMES]
    assert blocked(edited(judged, set_class, accept=accepted(HOMES))) == []


def test_another_volume_growing_or_another_class_for_what_there_is_not_yet_is_not_blocked(judged: Judged):
    assert blocked(edited(judged, lambda site: site["storage"]["homes"].update(size="90Ti"))) == []


def test_protection_taken_away_and_the_volume_deleted_in_one_change_is_blocked(judged: Judged):
    def edit(site: dict[str, Any]) -> None:
        site["disposable"] = True
        del site["storage"]["projects"], site["storage"]["quotas"]

    assert blocked(edited(judged, edit)) == [
        "Namespace/science-boreal",
        HOMES,
        "PersistentVolumeClaim/scratch",
        "PersistentVolumeClaim/software",
        "Secret/hub-keys",
        "PersistentVolume/science-boreal-backups",
        "PersistentVolumeClaim/backups",
        "PersistentVolumeClaim/edge-state",
        "PersistentVolumeClaim/projects",
    ]


def test_protection_taken_away_from_one_volume_is_blocked(judged: Judged):
    assert blocked(edited(judged, lambda site: site["storage"]["homes"].update(keep=False))) == [HOMES]


def test_another_cluster_under_a_site_is_blocked_by_all_that_holds_data(judged: Judged):
    assert blocked(edited(judged, lambda site: site["cluster"].update(context="another"))) == [
        "Namespace/science-boreal",
        HOMES,
        "PersistentVolumeClaim/projects",
        "PersistentVolumeClaim/scratch",
        "PersistentVolumeClaim/software",
        "Secret/hub-keys",
        "PersistentVolume/science-boreal-backups",
        "PersistentVolumeClaim/backups",
        "PersistentVolumeClaim/edge-state",
    ]


def stateful_set(size: str, *, claims: bool = True) -> PlannedResource:
    """Return a database of one site, as a StatefulSet."""
    template: dict[str, Any] = {"metadata": {"name": "data"}}
    template["spec"] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    home = next(
        each for each in planned_file(SITES["boreal"]).resources if each.name == "boreal-hub-hub-keys"
    )
    metadata: Any = home.inputs["metadata"]
    return replace(
        home,
        type="kubernetes:apps/v1:StatefulSet",
        urn=home.urn.replace("core/v1:Secret::boreal-hub-hub-keys", "apps/v1:StatefulSet::boreal-database"),
        name="boreal-database",
        inputs={
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {**metadata, "name": "database"},
            "spec": {"replicas": 1, **({"volumeClaimTemplates": [template]} if claims else {})},
        },
    )


def with_database(*databases: PlannedResource) -> Plan:
    plan = planned_file(SITES["boreal"])
    return replace(plan, resources=(*plan.resources, *databases))


def test_a_volume_template_changed_under_a_stateful_set_is_blocked(judged: Judged):
    before = with_database(stateful_set("10Gi"))
    case = judged(before, with_database(stateful_set("20Gi")))
    assert blocked(case) == ["StatefulSet/database"]
    assert "the volumes of its pods stay as they are, whatever its templates say now" in judge(case)[0].reason
    assert judge(judged(before, with_database(stateful_set("10Gi")))) == []


def openstack_cluster(
    *, network: str = "science", pools: Iterable[tuple[str, str]] = (), alias: str | None = None
) -> Plan:
    """Return the plan of a network, a cluster in it, and node groups: name and flavour."""

    def program() -> None:
        cloud = pulumi.ResourceOptions(provider=openstack.Provider("cloud", cloud="boreal"))
        kept = pulumi.ResourceOptions.merge(cloud, pulumi.ResourceOptions(protect=True))
        options = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=alias)] if alias else None)
        net = openstack.networking.Network(
            f"{network}-network", name=network, opts=pulumi.ResourceOptions.merge(cloud, options)
        )
        cluster = openstack.containerinfra.Cluster(
            "science-cluster",
            cluster_template_id="kubernetes-1-33",
            fixed_network=net.id,
            master_count=3,
            opts=kept,
        )
        for name, flavour in pools:
            openstack.containerinfra.NodeGroup(
                name, cluster_id=cluster.id, flavor_id=flavour, node_count=2, opts=cloud
            )

    return planned(program)


def test_a_network_renamed_replaces_network_and_cluster_and_is_blocked(judged: Judged):
    before, after = openstack_cluster(), openstack_cluster(network="platform")
    case = judged(before, after)
    assert blocked(case) == ["openstack Cluster/science-cluster"]
    assert {each.kind: each.action for each in case.changes.changes if each.action != Action.CREATED} == {
        "openstack Cluster": Action.REPLACED,
        "openstack Network": Action.DELETED,
    }


def test_a_network_renamed_with_an_alias_is_a_rename_and_an_update_and_not_blocked(judged: Judged):
    case = judged(openstack_cluster(), openstack_cluster(network="platform", alias="science-network"))
    assert judge(case) == []
    assert [(each.action, each.name) for each in case.changes.changes] == [
        (Action.UPDATED, "platform-network")
    ]


FLAVOURS = ["l3.small", "l6.himem"]


def by_index(flavours: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"pool-{place}", flavour) for place, flavour in enumerate(flavours)]


def by_name(flavours: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"pool-{flavour}", flavour) for flavour in flavours]


def test_a_node_pool_inserted_among_pools_named_by_their_index_is_blocked(judged: Judged):
    more = ["l3.small", "l4.medium", "l6.himem"]
    before, after = (openstack_cluster(pools=by_index(each)) for each in (FLAVOURS, more))
    assert blocked(judged(before, after)) == ["openstack NodeGroup/pool-1"]
    before, after = (openstack_cluster(pools=by_name(each)) for each in (FLAVOURS, more))
    assert judge(judged(before, after)) == []


def aws_cluster(
    *, vpc: str = "10.0.0.0/16", pools: Iterable[tuple[str, str]] = (), pool_size: int = 2
) -> Plan:
    """Return the plan of a network, a file system, a cluster and node groups: name and instance type."""

    def program() -> None:
        cloud = pulumi.ResourceOptions(provider=aws.Provider("cloud", region="us-east-1"))
        kept = pulumi.ResourceOptions.merge(cloud, pulumi.ResourceOptions(protect=True))
        network = aws.ec2.Vpc("science-vpc", cidr_block=vpc, opts=cloud)
        subnet = aws.ec2.Subnet("science-subnet", vpc_id=network.id, cidr_block="10.0.1.0/24", opts=cloud)
        aws.efs.FileSystem("science-homes", encrypted=True, opts=kept)
        cluster = aws.eks.Cluster(
            "science-cluster",
            role_arn="arn:aws:iam::1:role/cluster",
            vpc_config={"subnet_ids": [subnet.id]},
            opts=kept,
        )
        for name, instances in pools:
            aws.eks.NodeGroup(
                name,
                cluster_name=cluster.name,
                node_role_arn="arn:aws:iam::1:role/node",
                subnet_ids=[subnet.id],
                instance_types=[instances],
                scaling_config={"desired_size": pool_size, "max_size": 9, "min_size": 1},
                opts=cloud,
            )

    return planned(program)


def test_a_node_pool_inserted_among_pools_named_by_their_index_is_blocked_on_aws_too(judged: Judged):
    before = aws_cluster(pools=by_index(["m6i.4xlarge", "r6i.8xlarge"]))
    after = aws_cluster(pools=by_index(["m6i.4xlarge", "g5.2xlarge", "r6i.8xlarge"]))
    assert blocked(judged(before, after)) == ["aws NodeGroup/pool-1"]


def test_a_node_pool_that_grows_is_not(judged: Judged):
    sizes = [aws_cluster(pools=by_name(["m6i.4xlarge"]), pool_size=size) for size in (2, 3)]
    case = judged(*sizes)
    assert judge(case) == []
    assert [each.action for each in case.changes.changes] == [Action.UPDATED]


def test_another_address_range_of_a_network_replaces_what_is_in_it_and_is_blocked(judged: Judged):
    pools = by_name(["m6i.4xlarge"])
    before, after = aws_cluster(pools=pools), aws_cluster(vpc="10.1.0.0/16", pools=pools)
    assert blocked(judged(before, after)) == ["aws NodeGroup/pool-m6i.4xlarge"]
