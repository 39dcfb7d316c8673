"""A site's volumes as a component."""

import pulumi

from components.kubernetes import declare, keeping
from components.place import Place
from components.storage import cleaning, manifests, usage
from components.storage.spec import StorageSpec
from components.storage.volumes import Volumes


def declare_volume(
    each: manifests.Kept, name: str, child: pulumi.ResourceOptions, cluster_wide: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Declare a volume's objects for the component ``name``, as kept as the volume is."""
    made: list[pulumi.Resource] = []
    if each.volume is not None:
        volume_name = f"{each.claim['metadata']['name']}-volume"
        made.append(declare(each.volume, name, keeping(cluster_wide, keep=each.keep), name=volume_name))
        child = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=made.copy()))
    return [*made, declare(each.claim, name, keeping(child, keep=each.keep))]


class Storage(pulumi.ComponentResource):
    """The volumes that people's work is kept on."""

    volumes: Volumes

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: StorageSpec,
        options: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("science-platform:storage:Storage", name, None, options)
        child, cluster_wide = place.child_of(self), pulumi.ResourceOptions(parent=self)
        declared = manifests.volumes_to_declare(
            place.site, spec, place.cluster.volumes, disposable=place.disposable
        )
        for each in declared.values():
            declare_volume(each, name, child, cluster_wide)
        self.volumes = manifests.volumes(spec)
        base = place.image("base")
        if spec.scratch is not None:
            job = cleaning.cleaner(place.site, spec.scratch, claim=manifests.SCRATCH, image=base)
            declare(cleaning.script(place.site), name, child, name="scratch-cleaner-script")
            declare(cleaning.cleaner_policy(place.site), name, child)
            declare(job, name, child)
        if spec.usage is not None:
            config = usage.configuration(place.site, spec, spec.usage)
            declare(config, name, child, name="usage-config")
            declare(usage.counter_policy(place.site), name, child)
            declare(usage.counter(place.site, config, self.volumes, image=base), name, child)
        self.register_outputs({})
