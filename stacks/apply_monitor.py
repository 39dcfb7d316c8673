"""The monitor that applies: each Kubernetes object as it is registered, its live state as the resource's outputs."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from infra.kube import Object
from infra.kube_config import load
from infra.kube_errors import KubeError, NoSuchKindError
from infra.progress import Progress
from stacks import apply_objects as objects
from stacks.apply_change import Changed, Changer, Outcome, Wanted, await_gone
from stacks.apply_errors import ApplyError
from stacks.apply_objects import Identity
from stacks.apply_record import Entry, Record
from stacks.masking import COMPUTED, reveal
from stacks.monitor import Monitor
from stacks.objects import object_id
from stacks.plan import Plan
from stacks.resources import PlannedResource

PROVIDER = "pulumi:providers:kubernetes"
_SAVE_EVERY = 2.0


class Applier(Monitor):
    """Answers with what the cluster has made of each object.

    Parameters
    ----------
    record
        What was applied before; kept up to date as objects are applied.
    save
        Keeps the record, now and then.

    Attributes
    ----------
    counts
        How many resources were created, updated, replaced and found unchanged.
    live
        The objects, as they were just after having been applied.
    """

    def __init__(
        self,
        *,
        stack: str,
        project: str,
        changer: Changer,
        record: Record,
        save: Callable[[], None],
        progress: Progress,
    ) -> None:
        super().__init__(stack, project)
        self.counts: Counter[Outcome] = Counter()
        self.live: list[Object] = []
        self._changer = changer
        self._kube = changer.kube
        self._record_of_stack = record
        self._save = save
        self._progress = progress
        self._namespaces: dict[str, str | None] = {}
        self._saved = time.monotonic()

    def intend(self, planned: Plan) -> None:
        """Record what is about to be applied, so that nothing can be made that no record knows of."""
        record = self._record_of_stack
        for resource in planned.resources:
            if resource.is_manifest and not record.find(resource.urn, resource.options.aliases):
                try:
                    namespace = self._kube.namespace_of(dict(resource.inputs))
                except NoSuchKindError:
                    continue  # its CRD is to be applied first; recorded then
                entry = self._entry(resource, objects.identity(resource.inputs, namespace))
                if COMPUTED not in (entry.identity.name, entry.identity.namespace):
                    record.entries[resource.urn] = entry
        record.in_order(
            found.urn
            for resource in planned.resources
            if (found := record.find(resource.urn, resource.options.aliases))
        )
        self._save()

    def named(self, resource: PlannedResource) -> dict[str, object]:
        """Keep the name that was made for a resource when it is renamed."""
        before = self._record_of_stack.find(resource.urn, resource.options.aliases)
        inputs = super().named(resource)
        if before and before.autonamed:
            metadata: Any = inputs["metadata"]
            return {**inputs, "metadata": {**metadata, "name": before.identity.name}}
        return inputs

    def realise(self, resource: PlannedResource) -> tuple[str | None, Mapping[str, object]]:
        """Apply one object, or read it."""
        if resource.type == PROVIDER:
            return resource.name, self._provider(resource)
        try:
            live = self._read(resource) if resource.read_id else self._applied(resource)
        except KubeError as error:
            raise ApplyError(f"{resource.name} ({resource.type}): {error}") from error
        shown = objects.outputs(live, resource.inputs, resource.options.additional_secret_outputs)
        return object_id(live), shown

    def _provider(self, resource: PlannedResource) -> Mapping[str, object]:
        """Check that a provider is of the cluster that all is applied to."""
        inputs: Any = reveal(dict(resource.inputs))
        server = load(inputs.get("kubeconfig"), inputs.get("context")).server
        if server != self._kube.login.server:
            raise ApplyError(
                f"the provider {resource.name} is of the cluster at {server}, and this run applies to the one at "
                f"{self._kube.login.server}: give both the same kubeconfig and context"
            )
        self._namespaces[resource.urn] = inputs.get("namespace")
        return resource.inputs

    def _read(self, resource: PlannedResource) -> Object:
        namespace, _, name = (resource.read_id or "").rpartition("/")
        version = resource.inputs.get("apiVersion") or resource.type.split(":")[1].removeprefix("core/")
        kind = resource.inputs.get("kind") or resource.type.split(":")[2]
        live = self._kube.get(str(version), str(kind), name, namespace or None)
        if live is None:
            raise ApplyError(f"{resource.name}: there is no {kind} {resource.read_id} to read")
        return live

    def _applied(self, resource: PlannedResource) -> Object:
        unknown = objects.unknown_paths(dict(resource.inputs))
        if unknown:
            raise ApplyError(f"{resource.name} ({resource.type}): {', '.join(unknown)} did not become known")
        manifest = objects.prepared(resource.inputs, self._namespace(resource))
        which = objects.identity(manifest, manifest["metadata"].get("namespace"))
        before = self._record_of_stack.take_over(resource.urn, resource.options.aliases)
        moved = before is not None and before.identity != which
        if before and moved:
            self._leave(before, resource)
        if not before:  # it was not foreseen, for its name had to be computed: known before it is made
            self._record_of_stack.entries[resource.urn] = self._entry(resource, which)
            self._save()
        known = before if before and before.applied and not moved else None
        changed = self._change(resource, manifest, which, known)
        if moved and changed.outcome == Outcome.CREATED:
            changed = replace(changed, outcome=Outcome.REPLACED)
        self._note(resource, which, changed)
        return changed.live

    def _change(
        self, resource: PlannedResource, manifest: Object, which: Identity, before: Entry | None
    ) -> Changed:
        if resource.is_patch:
            manager = self._entry(resource, which).patch_manager
            return self._changer.patch(manifest, manager, before)
        options = resource.options
        return self._changer.bring_about(
            Wanted(
                manifest=manifest,
                identity=which,
                ignored=objects.ignored_paths(manifest, options.ignore_changes),
                before=before,
                adopt=options.import_id is not None,
                kept=options.protect or options.retain_on_delete,
            )
        )

    def _namespace(self, resource: PlannedResource) -> str | None:
        """Return the namespace of an object: its own, else its provider's, else the kubeconfig's."""
        manifest: Any = dict(resource.inputs)
        if not manifest["metadata"].get("namespace") and self._namespaces.get(resource.provider or ""):
            given = self._namespaces[resource.provider or ""]
            manifest["metadata"] = {**manifest["metadata"], "namespace": given}
        return self._changer.namespace_of(manifest)

    def _leave(self, before: Entry, resource: PlannedResource) -> None:
        """See to the object that a resource was before it became another one."""
        if before.protect:
            raise ApplyError(
                f"{resource.name} ({resource.type}) was {before.identity}, which is protected, and would become "
                "another object: take the change back, or remove the protection in a run of its own"
            )
        if before.retain_on_delete:
            self._progress.say(f"left {before.identity}, which is retained")
        elif resource.options.delete_before_replace:
            which = before.identity
            self._kube.delete(
                before.version, which.kind, which.name, which.namespace, propagation="Foreground"
            )
            await_gone(self._kube, which, before.version)
        else:
            self._record_of_stack.doomed.append(before)

    def _entry(self, resource: PlannedResource, which: Identity) -> Entry:
        patch = f"{self._changer.manager}-{objects.digest(resource.urn)[:8]}" if resource.is_patch else ""
        return Entry(
            urn=resource.urn,
            identity=which,
            version=str(resource.inputs["apiVersion"]),
            protect=resource.options.protect,
            retain_on_delete=resource.options.retain_on_delete,
            dependencies=resource.dependencies,
            patch_manager=patch,
            autonamed=resource.autonamed,
        )

    def _note(self, resource: PlannedResource, which: Identity, changed: Changed) -> None:
        entry = replace(self._entry(resource, which), applied=changed.applied, live=changed.seen)
        self._record_of_stack.entries[resource.urn] = entry
        self.counts[changed.outcome] += 1
        self.live.append(changed.live)
        if changed.outcome != Outcome.UNCHANGED:
            self._progress.say(f"{changed.outcome} {which}")
        if time.monotonic() - self._saved > _SAVE_EVERY:
            self._save()
            self._saved = time.monotonic()
