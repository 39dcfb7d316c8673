"""A cluster that someone else runs: reached through a kubeconfig, taken at its site file's word.

What the site file claims of it is checked by :mod:`infra.claims` before anything is installed.
"""

from typing import get_args

import pulumi
import pulumi_kubernetes as k8s

from infra.cluster import Capabilities, Cluster, ClusterEdge, CsiVolume, NfsShare, VolumeSource
from infra.spec import ExistingClusterSpec, Purpose, VolumeSourceSpec

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


def provider(
    site: str,
    *,
    context: str | None = None,
    kubeconfig: pulumi.Input[str] | None,
    identity: pulumi.Input[str],
    options: pulumi.ResourceOptions | None = None,
) -> k8s.Provider:
    """Declare the provider of a site.

    Parameters
    ----------
    context
        Context of the kubeconfig; left out, its only one.
    kubeconfig
        Path or text; left out, the operator's own.
    identity
        What tells the cluster from others: another kubeconfig for the same one does not replace every resource.
    """
    return k8s.Provider(
        f"{site}-cluster",
        opts=options,
        args=k8s.ProviderArgs(
            context=context,
            kubeconfig=None if kubeconfig is None else pulumi.Output.secret(kubeconfig),
            cluster_identifier=identity,
            # Secrets and ConfigMaps change in place; Pulumi would delete them first otherwise.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
        ),
    )


def source(spec: VolumeSourceSpec) -> VolumeSource:
    """Return where the volumes of a purpose come from, as its section says."""
    return VolumeSource(
        storage_class=spec.storage_class,
        volume_name=spec.volume_name,
        nfs=NfsShare.of(spec.nfs) if spec.nfs else None,
        csi=CsiVolume.of(spec.csi) if spec.csi else None,
        mount_options=tuple(spec.mount_options),
        access_mode=spec.access_mode,
    )


def connect(site: str, spec: ExistingClusterSpec) -> Cluster:
    """Return the cluster of a site file's section."""
    return Cluster(
        provider=provider(site, context=spec.context, kubeconfig=spec.kubeconfig, identity=spec.context),
        volumes={
            purpose: source(spec.volumes[purpose]) if purpose in spec.volumes else VolumeSource()
            for purpose in PURPOSES
        },
        edge=ClusterEdge(ingress_class=spec.ingress_class, tls_issuer=spec.tls_issuer),
        capabilities=Capabilities(load_balancer=spec.load_balancer, network_policy=spec.network_policy),
        node_pools=spec.node_pools,
    )


def stand_in(site: str, context: str) -> Cluster:
    """Return an existing single-node cluster (kind, k3s, minikube) in place of a local one."""
    one_node = VolumeSource(access_mode="ReadWriteOnce")
    return Cluster(
        provider=provider(site, context=context, kubeconfig=None, identity=context),
        volumes=dict.fromkeys(PURPOSES, one_node),
    )
