"""What is declared on AWS: the network, the cluster, its nodes, files, names and what surrounds them."""

import json
from functools import cache
from typing import Any

import pulumi

from infra.aws.backend import connect, kubeconfig
from infra.aws.spec import AwsClusterSpec
from stacks.plan import Plan, PlannedResource, plan
from tests.support.aws import AwsDouble

SECTION: dict[str, Any] = {
    "kind": "aws",
    "region": "eu-central-1",
    "account": "123456789012",
    "network": {"zones": ["eu-central-1a", "eu-central-1b"]},
    "kubernetes": {
        "version": "1.35",
        "apiFrom": ["192.0.2.0/24"],
        "admins": ["arn:aws:iam::123456789012:role/ops"],
    },
    "nodePools": {
        "users": {"instanceTypes": ["m7i.4xlarge"], "maximum": 20, "cpu": 15, "memory": "58Gi"},
        "gpu": {
            "instanceTypes": ["g6.2xlarge"],
            "maximum": 4,
            "cpu": 7,
            "memory": "28Gi",
            "gpus": 1,
            "taints": {"nvidia.com/gpu": "present"},
        },
        "batch": {
            "instanceTypes": ["c7i.8xlarge", "c6i.8xlarge"],
            "minimum": 0,
            "maximum": 50,
            "capacity": "spot",
            "cpu": 31,
            "memory": "58Gi",
        },
    },
    "zone": "example.org",
    "budget": {"monthly": 5000, "notify": ["operations@example.org"]},
    "tags": {"owner": "data-centre"},
}


def program(section: dict[str, Any]) -> None:
    cluster = connect("demo", AwsClusterSpec.model_validate(section), {"homes": "1Ti", "projects": "2Ti"})
    assert cluster.name_hosts
    cluster.name_hosts(["science.example.org"])
    pulumi.export("annotations", dict(cluster.edge.annotations))
    for purpose in ("homes", "projects", "state"):
        source = cluster.volumes[purpose]
        pulumi.export(purpose, source.csi.handle if source.csi else source.storage_class)


@cache
def planned(**changed: str) -> Plan:
    section = json.loads(json.dumps(SECTION))
    section["network"] |= changed
    return plan(lambda: program(section), stack="demo", config={}, cloud=AwsDouble())


def found(name: str, kind: str = "") -> PlannedResource:
    (resource,) = [
        each for each in planned().resources if each.name == name and kind in each.type.rpartition(":")[2]
    ]
    return resource


def inputs(name: str, kind: str = "") -> dict[str, Any]:
    return dict(found(name, kind).inputs)


def of_type(kind: str, **changed: str) -> dict[str, dict[str, Any]]:
    """Return the inputs of all resources of a type, by name."""
    return {
        each.name: dict(each.inputs)
        for each in planned(**changed).resources
        if each.type.endswith(f":{kind}")
    }


def test_everything_is_made_in_one_account_and_tagged():
    provider = inputs("demo-aws")
    assert provider["allowedAccountIds"] == '["123456789012"]'
    assert json.loads(provider["defaultTags"]) == {
        "tags": {"owner": "data-centre", "science-platform-site": "demo"}
    }


def test_nodes_have_no_public_addresses_and_one_way_out():
    subnets = of_type("Subnet")
    assert {name: (each["cidrBlock"], each["mapPublicIpOnLaunch"]) for name, each in subnets.items()} == {
        "demo-public-eu-central-1a": ("10.48.192.0/20", False),
        "demo-public-eu-central-1b": ("10.48.208.0/20", False),
        "demo-private-eu-central-1a": ("10.48.0.0/18", False),
        "demo-private-eu-central-1b": ("10.48.64.0/18", False),
    }
    ways_out = {
        name: each["routes"][0]["natGatewayId"]
        for name, each in of_type("RouteTable").items()
        if name != "demo-routes-public"
    }
    assert ways_out == {
        "demo-routes-eu-central-1a": "id-of-demo-nat-eu-central-1a",
        "demo-routes-eu-central-1b": "id-of-demo-nat-eu-central-1a",
    }


def test_a_way_out_in_each_zone_outlives_the_loss_of_one():
    assert set(of_type("NatGateway", natGateways="perZone")) == {
        "demo-nat-eu-central-1a",
        "demo-nat-eu-central-1b",
    }


def test_a_network_card_without_a_group_of_its_own_may_do_nothing():
    assert of_type("DefaultSecurityGroup")["demo-default-security-group"] == {
        "egress": [],
        "ingress": [],
        "vpcId": "id-of-demo-vpc",
    }


def test_what_flows_is_logged_for_as_long_as_the_site_says():
    log = of_type("LogGroup")["demo-flows"]
    assert (log["retentionInDays"], log["kmsKeyId"][:12]) == (90, "arn:aws:kms:")
    assert of_type("FlowLog")["demo-flow-log"]["trafficType"] == "ALL"


def test_the_api_is_open_to_the_sites_networks_and_nodes_reach_it_inside():
    cluster = found("demo-cluster", "Cluster")
    section = inputs("demo-cluster", "Cluster")
    assert section["vpcConfig"] == {
        "endpointPrivateAccess": True,
        "endpointPublicAccess": True,
        "publicAccessCidrs": ["192.0.2.0/24"],
        "subnetIds": ["id-of-demo-private-eu-central-1a", "id-of-demo-private-eu-central-1b"],
    }
    assert section["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": True,
    }
    assert section["encryptionConfig"]["resources"] == ["secrets"]
    assert section["deletionProtection"] is True
    assert cluster.options.protect is True


def test_network_policies_are_enforced_from_the_first_node_on():
    addon = found("demo-addon-vpc-cni")
    assert addon.inputs["configurationValues"] == '{"enableNetworkPolicy": "true"}'
    waited_for = {urn.rsplit("::", 1)[1] for urn in found("demo-pool-system").dependencies}
    assert {"demo-addon-vpc-cni", "demo-addon-eks-pod-identity-agent"} <= waited_for


def test_drivers_act_in_roles_of_their_own():
    drivers = of_type("Addon")
    assert {name: each.get("podIdentityAssociations") for name, each in drivers.items()} == {
        "demo-addon-vpc-cni": [
            {"roleArn": "arn:aws:iam::123456789012:role/science-demo-vpc-cni", "serviceAccount": "aws-node"}
        ],
        "demo-addon-eks-pod-identity-agent": None,
        "demo-addon-kube-proxy": None,
        "demo-addon-coredns": None,
        "demo-addon-aws-ebs-csi-driver": [
            {
                "roleArn": "arn:aws:iam::123456789012:role/science-demo-aws-ebs-csi-driver",
                "serviceAccount": "ebs-csi-controller-sa",
            }
        ],
        "demo-addon-aws-efs-csi-driver": [
            {
                "roleArn": "arn:aws:iam::123456789012:role/science-demo-aws-efs-csi-driver",
                "serviceAccount": "efs-csi-controller-sa",
            }
        ],
    }


def test_each_pool_is_a_node_group_that_the_autoscaler_sizes():
    groups = of_type("NodeGroup")
    assert {
        name: (each["capacityType"], each["amiType"], each["scalingConfig"], each["taints"])
        for name, each in groups.items()
    } == {
        "demo-pool-system": (
            "ON_DEMAND",
            "AL2023_x86_64_STANDARD",
            {"minSize": 2, "maxSize": 4, "desiredSize": 2},
            [],
        ),
        "demo-pool-batch": (
            "SPOT",
            "AL2023_x86_64_STANDARD",
            {"minSize": 0, "maxSize": 50, "desiredSize": 0},
            [],
        ),
        "demo-pool-gpu": (
            "ON_DEMAND",
            "AL2023_x86_64_NVIDIA",
            {"minSize": 0, "maxSize": 4, "desiredSize": 0},
            [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
        ),
        "demo-pool-users": (
            "ON_DEMAND",
            "AL2023_x86_64_STANDARD",
            {"minSize": 0, "maxSize": 20, "desiredSize": 0},
            [],
        ),
    }
    assert found("demo-pool-users").options.ignore_changes == ("scalingConfig.desiredSize",)


def test_pods_cannot_have_their_nodes_credentials_and_disks_are_encrypted():
    for template in of_type("LaunchTemplate").values():
        assert template["metadataOptions"] == {
            "httpEndpoint": "enabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        }
        (disk,) = template["blockDeviceMappings"]
        assert disk["ebs"]["encrypted"] == "true"


def test_files_are_encrypted_kept_and_mounted_by_nodes_alone():
    system = found("demo-files")
    assert (system.inputs["encrypted"], system.options.protect, system.options.retain_on_delete) == (
        True,
        True,
        True,
    )
    assert of_type("SecurityGroupIngressRule") == {
        "demo-files-from-nodes": {
            "description": "NFS from the nodes",
            "fromPort": 2049,
            "ipProtocol": "tcp",
            "referencedSecurityGroupId": "sg-nodes",
            "securityGroupId": "id-of-demo-files-group",
            "toPort": 2049,
        }
    }
    outputs = planned().outputs
    assert {purpose: outputs[purpose] for purpose in ("homes", "projects", "state")} == {
        "homes": "id-of-demo-files::id-of-demo-files-homes",
        "projects": "id-of-demo-files::id-of-demo-files-projects",
        "state": "science-demo-disks",
    }


def test_every_purpose_is_a_folder_of_its_own_owned_by_the_platforms_user():
    assert inputs("demo-files-homes")["rootDirectory"] == {
        "path": "/homes",
        "creationInfo": {"ownerGid": 1000, "ownerUid": 1000, "permissions": "0770"},
    }


def test_the_edge_has_an_address_in_each_zone_which_names_lead_to():
    assert of_type("Record")["demo-record-science.example.org"] == {
        "name": "science.example.org",
        "records": ["address-of-demo-address-eu-central-1a", "address-of-demo-address-eu-central-1b"],
        "ttl": 300,
        "type": "A",
        "zoneId": "[zone example.org]",
    }
    assert planned().outputs["annotations"] == {
        "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
        "service.beta.kubernetes.io/aws-load-balancer-eip-allocations": (
            "allocation-of-demo-address-eu-central-1a,allocation-of-demo-address-eu-central-1b"
        ),
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
    }
    assert found("demo-address-eu-central-1a").options.protect is True


def test_someone_is_told_before_the_money_is_spent():
    budget = inputs("demo-budget")
    assert (budget["limitAmount"], budget["costFilters"]) == (
        "5000",
        [{"name": "TagKeyValue", "values": ["user:science-platform-site$demo"]}],
    )
    assert [(each["notificationType"], each["threshold"]) for each in budget["notifications"]] == [
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    ]


def test_a_kubeconfig_holds_no_token_but_how_to_get_one():
    config = json.loads(
        kubeconfig("science-demo", "eu-central-1", "boreal", "https://eks.example.org", "Y2E=")
    )
    assert config["users"][0]["user"]["exec"]["args"] == [
        "eks",
        "get-token",
        "--cluster-name",
        "science-demo",
        "--region",
        "eu-central-1",
        "--output",
        "json",
    ]
    assert config["users"][0]["user"]["exec"]["env"] == [{"name": "AWS_PROFILE", "value": "boreal"}]


def test_the_autoscaler_is_an_ordinary_pod_without_privileges():
    spec = inputs("demo-autoscaler", "Deployment")["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert container["command"][2] == (
        "--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,"
        "k8s.io/cluster-autoscaler/science-demo"
    )
