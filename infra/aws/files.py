"""Shared file systems by EFS: one file system of the site, an access point per purpose."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.aws.network import Vpc, named
from infra.aws.policies import Document, document
from infra.spec import Purpose

Options = pulumi.ResourceOptions

UID = 1000
"""User and group whose everything in an access point is: that of the platform's pods."""

NFS_PORT = 2049


@dataclass(frozen=True, kw_only=True)
class SharedFiles:
    """A file system, entered by access points.

    Parameters
    ----------
    handles
        What the EFS CSI driver knows each purpose by: ``fs-…::fsap-…``.
    """

    handles: dict[Purpose, pulumi.Output[str]]


def declare_files(
    site: str,
    purposes: Sequence[Purpose],
    *,
    vpc: Vpc,
    nodes_group: pulumi.Output[str],
    key_arn: pulumi.Output[str],
    options: Options,
) -> SharedFiles:
    """Declare the file system, its mount targets and its access points.

    Parameters
    ----------
    purposes
        What it is for: an access point each.
    nodes_group
        ID of the security group that nodes are in: nobody else may mount.
    """
    kept = Options.merge(options, Options(protect=True, retain_on_delete=True))
    system = aws.efs.FileSystem(
        f"{site}-files",
        creation_token=f"science-{site}",
        encrypted=True,
        kms_key_id=key_arn,
        performance_mode="generalPurpose",
        throughput_mode="elastic",
        tags=named(f"{site}-files"),
        opts=kept,
    )
    aws.efs.FileSystemPolicy(
        f"{site}-files-policy",
        file_system_id=system.id,
        policy=system.arn.apply(lambda arn: json.dumps(only_encrypted(arn))),
        opts=options,
    )
    group = _group(site, vpc, nodes_group, options)
    for zone, subnet in vpc.private.items():
        aws.efs.MountTarget(
            f"{site}-files-{zone}",
            file_system_id=system.id,
            subnet_id=subnet,
            security_groups=[group.id],
            opts=options,
        )
    points: dict[Purpose, aws.efs.AccessPoint] = {
        purpose: aws.efs.AccessPoint(
            f"{site}-files-{purpose}",
            file_system_id=system.id,
            posix_user={"uid": UID, "gid": UID},
            root_directory={
                "path": f"/{purpose}",
                "creation_info": {"owner_uid": UID, "owner_gid": UID, "permissions": "0770"},
            },
            tags=named(f"{site}-{purpose}"),
            opts=kept,
        )
        for purpose in purposes
    }
    return SharedFiles(
        handles={
            purpose: pulumi.Output.concat(system.id, "::", point.id) for purpose, point in points.items()
        }
    )


def only_encrypted(file_system_arn: str) -> Document:
    """Return the policy of a file system: mounted through its mount targets, by TLS, or not at all."""
    return document(
        {
            "Sid": "OnlyByMountTargets",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Resource": [file_system_arn],
            "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
        },
        {
            "Sid": "OnlyByTls",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["*"],
            "Resource": [file_system_arn],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def _group(site: str, vpc: Vpc, nodes_group: pulumi.Output[str], options: Options) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        f"{site}-files-group",
        name=f"science-{site}-files",
        description="Shared file systems: from the cluster's nodes",
        vpc_id=vpc.vpc_id,
        tags=named(f"{site}-files"),
        opts=options,
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{site}-files-from-nodes",
        security_group_id=group.id,
        referenced_security_group_id=nodes_group,
        ip_protocol="tcp",
        from_port=NFS_PORT,
        to_port=NFS_PORT,
        description="NFS from the nodes",
        opts=options,
    )
    return group
