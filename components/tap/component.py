"""TAP as a component: DaCHS, and its database."""

import secrets
from collections.abc import Mapping

import pulumi

from components.database.component import PostgreSql
from components.edge.doors import Door
from components.edge.manifests import COMPONENT as EDGE
from components.hub.settings import priority_class
from components.kubernetes import declare, declare_all, keeping, made_once, secret_data
from components.objects import secret
from components.place import Place
from components.policies import USER_SERVER, pods
from components.storage.volumes import Collection
from components.tap import publishing
from components.tap.manifests import (
    DATABASE_ROLES,
    ROLES,
    TAP,
    TapParts,
    configuration,
    door,
    others,
    profile,
    results_claim,
    workload,
)
from components.tap.spec import TapSpec


class Tap(pulumi.ComponentResource):
    """Catalogues behind the protocols of the Virtual Observatory.

    Attributes
    ----------
    door
        What the edge leads to.
    """

    door: Door

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: TapSpec,
        site_url: str,
        site_host: str,
        collections: Mapping[str, Collection],
        options: pulumi.ResourceOptions,
    ) -> None:
        """Declare the service.

        Parameters
        ----------
        site_url, site_host
            What people open, and the host in it.
        collections
            Data collections that catalogues are read from.
        """
        super().__init__("science-platform:tap:Tap", name, None, options)
        child = place.child_of(self)
        self.door = door(spec, site_host)
        postgresql = PostgreSql(
            f"{name}-database",
            place=place,
            spec=spec.database,
            component="tap-database",
            database="tap",
            callers=(TAP, publishing.PUBLISHER),
            url_key="tapDatabaseUrl",
            priority_class=priority_class(place.site, "core"),
            options=pulumi.ResourceOptions(parent=self),
        )
        parts = TapParts(
            site=place.site,
            title=place.title,
            url=self.door.address(site_url).rstrip("/"),
            image=place.image("tap"),
            database=postgresql.database,
            priority_class=priority_class(place.site, "core"),
        )
        # The service sets them in the database whenever it starts.
        passwords = {key: profile(role, secrets.token_hex(24)) for key, role in DATABASE_ROLES.items()}
        roles = declare(secret(place.site, TAP, ROLES, secret_data(passwords)), name, made_once(child))
        config = declare(configuration(spec, parts), name, child, name="config")
        claim = results_claim(spec, parts, place.cluster.volumes["state"])
        results = declare(claim, name, keeping(child, keep=not place.disposable), name="results")
        after = pulumi.ResourceOptions.merge(
            child, pulumi.ResourceOptions(depends_on=[roles, config, results, postgresql])
        )
        declare(workload(spec, parts), name, after, name="server")
        declare_all(others(parts, pods(place.site, EDGE, USER_SERVER)), name, child)
        if spec.catalogues:
            declare(publishing.publisher_policy(parts), name, child, name="publisher-policy")
        for catalogue in spec.catalogues:
            section = declare(
                publishing.configuration(spec, parts, catalogue), name, child, name=f"catalogue-{catalogue}"
            )
            job = publishing.job(spec, parts, catalogue, collections)
            after_section = pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(depends_on=[section]))
            declare(job, name, after_section, name=f"publish-{catalogue}")
        self.register_outputs({})
