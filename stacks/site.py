"""The typed model of a site: the specs of all layers composed.

A site file is ``stacks/Pulumi.<site>.yaml``; the model is its ``config: science-platform:site:`` value, and
:mod:`stacks.site_loading` is the way from one to the other. The model holds no secrets: those are Pulumi
configuration keys of their own (:attr:`Site.secret_keys`).
"""

from functools import cache
from typing import Annotated

from pydantic import Field, StringConstraints

from components.backup.manifests import secret_keys
from components.backup.spec import BackupSpec
from components.edge.spec import EdgeSpec
from components.gateways.spec import GatewaysSpec, ObjectStoreSpec
from components.hub.spec import HubSpec
from components.identity.spec import IdentitySpec
from components.storage.spec import StorageSpec
from components.tap.spec import TapSpec
from infra.cluster_spec import ClusterSpec
from infra.fields import Expected, Spec
from infra.prices import PricesSpec
from stacks.acceptance import AcceptanceSpec, ResourceKey
from stacks.json_schema import Schema, tidy_schema
from stacks.rollout.spec import RolloutSpec

Registry = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$", max_length=200),
    Expected("a registry, and a path if it has one, such as registry.example.org/science"),
]


class ImagesSpec(Spec):
    """Where the platform's own images are pulled from."""

    registry: Registry = "localhost/science-platform"
    """Registry and path that ``python -m images push`` fills; the default is what local clusters import."""


class Site(Spec):
    """One data centre's science platform."""

    title: str = Field(min_length=1, max_length=80)
    """Name of the site as people read it."""

    disposable: bool = False
    """Whether the site may be thrown away: nothing is protected, a shared password is allowed."""

    cluster: ClusterSpec
    """Where the platform runs."""

    edge: EdgeSpec
    """How people reach the site."""

    identity: IdentitySpec
    """Who may sign in, and how."""

    storage: StorageSpec
    """Homes and project spaces."""

    hub: HubSpec
    """JupyterHub."""

    tap: TapSpec | None = None
    """Catalogues by the IVOA's Table Access Protocol; leave out for none."""
    gateways: GatewaysSpec = GatewaysSpec()
    """Doors through which files are reached from elsewhere; left out, none."""

    object_store: ObjectStoreSpec | None = None
    """A store of objects that the site's cloud has, for people's servers; not together with ``gateways.s3``."""

    backup: BackupSpec | None = None
    """Backups; left out, there are none."""

    images: ImagesSpec = ImagesSpec()
    """Where the platform's own images are pulled from."""

    prices: PricesSpec | None = None
    """What machines and storage cost; leave out for no estimate."""

    accept: dict[ResourceKey, AcceptanceSpec] = Field(default={})
    """Resources that may be lost in the change that names them here; leave out but for that change."""

    rollout: RolloutSpec = RolloutSpec()
    """Its turn when a merged change is brought out."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Pulumi configuration keys (of this project) that must be set as secrets."""
        keys = []
        if self.identity.kind == "oidc":
            keys.append("oidcClientSecret")
        if self.hub.state.kind == "postgresql":
            keys.append("hubDatabaseUrl")
        if self.tap is not None and self.tap.database.kind == "external":
            keys.append("tapDatabaseUrl")
        if self.backup is not None:
            keys += secret_keys(self.backup).values()
        return tuple(keys)


@cache
def site_schema() -> Schema:
    """Return the JSON Schema of a site."""
    return tidy_schema(Site)
