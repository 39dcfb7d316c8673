"""The parts of a site file's ``cluster`` section, and the clusters that the stack does not make.

Every kind of cluster answers the same questions, as fields where the site says so and as constants where the kind does:
``made`` (by the stack), ``ingress_class``, ``tls_issuer``, ``load_balancer``, ``network_policy``, ``csi_drivers``,
``volumes``, ``pools`` and ``place``.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from infra.fields import Expected, Folder, Host, LabelKey, LabelValue, Memory, Name, ObjectName, Spec

AccessMode = Literal["ReadWriteOnce", "ReadWriteMany"]
Purpose = Literal["homes", "projects", "scratch", "data", "software", "state", "backups"]

CVMFS_DRIVER = "cvmfs.csi.cern.ch"
"""Name of the CSI driver that mounts CernVM-FS repositories."""

MountOption = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:=/@-]*$", max_length=200),
    Expected("one mount option, such as nfsvers=4.2"),
]
"""One option of mount(8), without commas."""


AttributeKey = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][-A-Za-z0-9_./]*$", max_length=100),
    Expected("an attribute as the driver spells it, such as rootPath"),
]
"""The key of a CSI driver's volume attribute."""


class NfsSpec(Spec):
    """A folder that an NFS server exports."""

    server: Host
    """Name or address of the server, as the nodes know it."""

    path: Folder
    """Path that it exports."""


class SecretNameSpec(Spec):
    """A Secret that someone else keeps."""

    name: ObjectName
    """Its name."""

    namespace: Name
    """Its namespace."""


class CsiSpec(Spec):
    """A volume that is there already, as a CSI driver mounts it: a CephFS path, a Manila share, an EFS access point."""

    driver: ObjectName
    """Name of the driver, one of ``cluster.csiDrivers``."""

    handle: str = Field(min_length=1, max_length=500)
    """What the driver knows the volume by: its ``volumeHandle``."""

    attributes: dict[AttributeKey, str] = {}
    """Attributes that the driver asks for; no secrets."""

    secret: SecretNameSpec | None = None
    """Secret with which nodes mount it, where the driver asks for one."""


class VolumeSourceSpec(Spec):
    """Where volumes of one purpose come from: a storage class, one volume that is there already, or a share."""

    storage_class: ObjectName | None = None
    """Storage class that makes the volume; leave out for the cluster's default class."""

    volume_name: ObjectName | None = None
    """Name of an existing PersistentVolume, bound instead of making one."""

    nfs: NfsSpec | None = None
    """Folder of an NFS server, for which the site declares a PersistentVolume."""

    csi: CsiSpec | None = None
    """Volume of a CSI driver, for which the site declares a PersistentVolume."""

    mount_options: list[MountOption] = []
    """Options with which nodes mount an ``nfs`` or ``csi`` volume."""

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

    csi_drivers: list[ObjectName] = []
    """CSI drivers that the cluster has, for ``csi`` volumes and CVMFS; those of storage classes need not be here."""

    volumes: dict[Purpose, VolumeSourceSpec] = {}
    """Where the volumes of each purpose come from; what is left out uses the default storage class."""

    node_pools: dict[Name, NodePoolSpec] = {}
    """Node pools that profiles may name."""

    made: ClassVar[bool] = False

    @property
    def pools(self) -> Mapping[str, NodePoolSpec]:
        """Node pools that profiles may name."""
        return self.node_pools

    @property
    def place(self) -> str:
        """What tells the cluster from others of its kind."""
        return self.context


class LocalClusterSpec(Spec):
    """A disposable Kubernetes on this machine (``python -m infra.local``)."""

    kind: Literal["local"]
    """A disposable cluster on this machine."""

    name: Name = "science"
    """Name of the local cluster; sites that name the same one share it."""

    made: ClassVar[bool] = False
    ingress_class: ClassVar[None] = None
    tls_issuer: ClassVar[None] = None
    load_balancer: ClassVar[bool] = False
    network_policy: ClassVar[bool] = False
    csi_drivers: ClassVar[tuple[str, ...]] = ()
    volumes: ClassVar[Mapping[Purpose, VolumeSourceSpec]] = {}
    pools: ClassVar[Mapping[str, NodePoolSpec]] = {}

    @property
    def place(self) -> str:
        """What tells the cluster from others of its kind."""
        return self.name
