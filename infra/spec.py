"""The ``cluster`` section of a site file: where the platform runs."""

from typing import Annotated, Literal

from pydantic import Field

from infra.fields import LabelKey, LabelValue, Memory, Name, ObjectName, Spec

AccessMode = Literal["ReadWriteOnce", "ReadWriteMany"]
Purpose = Literal["homes", "projects", "state"]


class VolumeSourceSpec(Spec):
    """Where volumes of one purpose come from: a storage class, or one volume that is there already."""

    storage_class: ObjectName | None = None
    """Storage class that makes the volume; leave out for the cluster's default class."""

    volume_name: ObjectName | None = None
    """Name of an existing PersistentVolume, bound instead of making one."""

    access_mode: AccessMode = "ReadWriteMany"
    """ReadWriteMany where pods on several nodes share it; ReadWriteOnce on one node or for one pod."""


class NodePoolSpec(Spec):
    """Nodes of one kind, for profiles that ask for them by name."""

    labels: dict[LabelKey, LabelValue] = Field(min_length=1)
    """Node labels that select the pool, such as ``node.kubernetes.io/instance-type: g3.xl``."""

    taints: dict[LabelKey, LabelValue] = {}
    """Taints that the pool's nodes carry and its pods tolerate: key to value."""

    cpu: float = Field(gt=0)
    """Cores that pods can have on one node."""

    memory: Memory
    """Memory that pods can have on one node."""

    gpus: int = Field(default=0, ge=0)
    """GPUs on one node."""

    gpu_resource: LabelKey = "nvidia.com/gpu"
    """Name of the extended resource under which the nodes offer their GPUs."""


class ExistingClusterSpec(Spec):
    """A cluster that someone else runs: kind, k3s, minikube, Magnum, EKS, bare metal."""

    kind: Literal["existing"]
    """A cluster that is there already."""

    context: str = Field(min_length=1)
    """Context of the kubeconfig that reaches the cluster."""

    kubeconfig: str | None = None
    """Path of the kubeconfig; leave out for ``$KUBECONFIG`` or ``~/.kube/config``."""

    ingress_class: ObjectName | None = None
    """Ingress class that publishes the site; leave out where the site's own edge does."""

    tls_issuer: ObjectName | None = None
    """cert-manager ClusterIssuer that makes the site's certificate, with an ingress class."""

    load_balancer: bool = False
    """Whether Services of type LoadBalancer get an address."""

    network_policy: bool = False
    """Whether the cluster's network enforces NetworkPolicies."""

    volumes: dict[Purpose, VolumeSourceSpec] = {}
    """Where the volumes of each purpose come from; what is left out uses the default storage class."""

    node_pools: dict[Name, NodePoolSpec] = {}
    """Node pools that profiles may name."""


class LocalClusterSpec(Spec):
    """A disposable Kubernetes on this machine (``python -m infra.local``)."""

    kind: Literal["local"]
    """A disposable cluster on this machine."""

    name: Name = "science"
    """Name of the local cluster; sites that name the same one share it."""


ClusterSpec = Annotated[ExistingClusterSpec | LocalClusterSpec, Field(discriminator="kind")]
