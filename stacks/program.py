"""The program: a site becomes a cluster and a platform on it, and says what it has become."""

import pulumi

from components.platform import Layers, SciencePlatform
from images.catalog import reference
from infra.connect import connect
from stacks.record import capability_record
from stacks.site_loading import site_from_config


def main() -> None:
    """Declare the stack that Pulumi's configuration describes."""
    name, config = pulumi.get_stack(), pulumi.Config()
    site = site_from_config(config.require_object("site"), name=name)
    cluster = connect(name, site.cluster, sizes=site.storage.sizes, context=config.get("context"))
    platform = SciencePlatform(
        name,
        title=site.title,
        disposable=site.disposable,
        layers=Layers(
            edge=site.edge,
            identity=site.identity,
            storage=site.storage,
            hub=site.hub,
            gateways=site.gateways,
            tap=site.tap,
            object_store=site.object_store,
            backup=site.backup,
        ),
        cluster=cluster,
        image=lambda image: reference(image, site.images.registry),
    )
    for key, value in capability_record(name, site, cluster, platform).items():
        pulumi.export(key, value)
    if cluster.kubeconfig is not None:
        pulumi.export("kubeconfig", pulumi.Output.secret(cluster.kubeconfig))
