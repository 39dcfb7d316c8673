"""The ``cluster`` section of a site on OpenStack."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from infra.fields import Cidr, Expected, LabelKey, Memory, Name, ObjectName, Spec
from infra.spec import NodePoolSpec, Purpose, VolumeSourceSpec

NODE_GROUP_LABEL = "capi.stackhpc.com/node-group"
"""Label that Magnum's Cluster API driver puts on the nodes of a node group: its name. Nothing else of what Magnum is
told of a node group arrives on its nodes, taints least of all."""

CloudName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$", max_length=100),
    Expected("a name as OpenStack lists it, such as m3.large or kubernetes-1-35"),
]
"""The name of something that the cloud has: a flavor, a template, an external network."""

ZoneName = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+$", max_length=253),
    Expected("a zone with its final full stop, such as science.example.org."),
]
"""A DNS zone as Designate names it."""


class OpenstackPoolSpec(Spec):
    """A node group: nodes of one flavor."""

    flavor: CloudName
    """Flavor of the nodes; another flavor makes the pool anew."""

    nodes: int = Field(default=1, ge=1, le=1000)
    """Nodes that are always there. Magnum keeps one at least."""

    maximum: int | None = Field(default=None, ge=1, le=1000)
    """Nodes that the cluster autoscaler may grow the pool to; left out, the pool has its size."""

    cpu: float = Field(gt=0)
    """Cores that pods can have on one node: the flavor's, less what the node itself needs."""

    memory: Memory
    """Memory that pods can have on one node."""

    gpus: int = Field(default=0, ge=0)
    """GPUs on one node."""

    gpu_resource: LabelKey = "nvidia.com/gpu"
    """Name of the extended resource under which the nodes offer their GPUs."""

    def as_pool(self, name: str) -> NodePoolSpec:
        """Return the pool as profiles choose it."""
        own = {"cpu": self.cpu, "memory": self.memory, "gpus": self.gpus, "gpuResource": self.gpu_resource}
        return NodePoolSpec.model_validate({"labels": {NODE_GROUP_LABEL: name}, **own})


class OpenstackNetworkSpec(Spec):
    """The cluster's own network."""

    external: CloudName
    """External network: where the router leads and addresses come from."""

    cidr: Cidr = "10.32.0.0/20"
    """Network of the nodes; it must not overlap with what they have to reach."""

    nameservers: list[
        Annotated[
            str,
            StringConstraints(pattern=r"^[0-9.]+$"),
            Expected("an address such as 192.0.2.53"),
        ]
    ] = []
    """Name servers of the nodes; empty for the cloud's own."""


class MagnumSpec(Spec):
    """Kubernetes as the cloud makes it: OpenStack Magnum with its Cluster API driver."""

    template: CloudName
    """Cluster template of the cloud; it says the version of Kubernetes. Another one upgrades the cluster."""

    control_plane_flavor: CloudName
    """Flavor of the nodes of the control plane."""

    control_plane_nodes: Literal[1, 3, 5] = 3
    """Nodes of the control plane."""

    flavor: CloudName
    """Flavor of the nodes that the platform itself runs on."""

    nodes: int = Field(default=2, ge=1, le=100)
    """Nodes that the platform itself runs on."""

    api_from: list[Cidr] = []
    """Networks that may reach the Kubernetes API from outside; empty: it has no address outside its network."""


class ManilaShareSpec(Spec):
    """How the share of one purpose is made."""

    protocol: Literal["NFS", "CEPHFS"] = "NFS"
    """NFS, which every node can mount, or CephFS, which needs the ceph-csi driver in the cluster."""

    share_type: CloudName | None = None
    """Share type; left out, the cloud's default."""

    share_network: bool = False
    """Whether the cloud's shares live in a network of the project's (driver_handles_share_servers)."""

    ceph_cluster: ObjectName | None = None
    """With CephFS: the ``clusterID`` under which the cluster's ceph-csi driver knows the monitors."""


class DesignateSpec(Spec):
    """Names of the site's doors."""

    zone: ZoneName
    """Zone of the project that the site's hosts are in."""

    ttl: int = Field(default=300, ge=30, le=86400)
    """Seconds that others may remember an address for."""


class OpenstackClusterSpec(Spec):
    """A cluster that the stack makes on OpenStack."""

    kind: Literal["openstack"]
    """A cluster made on OpenStack."""

    cloud: CloudName
    """Entry of ``clouds.yaml`` with the address and an application credential; the credential stays there."""

    region: CloudName | None = None
    """Region; left out, that of the entry."""

    network: OpenstackNetworkSpec
    """The cluster's own network."""

    kubernetes: MagnumSpec
    """Kubernetes itself."""

    node_pools: dict[Name, OpenstackPoolSpec] = {}
    """Node groups that profiles may name."""

    shares: dict[Purpose, ManilaShareSpec] = {}
    """How the shares of the site's volumes are made, by purpose; what is left out is NFS of the default type."""

    state_class: ObjectName | None = None
    """Storage class of Cinder volumes for databases; left out, the cluster's default class."""

    dns: DesignateSpec | None = None
    """Where the site's hosts get their records; left out, the operator makes them."""

    made: ClassVar[bool] = True
    ingress_class: ClassVar[None] = None
    tls_issuer: ClassVar[None] = None
    load_balancer: ClassVar[bool] = True
    network_policy: ClassVar[bool] = True
    csi_drivers: ClassVar[tuple[str, ...]] = ("cinder.csi.openstack.org",)
    volumes: ClassVar[Mapping[Purpose, VolumeSourceSpec]] = {}

    @property
    def pools(self) -> Mapping[str, NodePoolSpec]:
        """Node pools that profiles may name."""
        return {name: pool.as_pool(name) for name, pool in self.node_pools.items()}

    @property
    def place(self) -> str:
        """What tells the cluster from others of its kind."""
        return self.cloud
