"""The map of the house: which layers a site has, and what each tells the next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.backup.component import Backup
from components.backup.sources import BackupSource, TreeSource
from components.backup.spec import BackupSpec
from components.edge.caddy import site_url
from components.edge.component import Edge
from components.edge.doors import Door, hosts
from components.edge.spec import EdgeSpec
from components.gateways.component import Gateways
from components.gateways.spec import GatewaysSpec, ObjectStoreSpec
from components.hub.component import Hub
from components.hub.spec import HubSpec
from components.identity.component import Identity
from components.identity.spec import IdentitySpec
from components.kubernetes import declare, keeping
from components.objects import Manifest, metadata, namespace_of
from components.place import Place
from components.policies import deny_all
from components.storage.component import Storage
from components.storage.spec import StorageSpec
from components.storage.volumes import Volumes
from components.tap.component import Tap
from components.tap.spec import TapSpec
from infra.cluster import Cluster

SERVICES: dict[str, tuple[str, ...]] = {
    # For Prometheus: /hub/metrics and nothing else.
    "metrics": ("read:metrics",),
    # For `python -m stacks status` and `quotas`: who is working, and who is in which groups.
    "status": ("list:users", "read:users:activity", "read:users:groups", "read:servers", "read:hub"),
}
"""Services that ask the hub things, and the least that each needs for it."""

DOORS: dict[str, tuple[str, ...]] = {
    # Whose a token is, the token itself tells; the groups of its owner, the door asks for.
    "webdav": ("read:users:name", "read:users:groups"),
    # A key names its token: is it still there, and what does it open?
    "s3": ("read:users:name", "read:users:groups", "read:tokens"),
}
"""Services that tokens of users open, where a site has them, and the least that each needs to tell who calls."""


def services(doors: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the services of a site that has these doors: name to scopes."""
    return SERVICES | {name: DOORS[name] for name in doors}


def namespace(site: str) -> Manifest:
    """Return the site's namespace, which admits only pods of the standard ``restricted``."""
    manifest: Manifest = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata(site, "platform", namespace_of(site), cluster_wide=True),
    }
    manifest["metadata"]["labels"] |= {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
    }
    return manifest


def trees(volumes: Volumes) -> list[BackupSource]:
    """Return the volumes whose files are backed up."""
    claims = {"homes": volumes.homes, "projects": volumes.projects}
    return [TreeSource(name=name, claim=claim) for name, claim in claims.items() if claim is not None]


@dataclass(frozen=True, kw_only=True)
class Layers:
    """The sections of a site file that say what is installed."""

    edge: EdgeSpec
    identity: IdentitySpec
    storage: StorageSpec
    hub: HubSpec
    gateways: GatewaysSpec
    tap: TapSpec | None = None
    object_store: ObjectStoreSpec | None = None
    backup: BackupSpec | None = None


class SciencePlatform(pulumi.ComponentResource):
    """One site's platform on one cluster."""

    url: str
    authority: pulumi.Output[str] | None
    doors: Sequence[Door]

    def __init__(
        self,
        name: str,
        *,
        title: str,
        disposable: bool,
        layers: Layers,
        cluster: Cluster,
        image: Callable[[str], str],
    ) -> None:
        """Declare all layers of a site.

        Parameters
        ----------
        name
            Name of the site.
        title
            Name of the site as people read it.
        disposable
            Whether the site may be thrown away.
        image
            Returns the full reference of one of the project's images.
        """
        super().__init__(
            "science-platform:index:SciencePlatform",
            name,
            None,
            pulumi.ResourceOptions(providers=[cluster.provider]),
        )
        child = pulumi.ResourceOptions(parent=self)
        # What is in it goes with it: the hub's database, an operator's certificate, not only people's volumes.
        keep = not disposable or layers.storage.keeps(disposable=disposable)
        space = declare(namespace(name), name, keeping(child, keep=keep))
        assert isinstance(space, k8s.core.v1.Namespace)  # noqa: S101 - tells the type checker
        place = Place(
            site=name,
            title=title,
            disposable=disposable,
            cluster=cluster,
            namespace=space,
            image=image,
        )
        declare(deny_all(name), name, place.child_of(self))
        storage = Storage(f"{name}-storage", place=place, spec=layers.storage, options=child)
        identity = Identity(f"{name}-identity", place=place, spec=layers.identity, options=child)
        url = site_url(layers.edge, cluster.exposure)
        gateways = Gateways(
            f"{name}-gateways",
            place=place,
            spec=layers.gateways,
            object_store=layers.object_store,
            site_host=layers.edge.host,
            url=url,
            volumes=storage.volumes,
            options=child,
        )
        opened = [door.name for door in gateways.doors]
        hub = Hub(
            f"{name}-hub",
            place=place,
            spec=layers.hub,
            url=url,
            sign_in=identity.sign_in,
            volumes=storage.volumes,
            services=services(opened),
            doors=opened,
            environment=gateways.environment,
            callees=gateways.callees,
            options=child,
        )
        if layers.backup is not None:
            sources: list[BackupSource] = [*trees(storage.volumes), hub.backup_source]
            Backup(f"{name}-backup", place=place, spec=layers.backup, sources=sources, options=child)
        doors = [hub.door, *gateways.doors]
        if layers.tap is not None:
            tap = Tap(
                f"{name}-tap",
                place=place,
                spec=layers.tap,
                site_url=url,
                site_host=layers.edge.host,
                collections=storage.volumes.collections,
                options=child,
            )
            doors.append(tap.door)
        edge = Edge(f"{name}-edge", place=place, spec=layers.edge, doors=doors, options=child)
        if cluster.name_hosts is not None:
            cluster.name_hosts(hosts(layers.edge.host, doors))
        self.url, self.authority, self.doors = edge.url, edge.authority, doors
        self.register_outputs({})
