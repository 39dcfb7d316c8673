"""The ``hub`` section of a site file: profiles, limits, culling, and what user pods may reach."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.fields import Cidr, Duration, Expected, GroupName, Memory, Name, Spec

ImageName = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z][-a-z0-9]*|[^\s:@]+(:[0-9]+)?/[^\s:@]+(:[\w][\w.-]*|@sha256:[0-9a-f]{64}))$"
    ),
    Expected("lab, or a full reference such as registry.example.org/team/lab:2026.1"),
]
"""A name from this project's images, or a full reference with a tag or digest."""


class CpuSpec(Spec):
    """Cores: what a server is sure of, and the most it can use."""

    guarantee: float = Field(gt=0, le=1024)
    """Cores reserved for the server."""

    limit: float = Field(gt=0, le=1024)
    """Cores that the server can use when they are free."""


class MemorySpec(Spec):
    """Memory: what a server is sure of, and where it ends."""

    guarantee: Memory
    """Memory reserved for the server."""

    limit: Memory
    """Memory beyond which the kernel that asks for it is ended."""


class ProfileSpec(Spec):
    """A kind of server that users choose by its title."""

    title: str = Field(min_length=1, max_length=60)
    """What users see in the list."""

    description: str = Field(default="", max_length=300)
    """A line below the title: what it is good for."""

    cpu: CpuSpec
    """Cores."""

    memory: MemorySpec
    """Memory."""

    gpus: int = Field(default=0, ge=0, le=64)
    """GPUs, from the node pool that the profile names."""

    image: ImageName = "lab"
    """Image of the server: ``lab``, or a full reference that has jupyterhub-singleuser."""

    node_pool: Name | None = None
    """Node pool of the cluster section where the server runs; left out, wherever there is room."""

    groups: list[GroupName] = []
    """Groups whose members may choose it; empty for everyone."""

    default: bool = False
    """Whether it is chosen when the user does not choose; exactly one profile is."""


class LimitsSpec(Spec):
    """What one user may have at a time, over all of their servers."""

    servers: int = Field(default=3, ge=1, le=100)
    """Servers, the unnamed one included."""

    cpu: float | None = Field(default=None, gt=0)
    """Sum of the servers' core limits; left out, no limit but the profiles'."""

    memory: Memory | None = None
    """Sum of the servers' memory limits; left out, no limit but the profiles'."""


class CullingSpec(Spec):
    """When servers are stopped by themselves; files stay."""

    idle: Duration = "1h"
    """Time without activity after which a server is stopped."""

    maximum_age: Duration | None = None
    """Time after which a server is stopped whatever it does; left out, never."""

    every: Duration = "5m"
    """How often servers are looked at."""


class DestinationSpec(Spec):
    """A network that user pods may connect to beyond the hub and DNS."""

    cidr: Cidr
    """The network, in CIDR notation."""

    ports: list[Annotated[int, Field(ge=1, le=65535)]] = []
    """TCP ports; empty for all."""


class NetworkSpec(Spec):
    """What user pods may connect to: never the Kubernetes API, metadata services or other users."""

    internet: bool = True
    """Whether public addresses may be reached."""

    allow: dict[Name, DestinationSpec] = {}
    """Private networks that may be reached, by name: an archive, a licence server."""


class PlaceholdersSpec(Spec):
    """Empty pods that hold room for the next users and give way to them."""

    count: int = Field(ge=1, le=1000)
    """How many."""

    profile: Name
    """Profile whose size each of them has."""


class VolumeStateSpec(Spec):
    """The hub's database in a file on a volume of its own."""

    kind: Literal["volume"]
    """SQLite on a volume."""

    size: Memory = "1Gi"
    """Size of the volume."""


class PostgresqlStateSpec(Spec):
    """The hub's database in PostgreSQL, at the secret ``pulumi config set --secret hubDatabaseUrl``."""

    kind: Literal["postgresql"]
    """PostgreSQL."""

    cidr: Cidr
    """Network of the server, so that the hub may connect to it."""

    port: int = Field(default=5432, ge=1, le=65535)
    """Port of the server."""


StateSpec = Annotated[VolumeStateSpec | PostgresqlStateSpec, Field(discriminator="kind")]


class HubSpec(Spec):
    """The hub of a site."""

    profiles: dict[Name, ProfileSpec] = Field(min_length=1)
    """Kinds of server, by name."""

    limits: LimitsSpec = LimitsSpec()
    """What one user may have at a time."""

    culling: CullingSpec = CullingSpec()
    """When servers are stopped by themselves."""

    network: NetworkSpec = NetworkSpec()
    """What user pods may connect to."""

    placeholders: PlaceholdersSpec | None = None
    """Room held for the next users; leave out for none."""

    user_namespaces: bool = False
    """Whether servers run in user namespaces of their own, as root of nothing; volumes must support idmapped mounts."""

    pre_pull: bool = True
    """Whether every node fetches the profiles' images before anyone asks for them."""

    state: StateSpec = VolumeStateSpec(kind="volume")
    """Where users, servers and tokens are remembered; left out, in a file on a volume."""

    start_timeout: Duration = "5m"
    """How long a server may take to start before the user is told that it failed."""

    memory: Memory = "1Gi"
    """Memory limit of the hub itself: 300Mi and about 1Mi for each server that runs."""
