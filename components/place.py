"""Where a layer is installed: what every component of a site is told."""

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from infra.cluster import Cluster


@dataclass(frozen=True, kw_only=True)
class Place:
    """A site's place on a cluster.

    Parameters
    ----------
    site
        Name of the site, of its stack and of its namespace without ``science-``.
    title
        Name of the site as people read it.
    disposable
        Whether the site may be thrown away.
    cluster
        Where it runs.
    namespace
        The site's namespace; every object in it depends on it.
    image
        Returns the full reference of one of the project's images.
    """

    site: str
    title: str
    disposable: bool
    cluster: Cluster
    namespace: k8s.core.v1.Namespace
    image: Callable[[str], str]

    def child_of(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Return the options of an object in the namespace that belongs to a component."""
        return pulumi.ResourceOptions(parent=parent, depends_on=[self.namespace])
