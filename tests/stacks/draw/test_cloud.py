"""What a cluster is made of: sorted by what it is for, with the inputs that are worth a word."""

import json

import pytest

from infra.paths import ROOT
from stacks.draw.cloud import OTHER, cloud_boxes, sort_of
from stacks.draw.scene import Box, Line, Place, Shape
from tests.support.diff import claim, of, resource


@pytest.mark.parametrize(
    ("type_", "sort"),
    [
        ("aws:ec2/subnet:Subnet", "Network"),
        ("aws:ec2/securityGroup:SecurityGroup", "Network"),
        ("aws:ec2/eip:Eip", "Load balancing"),
        ("aws:eks/nodeGroup:NodeGroup", "Cluster"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "Keys and rights"),
        ("aws:rds/instance:Instance", "Databases"),
        ("aws:s3/bucket:Bucket", "Storage"),
        ("aws:route53/record:Record", "Names"),
        ("openstack:networking/router:Router", "Network"),
        ("openstack:networking/floatingIp:FloatingIp", "Load balancing"),
        ("openstack:containerinfra/clusterTemplate:ClusterTemplate", "Cluster"),
        ("openstack:sharedfilesystem/share:Share", "Storage"),
        ("openstack:objectstorage/container:Container", "Storage"),
        ("openstack:dns/recordSet:RecordSet", "Names"),
        ("somewhere:odd/thing:Thing", OTHER),
    ],
)
def test_a_resource_is_sorted_by_the_words_of_its_type(type_: str, sort: str):
    assert sort_of(type_) == sort


def test_every_type_that_the_comparison_knows_has_a_sort():
    types = json.loads((ROOT / "stacks/diff/forces_new.json").read_text())
    assert [each for each in types if sort_of(each) == OTHER] == []


def test_a_resource_of_a_cloud_is_a_box_of_it():
    pool = resource(
        "openstack:containerinfra/nodeGroup:NodeGroup",
        "demo-users",
        {"nodeCount": 3.0, "flavorId": "l6.himem", "version": "[computed]"},
    )
    assert list(cloud_boxes(of(claim(), pool))) == [
        Box(
            key="cloud/openstack:containerinfra/nodeGroup:NodeGroup/users",
            title="users",
            shape=Shape.RESOURCE,
            place=Place.CLOUD,
            layer="Cluster",
            cloud="OpenStack",
            lines=(Line("Node group"), Line("l6.himem · 3 nodes")),
            urn=pool.urn,
            notes=("openstack:containerinfra/nodeGroup:NodeGroup",),
        )
    ]


@pytest.mark.parametrize(
    ("type_", "inputs", "shape", "lines"),
    [
        ("aws:efs/fileSystem:FileSystem", {}, Shape.VOLUME, ["File system"]),
        (
            "aws:rds/instance:Instance",
            {"instanceClass": "db.t4g.small", "engine": "postgres", "version": "18"},
            Shape.DATABASE,
            ["Instance", "db.t4g.small · postgres"],
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {"instanceTypes": ["m6i.large", "m6a.large"], "nodeCount": {"min": 1}},
            Shape.RESOURCE,
            ["Node group", "m6i.large, m6a.large"],
        ),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "x" * 61}, Shape.RESOURCE, ["Vpc"]),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "[secret]"}, Shape.RESOURCE, ["Vpc"]),
    ],
)
def test_a_box_says_what_is_worth_a_word(
    type_: str, inputs: dict[str, object], shape: Shape, lines: list[str]
):
    (box,) = cloud_boxes(of(resource(type_, "one", inputs)))
    assert (box.shape, [line.text for line in box.lines]) == (shape, lines)


def test_what_only_says_how_others_belong_together_is_counted():
    rule = "aws:ec2/securityGroupRule:SecurityGroupRule"
    relations = [
        resource("aws:ec2/routeTableAssociation:RouteTableAssociation", "demo-a", {}),
        resource(rule, "demo-b", {}),
        resource(rule, "demo-c", {}),
    ]
    boxes = list(cloud_boxes(of(*relations, resource("aws:ec2/vpc:Vpc", "demo-vpc", {}))))
    assert [(box.title, [line.text for line in box.lines]) for box in boxes] == [
        ("vpc", ["Vpc"]),
        ("and 3 more", ["1 of route table association", "2 of security group rule"]),
    ]


def test_sorts_have_their_order_whatever_the_program_declares_first():
    types = ("aws:iam/role:Role", "aws:s3/bucket:Bucket", "aws:ec2/vpc:Vpc", "somewhere:odd/thing:Thing")
    found = [(box.cloud, box.layer) for box in cloud_boxes(of(*(resource(each, each, {}) for each in types)))]
    assert found == [
        ("Amazon Web Services", "Network"),
        ("Amazon Web Services", "Storage"),
        ("Amazon Web Services", "Keys and rights"),
        ("somewhere", OTHER),
    ]
