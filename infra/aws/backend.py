"""A cluster on AWS as a site's cluster."""

import json
from collections.abc import Callable, Mapping, Sequence

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from infra import existing
from infra.aws.autoscaler import declare_autoscaler
from infra.aws.budget import SITE_TAG, declare_budget
from infra.aws.eks import EksParts, declare_eks
from infra.aws.files import SharedFiles, declare_files
from infra.aws.names import declare_records
from infra.aws.network import Vpc, declare_vpc
from infra.aws.policies import use_key
from infra.aws.spec import AwsClusterSpec
from infra.cluster import Capabilities, Cluster, ClusterEdge, CsiVolume, VolumeSource
from infra.spec import Purpose

Options = pulumi.ResourceOptions

EFS_DRIVER = "efs.csi.aws.com"

KEY_DAYS = 30
"""Days for which a key that was to be deleted can be had back."""


def cloud_provider(site: str, spec: AwsClusterSpec) -> aws.Provider:
    """Declare the provider: one region of one account, and everything it makes has the site's tags."""
    return aws.Provider(
        f"{site}-aws",
        region=spec.region,
        profile=spec.profile,
        allowed_account_ids=[spec.account],
        default_tags={"tags": {SITE_TAG: site, **spec.tags}},
    )


def site_key(site: str, spec: AwsClusterSpec, options: Options) -> aws.kms.Key:
    """Declare the key that the site's Secrets, logs and files are encrypted with; without it they are lost."""
    key = aws.kms.Key(
        f"{site}-key",
        description=f"Science platform {site}",
        enable_key_rotation=True,
        deletion_window_in_days=KEY_DAYS,
        policy=json.dumps(use_key(spec.account, spec.region)),
        opts=Options.merge(options, Options(protect=True, retain_on_delete=True)),
    )
    aws.kms.Alias(f"{site}-key", name=f"alias/science-{site}", target_key_id=key.id, opts=options)
    return key


def kubeconfig(name: str, region: str, profile: str | None, endpoint: str, authority: str) -> str:
    """Return the kubeconfig of an EKS cluster: a program gets the token, so that there is none in it."""
    arguments = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"]
    login = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": arguments,
        "env": [{"name": "AWS_PROFILE", "value": profile}] if profile else None,
        "interactiveMode": "Never",
        "provideClusterInfo": False,
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": name, "cluster": {"server": endpoint, "certificate-authority-data": authority}}
            ],
            "users": [{"name": name, "user": {"exec": login}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def balancer_annotations(addresses: Sequence[aws.ec2.Eip]) -> dict[str, pulumi.Output[str] | str]:
    """Return what a Service says for a network load balancer with addresses of its own."""
    prefix = "service.beta.kubernetes.io/aws-load-balancer"
    allocations = pulumi.Output.all(*[address.allocation_id for address in addresses])
    return {
        f"{prefix}-type": "nlb",
        f"{prefix}-eip-allocations": allocations.apply(lambda found: ",".join(map(str, found))),
        f"{prefix}-cross-zone-load-balancing-enabled": "true",
    }


class AwsCluster(pulumi.ComponentResource):
    """A cluster on AWS with its network, files and names."""

    cluster: Cluster

    def __init__(self, site: str, spec: AwsClusterSpec, sizes: Mapping[Purpose, str]) -> None:
        """Declare everything that the cluster is made of.

        Parameters
        ----------
        sizes
            Volumes that the site wants, by purpose; on EFS they are as large as what is in them.
        """
        super().__init__("science-platform:aws:Cluster", site, None)
        cloud = Options(parent=self, provider=cloud_provider(site, spec))
        key = site_key(site, spec, cloud)
        vpc = declare_vpc(
            site, spec.network, log_days=spec.kubernetes.log_days, key_arn=key.arn, options=cloud
        )
        parts = EksParts(site=site, vpc=vpc, key_arn=key.arn, options=cloud)
        made = declare_eks(parts, spec.kubernetes, spec.node_pools)
        config = _kubeconfig_of(spec, made)
        provider = existing.provider(site, kubeconfig=config, identity=made.arn, options=Options(parent=self))
        inside = Options(parent=self, provider=provider)
        declare_autoscaler(site, made, spec.region, cloud, inside)
        files = declare_files(
            site,
            list(sizes),
            vpc=vpc,
            nodes_group=made.vpc_config.apply(lambda found: found.cluster_security_group_id or ""),
            key_arn=key.arn,
            options=cloud,
        )
        if spec.budget is not None:
            declare_budget(site, spec.budget, cloud)
        disks = VolumeSource(storage_class=declare_disk_class(site, inside), access_mode="ReadWriteOnce")
        self.cluster = Cluster(
            provider=provider,
            volumes=dict.fromkeys(existing.PURPOSES, disks) | _by_access_points(files),
            edge=ClusterEdge(annotations=balancer_annotations(vpc.addresses)),
            capabilities=Capabilities(load_balancer=spec.load_balancer, network_policy=spec.network_policy),
            node_pools=spec.pools,
            name_hosts=_name_hosts(site, spec, vpc, cloud),
            kubeconfig=config,
        )
        self.register_outputs({})


def _kubeconfig_of(spec: AwsClusterSpec, made: aws.eks.Cluster) -> pulumi.Output[str]:
    return pulumi.Output.all(made.name, made.endpoint, made.certificate_authority).apply(
        lambda found: kubeconfig(found[0], spec.region, spec.profile, found[1], found[2]["data"])
    )


def _by_access_points(files: SharedFiles) -> dict[Purpose, VolumeSource]:
    return {
        purpose: VolumeSource(csi=CsiVolume(driver=EFS_DRIVER, handle=handle), mount_options=("tls",))
        for purpose, handle in files.handles.items()
    }


def _name_hosts(
    site: str, spec: AwsClusterSpec, vpc: Vpc, options: Options
) -> Callable[[Sequence[str]], None] | None:
    zone = spec.zone
    if zone is None:
        return None
    return lambda hosts: declare_records(site, zone, hosts, vpc.addresses, options)


def declare_disk_class(site: str, options: Options) -> str:
    """Declare the class of encrypted disks that databases are on, and return its name."""
    name = f"science-{site}-disks"
    k8s.storage.v1.StorageClass(
        f"{site}-disks",
        metadata={"name": name},
        provisioner="ebs.csi.aws.com",
        parameters={"type": "gp3", "encrypted": "true"},
        allow_volume_expansion=True,
        # The disk is made in the zone of the pod that wants it.
        volume_binding_mode="WaitForFirstConsumer",
        reclaim_policy="Delete",
        opts=options,
    )
    return name


def connect(site: str, spec: AwsClusterSpec, sizes: Mapping[Purpose, str]) -> Cluster:
    """Return the cluster that the stack makes."""
    return AwsCluster(site, spec, sizes).cluster
