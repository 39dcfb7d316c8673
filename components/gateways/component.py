"""Gateways as a component."""

from collections.abc import Sequence

import pulumi

from components.edge.doors import Door
from components.gateways import webdav
from components.gateways.rooms import rooms_config, rooms_document
from components.gateways.spec import GatewaysSpec, WebdavSpec
from components.hub.manifests import HUB, HUB_PORT
from components.kubernetes import declare, declare_all
from components.place import Place
from components.storage.volumes import Volumes


class Gateways(pulumi.ComponentResource):
    """The doors to people's files that a site has.

    Attributes
    ----------
    doors
        What the edge leads to; their names are those of services of the hub, which tells them whose a token is.
    """

    doors: Sequence[Door]

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: GatewaysSpec,
        site_host: str,
        volumes: Volumes,
        options: pulumi.ResourceOptions,
    ) -> None:
        """Declare the gateways.

        Parameters
        ----------
        site_host
            DNS name of the site: a gateway's is below it where the site does not say.
        """
        super().__init__("science-platform:gateways:Gateways", name, None, options)
        self._name, self._place, self._volumes = name, place, volumes
        self._child = place.child_of(self)
        hub_api = f"http://{HUB}:{HUB_PORT}/hub/api"
        self._rooms = rooms_document(place.site, place.title, volumes, hub_api)
        doors = []
        if spec.webdav is not None:
            self._declare_webdav(spec.webdav)
            doors.append(webdav.door(spec.webdav, site_host))
        self.doors = doors
        self.register_outputs({})

    def _declare_webdav(self, spec: WebdavSpec) -> None:
        site, name = self._place.site, self._name
        settings = rooms_config(site, webdav.WEBDAV, self._rooms)
        made = declare(settings, name, self._child, name="webdav-rooms")
        after = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[made]))
        rooms, image = settings["metadata"]["name"], self._place.image(webdav.WEBDAV)
        manifest = webdav.workload(site, spec, rooms, self._volumes, image)
        declare(manifest, name, after, name="webdav-deployment")
        declare_all(webdav.others(site), name, self._child)
