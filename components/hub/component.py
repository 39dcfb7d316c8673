"""JupyterHub as a component."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import pulumi

from components.backup.sources import BackupSource
from components.edge.doors import Door
from components.hub import capacity, manifests, network
from components.hub.settings import Surroundings, hub_settings, profile_image
from components.hub.spec import HubSpec
from components.hub.state import backup_source
from components.identity.component import SignIn
from components.kubernetes import declare, keeping, made_once, secret_data
from components.objects import namespace_of, secret
from components.place import Place
from components.storage.volumes import Volumes

FILES = Path(__file__).parent / "files"


def configuration_files() -> dict[str, str]:
    """Return the files that the hub's configuration is made of, by name."""
    return {
        path.name: path.read_text()
        for path in sorted(FILES.iterdir())
        if path.suffix in (".py", ".html") and path.name != "__init__.py"
    }


class Hub(pulumi.ComponentResource):
    """The hub, its proxy, and what surrounds people's servers.

    Attributes
    ----------
    door
        What the edge leads to.
    backup_source
        The hub's database, for those who back it up.
    """

    door: Door
    backup_source: BackupSource

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: HubSpec,
        url: str,
        sign_in: SignIn,
        volumes: Volumes,
        services: Mapping[str, tuple[str, ...]],
        doors: Sequence[str],
        environment: Mapping[str, str],
        callees: Mapping[str, int],
        options: pulumi.ResourceOptions,
    ) -> None:
        """Declare the hub.

        Parameters
        ----------
        url
            What people open.
        services
            Services with a hub token of their own: name to scopes.
        doors
            Those of the services that users' tokens open, and that ask the hub who calls.
        environment
            What other layers want in the environment of people's servers.
        callees
            Ports of other layers' components that people's servers may connect to, by component.
        """
        super().__init__("science-platform:hub:Hub", name, None, options)
        self._name, self._place, self._spec = name, place, spec
        self._child = place.child_of(self)
        around = Surroundings(
            site=place.site,
            title=place.title,
            namespace=namespace_of(place.site),
            url=url,
            identity=sign_in.settings,
            volumes=volumes,
            node_pools=place.cluster.node_pools,
            services=services,
            doors=doors,
            environment=environment,
            image=place.image,
        )
        parts = manifests.HubParts(
            site=place.site,
            settings=hub_settings(spec, around),
            files=configuration_files(),
            sign_in=sign_in.environment,
            hub_image=place.image("hub"),
            proxy_image=place.image("proxy"),
        )
        self._declare_secrets(services)
        self._declare_state()
        for manifest in (
            *manifests.permissions(place.site).values(),
            *manifests.services(place.site).values(),
            *manifests.budgets(place.site).values(),
            network.hub_policy(place.site, spec, sign_in.egress, callers=doors),
            network.proxy_policy(place.site),
            network.server_policy(place.site, spec.network, callees),
        ):
            declare(manifest, name, self._child)
        config = declare(manifests.configuration(parts), name, self._child, name="hub-config")
        after_config = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[config]))
        declare(manifests.hub_deployment(spec, parts), name, after_config)
        declare(manifests.proxy_deployment(parts), name, self._child)
        self._declare_capacity()
        self.door = manifests.door()
        self.backup_source = backup_source(spec)
        self.register_outputs({})

    def _declare_secrets(self, services: Mapping[str, tuple[str, ...]]) -> None:
        once = made_once(self._child)
        # Whoever finds the hub's database again has to be able to read it.
        kept = keeping(once, keep=not self._place.disposable)
        keys = {"cookieSecret": secrets.token_hex(32), "cryptKey": secrets.token_hex(32)}
        made = {manifests.KEYS: keys, manifests.PROXY_TOKEN: {"token": secrets.token_hex(32)}}
        made |= {manifests.token_secret(service): {"token": secrets.token_hex(32)} for service in services}
        for secret_name, values in made.items():
            options = kept if secret_name == manifests.KEYS else once
            declare(
                secret(self._place.site, manifests.HUB, secret_name, secret_data(values)), self._name, options
            )
        if self._spec.state.kind == "postgresql":
            data = secret_data({"url": pulumi.Config().require_secret("hubDatabaseUrl")})
            declare(
                secret(self._place.site, manifests.HUB, manifests.DATABASE, data), self._name, self._child
            )

    def _declare_state(self) -> None:
        site, volumes = self._place.site, self._place.cluster.volumes
        claim = manifests.state_claim(site, self._spec, volumes["state"])
        if claim is not None:
            declare(claim, self._name, keeping(self._child, keep=not self._place.disposable))
        cluster_wide = pulumi.ResourceOptions(parent=self)
        for kind, manifest in manifests.priority_classes(site).items():
            declare(manifest, self._name, cluster_wide, name=f"priority-{kind}")

    def _declare_capacity(self) -> None:
        site, spec, pools = self._place.site, self._spec, self._place.cluster.node_pools
        idle_image = self._place.image("base")
        if spec.pre_pull:
            images = [profile_image(profile, self._place.image) for profile in spec.profiles.values()]
            declare(capacity.pre_pull(site, images, idle_image), self._name, self._child)
        if spec.placeholders is not None:
            profile = spec.profiles[spec.placeholders.profile]
            pool = pools[profile.node_pool] if profile.node_pool else None
            manifest = capacity.placeholders(site, spec.placeholders.count, profile, pool, idle_image)
            declare(manifest, self._name, self._child)
