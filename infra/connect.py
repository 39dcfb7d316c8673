"""From the ``cluster`` section of a site file to the cluster itself, whichever backend it takes."""

from collections.abc import Mapping

import pulumi

from infra import existing
from infra.cluster import Cluster
from infra.cluster_spec import ClusterSpec
from infra.local import backend as local
from infra.spec import Purpose


def connect(
    site: str, spec: ClusterSpec, *, sizes: Mapping[Purpose, str], context: str | None = None
) -> Cluster:
    """Return the cluster that a site is installed on; nothing is contacted.

    Parameters
    ----------
    site
        Name of the site, for the provider's name.
    sizes
        Volumes that the site wants, by purpose: what clouds make shares for.
    context
        Context of a cluster that is there already, to be used instead of a local one.

    Raises
    ------
    pulumi.RunError
        If a context is given for a site that names its cluster itself.
    """
    if context is not None and spec.kind != "local":
        raise pulumi.RunError("science-platform:context is for sites with cluster.kind: local only")
    match spec.kind:
        case "local":
            return local.connect(site, spec.name) if context is None else existing.stand_in(site, context)
        case "existing":
            return existing.connect(site, spec)
        case "openstack":
            # The SDKs of clouds take a second each to import: only sites that are there pay for them.
            from infra.openstack import backend as openstack  # noqa: PLC0415

            return openstack.connect(site, spec, sizes)
        case "aws":
            from infra.aws import backend as aws  # noqa: PLC0415 - as above

            return aws.connect(site, spec, sizes)
