"""Inputs of clouds' resources that cannot change in place: a new value makes a new resource."""

import json
from collections.abc import Mapping
from pathlib import Path

DOCUMENTED = Path(__file__).with_suffix(".json")
"""What the SDKs document, written by `stacks.diff.forces_new_docs`."""

UNDOCUMENTED: Mapping[str, tuple[str, ...]] = {
    "aws:ec2/eip:Eip": (
        "/address",
        "/customerOwnedIpv4Pool",
        "/domain",
        "/ipamPoolId",
        "/networkBorderGroup",
        "/publicIpv4Pool",
        "/region",
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": ("/name", "/namePrefix", "/region"),
    "aws:ec2/securityGroup:SecurityGroup": ("/description", "/name", "/namePrefix", "/region", "/vpcId"),
    "aws:ec2/subnet:Subnet": (
        "/availabilityZone",
        "/availabilityZoneId",
        "/cidrBlock",
        "/ipv4IpamPoolId",
        "/ipv6Native",
        "/outpostArn",
        "/region",
        "/vpcId",
    ),
    "aws:ec2/vpc:Vpc": ("/cidrBlock", "/instanceTenancy", "/ipv4IpamPoolId", "/ipv4NetmaskLength", "/region"),
    "aws:efs/accessPoint:AccessPoint": ("/fileSystemId", "/posixUser", "/region", "/rootDirectory"),
    "aws:efs/fileSystem:FileSystem": (
        "/availabilityZoneName",
        "/creationToken",
        "/encrypted",
        "/kmsKeyId",
        "/performanceMode",
        "/region",
    ),
    "aws:eks/addon:Addon": ("/addonName", "/clusterName", "/region"),
    "aws:eks/cluster:Cluster": (
        "/accessConfig/bootstrapClusterCreatorAdminPermissions",
        "/computeConfig/nodeRoleArn",
        "/kubernetesNetworkConfig/ipFamily",
        "/kubernetesNetworkConfig/serviceIpv4Cidr",
        "/name",
        "/outpostConfig/controlPlaneInstanceType",
        "/outpostConfig/controlPlanePlacement",
        "/region",
        "/roleArn",
    ),
    "aws:eks/nodeGroup:NodeGroup": (
        "/amiType",
        "/capacityType",
        "/clusterName",
        "/diskSize",
        "/instanceTypes",
        "/launchTemplate/id",
        "/launchTemplate/name",
        "/nodeGroupName",
        "/nodeGroupNamePrefix",
        "/nodeRoleArn",
        "/region",
        "/remoteAccess",
        "/subnetIds",
    ),
    "aws:iam/role:Role": ("/name", "/namePrefix", "/path"),
    "aws:kms/key:Key": (
        "/customKeyStoreId",
        "/customerMasterKeySpec",
        "/keyUsage",
        "/multiRegion",
        "/region",
        "/xksKeyId",
    ),
    "aws:rds/instance:Instance": (
        "/availabilityZone",
        "/characterSetName",
        "/customIamInstanceProfile",
        "/dbName",
        "/engine",
        "/kmsKeyId",
        "/ncharCharacterSetName",
        "/region",
        "/restoreToPointInTime",
        "/s3Import",
        "/snapshotIdentifier",
        "/storageEncrypted",
        "/timezone",
        "/username",
    ),
    # Another type or set is another record set to Route 53: the provider deletes one and makes the other.
    "aws:route53/record:Record": ("/name", "/setIdentifier", "/type", "/zoneId"),
    "aws:s3/bucket:Bucket": ("/bucket", "/bucketPrefix", "/objectLockEnabled", "/region"),
    "openstack:blockstorage/volume:Volume": ("/consistencyGroupId", "/schedulerHints", "/sourceReplica"),
    "openstack:containerinfra/nodeGroup:NodeGroup": ("/imageId",),
    "openstack:dns/recordSet:RecordSet": ("/projectId",),
    "openstack:networking/floatingIp:FloatingIp": ("/address", "/subnetId", "/valueSpecs"),
    "openstack:networking/network:Network": ("/transparentVlan", "/valueSpecs"),
    "openstack:networking/router:Router": ("/distributed", "/valueSpecs"),
    "openstack:networking/subnet:Subnet": (
        "/cidr",
        "/ipv6AddressMode",
        "/ipv6RaMode",
        "/subnetpoolId",
        "/valueSpecs",
    ),
    "openstack:sharedfilesystem/share:Share": ("/shareType",),
}
"""What the SDKs leave out: the providers underneath, terraform-provider-aws and -openstack, declare ``ForceNew``."""

FORCES_NEW: Mapping[str, frozenset[str]] = {
    type_: frozenset(pointers).union(UNDOCUMENTED.get(type_, ()))
    for type_, pointers in json.loads(DOCUMENTED.read_text()).items()
}
"""Pointers to such inputs by resource type, with all below them; ``*`` is any item."""
