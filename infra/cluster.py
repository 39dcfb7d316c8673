"""The hand-over from infrastructure to components: all that components know of where they run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import pulumi
import pulumi_kubernetes as k8s

from infra.spec import AccessMode, CsiSpec, NfsSpec, NodePoolSpec, Purpose

Exposure = Literal["ingress", "loadBalancer", "nodePort"]


@dataclass(frozen=True, kw_only=True)
class NfsShare:
    """A folder that an NFS server exports.

    Parameters
    ----------
    server, path
        Where it is; known only once it is made, where the stack makes it.
    """

    server: pulumi.Input[str]
    path: pulumi.Input[str]

    @classmethod
    def of(cls, spec: NfsSpec) -> Self:
        """Return the share of a section."""
        return cls(server=spec.server, path=spec.path)


@dataclass(frozen=True, kw_only=True)
class CsiVolume:
    """A volume that is there, as a CSI driver mounts it.

    Parameters
    ----------
    driver
        Name of the driver.
    handle
        What the driver knows the volume by.
    attributes
        What else it asks for; no secrets.
    secret
        Name and namespace of the Secret with which nodes mount it.
    """

    driver: str
    handle: pulumi.Input[str]
    attributes: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secret: tuple[pulumi.Input[str], str] | None = None

    @classmethod
    def of(cls, spec: CsiSpec) -> Self:
        """Return the volume of a section."""
        secret = (spec.secret.name, spec.secret.namespace) if spec.secret else None
        return cls(driver=spec.driver, handle=spec.handle, attributes=spec.attributes, secret=secret)


@dataclass(frozen=True, kw_only=True)
class VolumeSource:
    """Where the volumes of one purpose come from.

    Parameters
    ----------
    storage_class
        Storage class; None for the cluster's default class.
    volume_name
        An existing PersistentVolume to bind, instead of a class.
    nfs, csi
        A share that a PersistentVolume is declared for, instead of a class.
    mount_options
        How nodes mount such a share.
    access_mode
        How many nodes may mount a volume at a time.
    """

    storage_class: str | None = None
    volume_name: str | None = None
    nfs: NfsShare | None = None
    csi: CsiVolume | None = None
    mount_options: Sequence[str] = ()
    access_mode: AccessMode = "ReadWriteMany"

    @property
    def claim_fields(self) -> dict[str, str | None]:
        """What a claim's spec says of this source; None for what it leaves out."""
        # For a volume that is there already, the empty class keeps the default class from making another.
        return {
            "storageClassName": "" if self.volume_name else self.storage_class,
            "volumeName": self.volume_name,
        }


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What the cluster can do, as far as components act on it."""

    load_balancer: bool = False
    network_policy: bool = False


@dataclass(frozen=True, kw_only=True)
class ClusterEdge:
    """How a cluster lets people in.

    Parameters
    ----------
    ingress_class, tls_issuer
        Its ingress class and the issuer of certificates for it.
    address
        Address that is reserved for the load balancer.
    annotations
        What the Service says to the cloud's load balancers.
    """

    ingress_class: str | None = None
    tls_issuer: str | None = None
    address: pulumi.Input[str] | None = None
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that components can be installed on, whichever backend made it.

    Parameters
    ----------
    provider
        The one Kubernetes provider that every resource of the site is given.
    volumes
        Where volumes come from, by purpose; complete.
    edge
        How people are let in.
    capabilities
        What the cluster can do.
    node_pools
        Node pools that profiles may name.
    name_hosts
        Declares DNS records for hosts, where the stack keeps them; the rest is the operator's.
    kubeconfig
        How the cluster is reached, where the stack makes it; a secret.
    """

    provider: k8s.Provider
    volumes: Mapping[Purpose, VolumeSource]
    edge: ClusterEdge = ClusterEdge()
    capabilities: Capabilities = Capabilities()
    node_pools: Mapping[str, NodePoolSpec] = field(default_factory=dict)
    name_hosts: Callable[[Sequence[str]], None] | None = None
    kubeconfig: pulumi.Output[str] | None = None

    @property
    def exposure(self) -> Exposure:
        """How the site's edge is published: the best way that the cluster has."""
        if self.edge.ingress_class:
            return "ingress"
        return "loadBalancer" if self.capabilities.load_balancer else "nodePort"
