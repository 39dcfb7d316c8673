"""The disposable local cluster as a site's cluster."""

from infra import existing
from infra.cluster import Cluster, VolumeSource
from infra.local.layout import Layout


def connect(site: str, name: str) -> Cluster:
    """Return the local cluster ``name``; it need not be running yet."""
    layout = Layout(name)
    source = VolumeSource(storage_class="local-path", access_mode="ReadWriteOnce")
    return Cluster(
        provider=existing.provider(
            site, context=layout.context, kubeconfig=str(layout.kubeconfig), identity=layout.context
        ),
        volumes=dict.fromkeys(existing.PURPOSES, source),
    )
