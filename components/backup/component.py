"""Backups as a component."""

from collections.abc import Sequence
from pathlib import Path

import pulumi

from components.backup import manifests
from components.backup.sources import BackupSource
from components.backup.spec import BackupSpec
from components.kubernetes import declare, secret_data
from components.objects import secret
from components.place import Place
from components.storage.component import declare_volume

FILES = Path(__file__).parent / "files"


def programs() -> dict[str, str]:
    """Return what runs in the pods, by name."""
    return {path.name: path.read_text() for path in sorted(FILES.glob("*.py"))}


class Backup(pulumi.ComponentResource):
    """Scheduled backups of a site, and what their restoration is made of."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        spec: BackupSpec,
        sources: Sequence[BackupSource],
        options: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("science-platform:backup:Backup", name, None, options)
        child = place.child_of(self)
        parts = manifests.BackupParts(
            site=place.site, files=programs(), sources=sources, image=place.image("backup")
        )
        config = pulumi.Config()
        # Given by the operator, never made here: what is lost with a site could not open its backups.
        values = {key: config.require_secret(key) for key in manifests.secret_keys(spec).values()}
        needed = [
            declare(
                secret(place.site, manifests.COMPONENT, manifests.SECRET, secret_data(values)), name, child
            ),
            declare(manifests.configuration(spec, parts), name, child, name="backup-config"),
        ]
        store = manifests.store_volume(
            place.site, spec, place.cluster.volumes["backups"], disposable=place.disposable
        )
        if store is not None:
            needed += declare_volume(store, name, child, pulumi.ResourceOptions(parent=self))
        for policy in manifests.network_policies(spec, parts):
            declare(policy, name, child, name=f"{policy['metadata']['name']}-policy")
        after = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=needed))
        for source in sources:
            declare(manifests.source_job(spec, parts, source), name, after)
        declare(manifests.upkeep_job(spec, parts), name, after)
        self.register_outputs({})
