"""A layer's database as a component."""

import secrets
from collections.abc import Sequence

import pulumi

from components import policies
from components.database.handle import Database
from components.database.manifests import PORT, DatabaseParts, configuration, others, state_claim, workload
from components.database.settings import ADMINISTRATOR
from components.database.spec import DatabaseSpec, EmbeddedDatabaseSpec
from components.kubernetes import declare, declare_all, keeping, made_once, secret_data
from components.objects import secret
from components.place import Place
from components.policies import egress, pods


class PostgreSql(pulumi.ComponentResource):
    """PostgreSQL for one layer: a server of its own, or the address of one that is elsewhere."""

    database: Database

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: DatabaseSpec,
        component: str,
        database: str,
        callers: Sequence[str],
        url_key: str,
        priority_class: str,
        options: pulumi.ResourceOptions,
    ) -> None:
        """Declare the database.

        Parameters
        ----------
        component
            Label of its pods, and name of its objects; of its Secret where it is elsewhere.
        database
            Name of the database in a server of its own.
        callers
            Components that may connect.
        url_key
            Secret key of the configuration that holds the address of a server that is elsewhere.
        priority_class
            Of the server's pod.
        """
        super().__init__("science-platform:database:PostgreSql", name, None, options)
        self._name, self._place, self._child = name, place, place.child_of(self)
        parts = DatabaseParts(
            site=place.site,
            component=component,
            database=database,
            image=place.image("postgres"),
            priority_class=priority_class,
        )
        if spec.kind == "external":
            data = secret_data({"url": pulumi.Config().require_secret(url_key)})
            declare(secret(place.site, component, parts.secret, data), name, self._child)
            reach = egress(policies.network(spec.cidr), spec.port)
        else:
            self._embed(spec, parts, callers)
            reach = egress(pods(place.site, component), PORT)
        self.database = Database(secret=parts.secret, egress=(reach,))
        self.register_outputs({})

    def _embed(self, spec: EmbeddedDatabaseSpec, parts: DatabaseParts, callers: Sequence[str]) -> None:
        keep = not self._place.disposable
        password = secrets.token_urlsafe(24)
        data = secret_data(
            {
                "password": password,
                "url": f"postgresql://{ADMINISTRATOR}:{password}@{parts.component}:{PORT}/{parts.database}",
            }
        )
        # Whoever finds the kept volume again has to be able to sign in to it.
        declare(
            secret(parts.site, parts.component, parts.secret, data),
            self._name,
            keeping(made_once(self._child), keep=keep),
        )
        state = declare(
            state_claim(spec, parts, self._place.cluster.volumes["state"]),
            self._name,
            keeping(self._child, keep=keep),
            name="state",
        )
        config = declare(configuration(spec, parts), self._name, self._child, name="config")
        after = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[state, config]))
        declare(workload(spec, parts), self._name, after, name="server")
        declare_all(others(parts, callers), self._name, self._child)
