"""The ``cluster`` section of a site on AWS."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from infra.fields import Cidr, Email, Expected, Host, LabelKey, LabelValue, Memory, Name, Spec
from infra.spec import NodePoolSpec, Purpose, VolumeSourceSpec

POOL_LABEL = "science-platform/pool"
"""Label of the nodes of a pool: its name."""

SYSTEM = "system"
"""Name of the pool that the platform itself runs on."""

Region = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$"),
    Expected("a region such as eu-central-1"),
]
Zone = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$"),
    Expected("an availability zone such as eu-central-1a"),
]
InstanceType = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$"),
    Expected("an instance type such as m7i.2xlarge"),
]
RoleArn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws(-[a-z-]+)?:iam::[0-9]{12}:(role|user)/.+$"),
    Expected("the ARN of a role, such as arn:aws:iam::123456789012:role/operators"),
]
KubernetesVersion = Annotated[
    str,
    StringConstraints(pattern=r"^1\.[0-9]{2}$"),
    Expected("a version of Kubernetes such as 1.35, in quotes"),
]


class AwsPoolSpec(Spec):
    """A managed node group."""

    instance_types: list[InstanceType] = Field(min_length=1, max_length=20)
    """Instance types that may be taken, all of one size; several make spot nodes easier to get."""

    minimum: int = Field(default=0, ge=0, le=1000)
    """Nodes that are always there."""

    maximum: int = Field(ge=1, le=1000)
    """Nodes that the cluster autoscaler may grow the pool to."""

    capacity: Literal["onDemand", "spot"] = "onDemand"
    """Spot nodes are cheaper and may be taken away at two minutes' notice: for batch."""

    disk: Memory = "100Gi"
    """Disk of a node, for images and what containers write outside volumes."""

    cpu: float = Field(gt=0)
    """Cores that pods can have on one node: the instance type's, less what the node itself needs."""

    memory: Memory
    """Memory that pods can have on one node."""

    gpus: int = Field(default=0, ge=0)
    """GPUs on one node."""

    taints: dict[LabelKey, LabelValue] = {}
    """Taints of the nodes, which the profiles of the pool tolerate: key to value."""

    def as_pool(self, name: str) -> NodePoolSpec:
        """Return the pool as profiles choose it."""
        return NodePoolSpec(
            labels={POOL_LABEL: name},
            taints=self.taints,
            cpu=self.cpu,
            memory=self.memory,
            gpus=self.gpus,
        )


class AwsNetworkSpec(Spec):
    """The cluster's own VPC."""

    cidr: Cidr = "10.48.0.0/16"
    """Network of the VPC."""

    zones: list[Zone] = Field(min_length=2, max_length=3)
    """Availability zones; another one may be added at the end."""

    nat_gateways: Literal["one", "perZone"] = "one"
    """One way out is cheaper; one per zone outlives the loss of a zone."""


class EksSpec(Spec):
    """Kubernetes as EKS runs it."""

    version: KubernetesVersion
    """Version of Kubernetes."""

    instance_types: list[InstanceType] = Field(default=["m7i.large"], min_length=1, max_length=20)
    """Instance types of the nodes that the platform itself runs on."""

    nodes: int = Field(default=2, ge=1, le=100)
    """Nodes that the platform itself runs on."""

    api_from: list[Cidr] = []
    """Networks that may reach the Kubernetes API from outside; empty: it has no address outside the VPC."""

    admins: list[RoleArn] = []
    """Roles that may administer the cluster beside the one that made it."""

    log_days: Literal[7, 14, 30, 90, 180, 365] = 90
    """Days that logs of the control plane and the network are kept."""


class BudgetSpec(Spec):
    """What a month may cost before someone is told."""

    monthly: float = Field(gt=0)
    """US dollars a month."""

    notify: list[Email] = Field(min_length=1, max_length=10)
    """Who is told at 80 % of it, and when the month is forecast to pass it."""


class AwsClusterSpec(Spec):
    """A cluster that the stack makes on AWS."""

    kind: Literal["aws"]
    """A cluster made on AWS."""

    region: Region
    """Region."""

    account: Annotated[
        str, StringConstraints(pattern=r"^[0-9]{12}$"), Expected("an account of twelve digits, in quotes")
    ]
    """Account; credentials of another one are refused."""

    profile: Name | None = None
    """Profile of the operator's AWS configuration; left out, the environment's credentials."""

    network: AwsNetworkSpec
    """The cluster's own VPC."""

    kubernetes: EksSpec
    """Kubernetes itself."""

    node_pools: dict[Name, AwsPoolSpec] = {}
    """Node pools that profiles may name."""

    zone: Host | None = None
    """Hosted zone of Route 53 that the site's hosts are in; left out, the operator makes the records."""

    budget: BudgetSpec | None = None
    """What a month may cost before someone is told."""

    tags: dict[Name, str] = {}
    """Tags of everything, beside the site's."""

    made: ClassVar[bool] = True
    ingress_class: ClassVar[None] = None
    tls_issuer: ClassVar[None] = None
    load_balancer: ClassVar[bool] = True
    network_policy: ClassVar[bool] = True
    csi_drivers: ClassVar[tuple[str, ...]] = ("ebs.csi.aws.com", "efs.csi.aws.com")
    volumes: ClassVar[Mapping[Purpose, VolumeSourceSpec]] = {}

    @property
    def pools(self) -> Mapping[str, NodePoolSpec]:
        """Node pools that profiles may name."""
        return {name: pool.as_pool(name) for name, pool in self.node_pools.items()}

    @property
    def place(self) -> str:
        """What tells the cluster from others of its kind."""
        return f"{self.account}/{self.region}"
