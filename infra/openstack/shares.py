"""Shared file systems by OpenStack Manila.

A share is a static volume: Kubernetes binds it and never makes or deletes it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s
import pulumi_openstack as openstack

from infra.cluster import CsiVolume, NfsShare, VolumeSource
from infra.fields import bytes_of
from infra.openstack.network import ClusterNetwork
from infra.openstack.spec import ManilaShareSpec
from infra.spec import Purpose

Options = pulumi.ResourceOptions

CEPH_DRIVER = "cephfs.csi.ceph.com"
"""The driver that mounts CephFS; the cluster's operator installs it."""

SECRETS_NAMESPACE = "kube-system"
"""Where the CephX keys are kept: nobody's pods run there."""


@dataclass(frozen=True, kw_only=True)
class ShareParts:
    """What every share of a site is made with.

    Parameters
    ----------
    site
        Name of the site.
    network
        The cluster's network, which may mount shares by NFS.
    cidr
        Its addresses.
    sizes
        Sizes by purpose, as the site's storage says; shares grow in place and never shrink.
    cloud, inside
        Options of what is made on the cloud, and of what is made in the cluster.
    """

    site: str
    network: ClusterNetwork
    cidr: str
    sizes: Mapping[Purpose, str]
    cloud: pulumi.ResourceOptions
    inside: pulumi.ResourceOptions


def gibibytes(size: str) -> int:
    """Return a size in whole GiB, rounded up: shares have no other."""
    return math.ceil(bytes_of(size) / 2**30)


def nfs_location(path: str) -> dict[str, str]:
    """Return server and path of an NFS share from its export location, ``server:/path``."""
    server, _, folder = path.partition(":/")
    return {"server": server.strip("[]"), "path": f"/{folder}"}


def ceph_path(path: str) -> str:
    """Return the folder of a CephFS share from its export location, ``mon:6789,mon:6789:/path``."""
    return f"/{path.partition(':/')[2]}"


def declare_shares(
    parts: ShareParts, specs: Mapping[Purpose, ManilaShareSpec]
) -> dict[Purpose, VolumeSource]:
    """Declare share and access for every purpose that has a size; return what its volume is made of."""
    wanted: dict[Purpose, ManilaShareSpec] = {
        purpose: specs.get(purpose, ManilaShareSpec()) for purpose in parts.sizes
    }
    share_network = _share_network(parts) if any(spec.share_network for spec in wanted.values()) else None
    return {
        purpose: _share(parts, purpose, spec, share_network if spec.share_network else None)
        for purpose, spec in wanted.items()
    }


def _share_network(parts: ShareParts) -> openstack.sharedfilesystem.ShareNetwork:
    return openstack.sharedfilesystem.ShareNetwork(
        f"{parts.site}-share-network",
        name=f"science-{parts.site}",
        neutron_net_id=parts.network.network_id,
        neutron_subnet_id=parts.network.subnet_id,
        opts=Options.merge(parts.cloud, Options(protect=True, depends_on=[parts.network.ready])),
    )


def _share(
    parts: ShareParts,
    purpose: Purpose,
    spec: ManilaShareSpec,
    share_network: openstack.sharedfilesystem.ShareNetwork | None,
) -> VolumeSource:
    name = f"science-{parts.site}-{purpose}"
    ceph = spec.protocol == "CEPHFS"
    share = openstack.sharedfilesystem.Share(
        f"{parts.site}-share-{purpose}",
        name=name,
        share_proto=spec.protocol,
        size=gibibytes(parts.sizes[purpose]),
        share_type=spec.share_type,
        share_network_id=share_network.id if share_network else None,
        is_public=False,
        opts=Options.merge(parts.cloud, Options(protect=True, retain_on_delete=True)),
    )
    access = openstack.sharedfilesystem.ShareAccess(
        f"{parts.site}-share-{purpose}-access",
        share_id=share.id,
        access_type="cephx" if ceph else "ip",
        access_to=name if ceph else parts.cidr,
        access_level="rw",
        opts=parts.cloud,
    )
    # Nobody can mount it before: whoever reads the location waits for the access too.
    location = pulumi.Output.all(share.export_locations, access.id).apply(lambda known: known[0][0]["path"])
    if not ceph:
        found = location.apply(nfs_location)
        return VolumeSource(
            nfs=NfsShare(server=found["server"], path=found["path"]), mount_options=("nfsvers=4.1", "hard")
        )
    key = k8s.core.v1.Secret(
        f"{parts.site}-share-{purpose}-key",
        metadata={"name": name, "namespace": SECRETS_NAMESPACE},
        string_data={"userID": name, "userKey": access.access_key},
        opts=parts.inside,
    )
    return VolumeSource(
        csi=CsiVolume(
            driver=CEPH_DRIVER,
            handle=name,
            attributes={
                "clusterID": spec.ceph_cluster or "",
                "staticVolume": "true",
                "rootPath": location.apply(ceph_path),
            },
            secret=(key.metadata["name"], SECRETS_NAMESPACE),
        )
    )
