"""An AWS account as a double: what it would answer for what a plan makes and looks up."""

from collections.abc import Mapping
from typing import Any

from infra.lookups import looked_up
from stacks.plan import PlannedResource

REGION = "eu-central-1"
ACCOUNT = "123456789012"

_ARNS = {
    "aws:cloudwatch/logGroup:LogGroup": "logs:{region}:{account}:log-group:{name}",
    "aws:efs/fileSystem:FileSystem": "elasticfilesystem:{region}:{account}:file-system/{name}",
    "aws:eks/cluster:Cluster": "eks:{region}:{account}:cluster/{name}",
    "aws:iam/role:Role": "iam::{account}:role/{name}",
    "aws:kms/key:Key": "kms:{region}:{account}:key/{name}",
    "aws:s3/bucket:Bucket": "s3:::{name}",
}


class AwsDouble:
    """Names what it makes after the resources."""

    def outputs(self, resource: PlannedResource) -> Mapping[str, object]:
        made: dict[str, object] = {"id": f"id-of-{resource.name}"}
        if resource.type in _ARNS:
            name = resource.inputs.get("name", resource.inputs.get("bucket", resource.name))
            arn = _ARNS[resource.type].format(region=REGION, account=ACCOUNT, name=name)
            made["arn"] = f"arn:aws:{arn}"
        match resource.type:
            case "aws:ec2/vpc:Vpc":
                made["region"] = REGION
            case "aws:ec2/eip:Eip":
                made["publicIp"] = f"address-of-{resource.name}"
                made["allocationId"] = f"allocation-of-{resource.name}"
            case "aws:ec2/launchTemplate:LaunchTemplate":
                made["latestVersion"] = 1
            case "aws:eks/cluster:Cluster":
                made["endpoint"] = "https://eks.example.org"
                made["certificateAuthority"] = {"data": "Y2VydGlmaWNhdGU="}
                network: Any = resource.inputs["vpcConfig"]
                made["vpcConfig"] = network | {"clusterSecurityGroupId": "sg-nodes"}
            case _:
                pass
        return made

    def call(self, token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        answer = looked_up(token, arguments)
        assert answer is not None, f"nobody looks {token} up"
        return answer
