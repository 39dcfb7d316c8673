"""Directly applied sites: what the cluster has, beside what applying the file again would make of it.

The program runs as for `stacks.apply`, and each object is applied in a dry run: what the API server answers is what
should be there, with all defaults; what is there is compared with that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from infra.kube import Kube, Object
from infra.kube_errors import KubeError
from infra.progress import Progress
from stacks import apply_objects as objects
from stacks.apply import gone, manager_of, refuse_other_packages
from stacks.apply_change import Changer, needs_replacement
from stacks.apply_errors import ApplyError
from stacks.apply_monitor import Applier
from stacks.apply_objects import Identity
from stacks.apply_record import Record, Store
from stacks.diff.fields import child, compared, shown
from stacks.diff.model import ABSENT, Field
from stacks.diff.wording import field_line
from stacks.drift.model import How, Moved
from stacks.masking import mask
from stacks.monitor import run
from stacks.plan import full_keys, plan
from stacks.resources import PlannedResource

_SERVERS = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink")
_NAMES = ("name", "mountPath", "key")


def drift(
    program: Callable[[], None],
    *,
    stack: str,
    kube: Kube,
    config: Mapping[str, object],
    secrets: Iterable[str] = (),
    project: str = "science-platform",
    fingerprint: bytes,
) -> tuple[Moved, ...]:
    """Return what is not as ``program`` says; nothing is changed.

    Parameters
    ----------
    config, secrets
        As for `stacks.apply.up`.
    fingerprint
        Key by which secrets are compared, made for one run and then forgotten.

    Raises
    ------
    ApplyError
        The stack was never applied here, or cannot be.
    """
    secrets = frozenset(secrets)
    refuse_other_packages(plan(program, stack=stack, project=project, config=config, secrets=secrets))
    record = Store(kube, stack).load()
    if not record.entries:
        raise ApplyError(f"site {stack} was never applied to the cluster at {kube.login.server}")
    watcher = _Watcher(stack=stack, project=project, kube=kube, record=record, fingerprint=fingerprint)
    values, keys = full_keys(config, secrets, project)
    run(program, watcher, config=values, secrets=keys, preview=False)
    left = [Moved(str(entry.identity), How.LEFT_OVER) for entry in gone(record, watcher.registered.values())]
    return (*watcher.moved, *left)


def _may_not() -> None:
    raise AssertionError("a look changes nothing")


class _Watcher(Applier):
    """Answers with what the cluster has of each object, and notes what differs."""

    def __init__(self, *, stack: str, project: str, kube: Kube, record: Record, fingerprint: bytes) -> None:
        super().__init__(
            stack=stack,
            project=project,
            changer=Changer(kube, manager_of(stack), _may_not),
            record=record,
            save=_may_not,
            progress=Progress(),
        )
        self.moved: list[Moved] = []
        self._fingerprint = fingerprint

    def _applied(self, resource: PlannedResource) -> Object:
        """Look at one object; where it is gone, what it should be stands in for it."""
        manifest = objects.prepared(resource.inputs, self._namespace(resource))
        which = objects.identity(manifest, manifest["metadata"].get("namespace"))
        live = self._kube.get(manifest["apiVersion"], which.kind, which.name, which.namespace)
        if live is None or "deletionTimestamp" in live["metadata"]:
            self.moved.append(Moved(str(which), How.GONE))
            return manifest
        found = self._compared(resource, manifest, which, live)
        if found:
            self.moved.append(found)
        return live

    def _compared(
        self, resource: PlannedResource, manifest: Object, which: Identity, live: Object
    ) -> Moved | None:
        ignored = objects.ignored_paths(manifest, resource.options.ignore_changes)
        wanted = objects.compared(manifest, ignored)
        # What is ignored counts as it is there.
        whole = objects.kept(manifest, ignored, live)
        how = How.CHANGED
        try:
            manager = self._entry(resource, which).patch_manager or manager_of(self.stack)
            should = self._kube.apply(whole, manager=manager, force=True, dry_run=True)
            there = live
        except KubeError as error:
            if not needs_replacement(error):
                raise
            how, should, there = How.REPLACED, wanted, objects.projected(live, wanted)
        found, said = self._shown(resource, live), self._shown(resource, whole)
        fields = [
            *compared(self._shown(resource, should), self._shown(resource, there)),
            *keys_added(found, said),
            *(items_added(found, said) if self._touched(resource, live, wanted) else ()),
        ]
        return Moved(str(which), how, tuple(map(field_line, fields))) if fields else None

    def _shown(self, resource: PlannedResource, live: Object) -> Any:  # noqa: ANN401 - any JSON
        """Return an object without what only the server writes, and with its secrets masked."""
        options = resource.options
        outputs = objects.outputs(live, resource.inputs, options.additional_secret_outputs)
        metadata: Any = outputs["metadata"]
        outputs["metadata"] = {key: value for key, value in metadata.items() if key not in _SERVERS}
        outputs.pop("status", None)
        # The same texts as in `data`, decoded.
        outputs.pop("stringData", None)
        return mask(outputs, self._fingerprint)

    def _touched(self, resource: PlannedResource, live: Object, wanted: Object) -> bool:
        """Return whether the object is another one than just after it had been applied."""
        entry = self._record_of_stack.find(resource.urn, resource.options.aliases)
        return entry is not None and entry.live != objects.digest(objects.projected(live, wanted))


def keys_added(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Field]:
    """Yield what someone has put into a ConfigMap or Secret; applying the file again leaves it."""
    for part in ("data", "binaryData"):
        more = (there.get(part) or {}).keys() - (here.get(part) or {}).keys() if part in there else ()
        for key in sorted(more):
            yield Field(child(f"/{part}", key), ABSENT, shown(there[part][key]))


def items_added(there: object, here: object, path: str = "") -> Iterator[Field]:
    """Yield the items that lists have ``there`` and not ``here``; applying the file again leaves most of them."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in here:
            yield from items_added(there.get(key), here[key], child(path, key))
    elif isinstance(there, list) and isinstance(here, list):
        known = {_name(item, place): item for place, item in enumerate(here)}
        for place, item in enumerate(there):
            name = _name(item, place)
            if name in known:
                yield from items_added(item, known[name], child(path, name))
            else:
                yield Field(child(path, name), ABSENT, shown(item))


def _name(item: object, place: int) -> str:
    names = [item[key] for key in _NAMES if key in item] if isinstance(item, dict) else []
    return str(names[0]) if names else str(place)
