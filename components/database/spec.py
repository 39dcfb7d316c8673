"""The ``database`` part of a layer's section: a server of the site's own, or one that is elsewhere."""

from typing import Annotated, Literal

from pydantic import Field

from infra.fields import Cidr, Duration, Memory, Spec


class EmbeddedDatabaseSpec(Spec):
    """PostgreSQL in the site's namespace, on a volume of its own."""

    kind: Literal["embedded"]
    """A server of the site's own."""

    size: Memory = "10Gi"
    """Size of the volume; it can grow, never shrink."""

    memory: Memory = "1Gi"
    """Memory limit; the server's caches are tuned to it."""

    cpu: float = Field(default=2, gt=0, le=1024)
    """Cores that the server can use when they are free."""

    connections: int = Field(default=60, ge=20, le=1000)
    """Connections at a time, each a process of some 15Mi."""

    slow_query: Duration = "10s"
    """Queries that take longer are written to the server's log."""


class ExternalDatabaseSpec(Spec):
    """PostgreSQL that somebody else runs, with the extensions pg_sphere and q3c."""

    kind: Literal["external"]
    """A server that is elsewhere."""

    cidr: Cidr
    """Network of the server, so that the layer's pods may connect to it."""

    port: int = Field(default=5432, ge=1, le=65535)
    """Port of the server."""


DatabaseSpec = Annotated[EmbeddedDatabaseSpec | ExternalDatabaseSpec, Field(discriminator="kind")]
