"""Gateways as a component."""

import secrets
from collections.abc import Mapping, Sequence

import pulumi

from components.edge.doors import Door
from components.gateways import s3, webdav
from components.gateways.rooms import rooms_config, rooms_document
from components.gateways.spec import GatewaysSpec, ObjectStoreSpec, S3Spec, WebdavSpec
from components.hub.manifests import HUB, HUB_PORT
from components.kubernetes import declare, declare_all, made_once, secret_data
from components.objects import secret
from components.place import Place
from components.storage.volumes import Volumes


class Gateways(pulumi.ComponentResource):
    """The doors to people's files that a site has.

    Attributes
    ----------
    doors
        What the edge leads to; their names are those of services of the hub, which tells them whose a token is.
    environment
        What makes programs in people's servers use the doors.
    callees
        Ports that these programs connect to, by component.
    """

    doors: Sequence[Door]
    environment: Mapping[str, str]
    callees: Mapping[str, int]

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: GatewaysSpec,
        object_store: ObjectStoreSpec | None,
        site_host: str,
        url: str,
        volumes: Volumes,
        options: pulumi.ResourceOptions,
    ) -> None:
        """Declare the gateways.

        Parameters
        ----------
        object_store
            The store of the site's cloud, where people's servers are told of one.
        site_host
            DNS name of the site: a gateway's is below it where the site does not say.
        url
            What people open, for its scheme and port.
        """
        super().__init__("science-platform:gateways:Gateways", name, None, options)
        self._name, self._place, self._volumes = name, place, volumes
        self._child = place.child_of(self)
        hub_api = f"http://{HUB}:{HUB_PORT}/hub/api"
        self._rooms = rooms_document(place.site, place.title, volumes, hub_api)
        self.environment = s3.object_store_environment(object_store) if object_store is not None else {}
        self.callees = {}
        doors = []
        if spec.webdav is not None:
            self._declare_webdav(spec.webdav)
            doors.append(webdav.door(spec.webdav, site_host))
        if spec.s3 is not None:
            doors.append(s3.door(spec.s3, site_host))
            public_url = doors[-1].address(url).rstrip("/")
            self._declare_s3(spec.s3, public_url)
            self.environment = s3.server_environment(public_url)
            self.callees = {s3.S3: s3.PORT}
        self.doors = doors
        self.register_outputs({})

    def _declare_webdav(self, spec: WebdavSpec) -> None:
        site, name = self._place.site, self._name
        rooms, after = self._declare_rooms(webdav.WEBDAV)
        manifest = webdav.workload(site, spec, rooms, self._volumes, self._place.image(webdav.WEBDAV))
        declare(manifest, name, after, name="webdav-deployment")
        declare_all(webdav.others(site), name, self._child)

    def _declare_s3(self, spec: S3Spec, public_url: str) -> None:
        site, name = self._place.site, self._name
        rooms, after = self._declare_rooms(s3.S3)
        master = secret_data({"master": secrets.token_hex(32)})
        declare(secret(site, s3.S3, s3.KEYS, master), name, made_once(self._child))
        manifest = s3.workload(
            site,
            spec,
            rooms=rooms,
            volumes=self._volumes,
            image=self._place.image(s3.S3),
            public_url=public_url,
        )
        declare(manifest, name, after, name="s3-deployment")
        declare_all(s3.others(site), name, self._child)

    def _declare_rooms(self, component: str) -> tuple[str, pulumi.ResourceOptions]:
        """Declare a gateway's ConfigMap of the rooms; return its name, and options for what comes after it."""
        settings = rooms_config(self._place.site, component, self._rooms)
        made = declare(settings, self._name, self._child, name=f"{component}-rooms")
        after = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[made]))
        return settings["metadata"]["name"], after
