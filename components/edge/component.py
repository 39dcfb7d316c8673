"""The edge as a component: the one door from outside."""

import base64
from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s

from components.edge.authority import make_authority
from components.edge.doors import Door
from components.edge.manifests import COMPONENT, EdgeSite, config, others, state_claim, workload
from components.edge.spec import EdgeSpec
from components.kubernetes import declare, declare_all, keeping, made_once, secret_data
from components.objects import secret
from components.place import Place


class Edge(pulumi.ComponentResource):
    """Caddy, configured from the site's doors, and how it is published."""

    url: str
    """What people open, without a path."""

    authority: pulumi.Output[str] | None
    """Certificate (PEM) of the site's own authority, which is public; None where it has none."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: EdgeSpec,
        doors: Sequence[Door],
        options: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("science-platform:edge:Edge", name, None, options)
        self._name, self._child = name, place.child_of(self)
        edge = EdgeSite(
            site=place.site,
            title=place.title,
            spec=spec,
            exposure=place.cluster.exposure,
            cluster_edge=place.cluster.edge,
            state=place.cluster.volumes["state"],
            doors=doors,
            image=place.image("edge"),
        )
        self.url = edge.url
        settings = config(edge)
        needed = [declare(settings, name, self._child, name="config")]
        state = state_claim(edge)
        if state is not None:
            keep = keeping(self._child, keep=not place.disposable)
            needed.append(declare(state, name, keep, name="state"))
        self.authority = None
        if edge.authority_secret is not None:
            made = self._declare_authority(edge, edge.authority_secret)
            needed.append(made)
            self.authority = _certificate(made)
        after = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=needed))
        declare(workload(edge, settings["metadata"]["name"]), name, after, name="deployment")
        declare_all(others(edge), name, self._child)
        self.register_outputs({})

    def _declare_authority(self, edge: EdgeSite, secret_name: str) -> k8s.core.v1.Secret:
        certificate, key = make_authority(edge.site, edge.hosts)
        data = secret_data({"ca.crt": certificate, "ca.key": key})
        # Named like the Secret, hash and all: for other hosts it must be another resource, or the old
        # authority would be left alone.
        made = declare(secret(edge.site, COMPONENT, secret_name, data), self._name, made_once(self._child))
        assert isinstance(made, k8s.core.v1.Secret)  # noqa: S101 - tells the type checker
        return made


def _certificate(made: k8s.core.v1.Secret) -> pulumi.Output[str]:
    """Return the certificate that is in the cluster, which is not the one just made if one was there."""
    return pulumi.Output.unsecret(made.data.apply(lambda data: base64.b64decode(data["ca.crt"]).decode()))
