"""The disposable local cluster as a site's cluster."""

from infra import existing
from infra.cluster import Cluster, VolumeSource
from infra.local.cluster import LocalCluster


def connect(site: str, name: str) -> Cluster:
    """Return the local cluster ``name``; it need not be running yet."""
    local = LocalCluster(name)
    source = VolumeSource(storage_class="local-path", access_mode="ReadWriteOnce")
    return Cluster(
        provider=existing.provider(site, local.context, str(local.kubeconfig)),
        volumes=dict.fromkeys(existing.PURPOSES, source),
    )
