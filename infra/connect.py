"""From the ``cluster`` section of a site file to the cluster itself, whichever backend it takes."""

import pulumi

from infra import existing
from infra.cluster import Cluster
from infra.local import backend as local
from infra.spec import ClusterSpec


def connect(site: str, spec: ClusterSpec, *, context: str | None = None) -> Cluster:
    """Return the cluster that a site is installed on; nothing is contacted.

    Parameters
    ----------
    site
        Name of the site, for the provider's name.
    context
        Context of a cluster that is there already, to be used instead of a local one.

    Raises
    ------
    pulumi.RunError
        If a context is given for a site that names its cluster itself.
    """
    if spec.kind == "local":
        return local.connect(site, spec.name) if context is None else existing.stand_in(site, context)
    if context is not None:
        raise pulumi.RunError("science-platform:context is for sites with cluster.kind: local only")
    return existing.connect(site, spec)
