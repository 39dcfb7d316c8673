"""Applies a program to a cluster without Pulumi's engine: disposable stacks, machines that do not have it.

The program runs as under the engine, its Kubernetes objects are applied as they are registered (server-side
apply, one field manager), and the live ones are its outputs. What was applied is recorded in the cluster
(`stacks.apply_record`), so that the next run changes only what differs and deletes what is gone.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from infra.kube import Kube, Object
from infra.progress import Progress
from stacks import apply_objects as objects
from stacks.apply_change import Changer, Outcome
from stacks.apply_delete import Deleter, kept_with
from stacks.apply_errors import ApplyError
from stacks.apply_lock import locked
from stacks.apply_monitor import PROVIDER, Applier
from stacks.apply_record import (
    NAMESPACE,
    Entry,
    Record,
    Store,
    delete_namespace_if_unused,
    ensure_namespace,
)
from stacks.monitor import run
from stacks.plan import Plan, full_keys, plan
from stacks.resources import PlannedResource


@dataclass(frozen=True)
class Applied:
    """What a run has done.

    Attributes
    ----------
    counts
        How many resources were created, updated, replaced, deleted, and found unchanged.
    outputs
        The stack's outputs, secrets as `stacks.wire.Secret`.
    live
        The objects as they were just after having been applied: what `stacks.readiness` waits for.
    """

    counts: Mapping[Outcome, int]
    outputs: Mapping[str, object]
    live: tuple[Object, ...]

    def __str__(self) -> str:
        """Return the counts in words."""
        return in_words(self.counts)


def in_words(counts: Mapping[Outcome, int]) -> str:
    """Return ``created 3, updated 1, unchanged 57``; ``nothing to do`` where that is so."""
    said = [f"{outcome.value} {counts[outcome]}" for outcome in Outcome if counts.get(outcome)]
    return ", ".join(said) or "nothing to do"


def up(
    program: Callable[[], None],
    *,
    stack: str,
    kube: Kube,
    progress: Progress,
    config: Mapping[str, object],
    secrets: Iterable[str] = (),
    project: str = "science-platform",
    force_unlock: bool = False,
    forget_protected: bool = False,
) -> Applied:
    """Make the cluster what ``program`` says.

    Parameters
    ----------
    kube
        The cluster; the program's provider has to be of the same one.
    config, secrets
        As for `stacks.plan.plan`; here every secret needs its value.
    force_unlock
        Take the stack over from a run that seems to be alive.
    forget_protected
        Delete what the program no longer has even where it is protected.

    Raises
    ------
    ApplyError, stacks.apply_lock.LockedError, stacks.resources.ProgramError
        With what to do. What the program itself raises comes out as it is. What was done until then is
        recorded: run again to go on.
    """
    secrets = frozenset(secrets)
    planned = plan(program, stack=stack, project=project, config=config, secrets=secrets)
    refuse_other_packages(planned)
    ensure_namespace(kube)
    with locked(kube, stack, force=force_unlock) as lock:
        store = Store(kube, stack)
        record = store.load()
        if not forget_protected:
            refuse_protected(gone(record, planned.resources), planned)
        changer = Changer(kube, manager_of(stack), lock.check)
        deleter = Deleter(kube, changer.owns, lock.check, progress)
        applier = Applier(
            stack=stack,
            project=project,
            changer=changer,
            record=record,
            save=lambda: store.save(record),
            progress=progress,
        )
        try:
            applier.intend(planned)
            with progress.step(f"applying {len(planned.manifests())} objects"):
                values, keys = full_keys(config, secrets, project)
                run(program, applier, config=values, secrets=keys, preview=False)
            _prune(
                deleter, record, gone(record, applier.registered.values()), applier.counts, forget_protected
            )
        finally:
            lock.check()  # whoever has taken the stack over writes its record now
            store.save(record)
    return Applied(applier.counts, applier.outputs, tuple(applier.live))


def destroy(
    stack: str, kube: Kube, progress: Progress, *, everything: bool = False, force_unlock: bool = False
) -> Mapping[Outcome, int]:
    """Delete what the stack has applied; return how much was deleted, and how much (unchanged) kept.

    What is protected or retained stays, and what it needs, its namespace first of all: the next `up` finds it
    unchanged. So does ``pulumi destroy --exclude-protected``.

    Parameters
    ----------
    everything
        Delete that as well.
    """
    counts: Counter[Outcome] = Counter()
    if not kube.get("v1", "Namespace", NAMESPACE):
        return counts  # nothing has ever been applied here, or nothing is left
    with locked(kube, stack, force=force_unlock) as lock:
        store = Store(kube, stack)
        record = store.load()
        kept = set() if everything else kept_with(record.entries.values())
        deleter = Deleter(kube, Changer(kube, manager_of(stack), lock.check).owns, lock.check, progress)
        try:
            with progress.step(f"deleting {len(record.entries) - len(kept)} objects"):
                _delete(deleter, record, record.entries.keys() - kept, counts)
        finally:
            lock.check()
            store.save(record)
        counts[Outcome.UNCHANGED] = len(record.entries)
        if not record.entries:
            store.delete()
    delete_namespace_if_unused(kube)
    return counts


def _prune(
    deleter: Deleter, record: Record, entries: list[Entry], counts: Counter[Outcome], force: bool
) -> None:
    """Delete what the program no longer has; what is to be retained is left, with what it needs, and forgotten."""
    left = set() if force else kept_with(entries)
    for urn in left:
        deleter.progress.say(f"left {record.entries.pop(urn).identity}, which is retained")
    if entries or record.doomed:
        with deleter.progress.step("deleting what the program no longer has"):
            _delete(deleter, record, {entry.urn for entry in entries} - left, counts)


def _delete(deleter: Deleter, record: Record, urns: Collection[str], counts: Counter[Outcome]) -> None:
    """Delete the entries of ``urns`` and all that is doomed, and forget them."""
    stay = {urn: entry for urn, entry in record.entries.items() if urn not in urns}
    # Another resource may have the object by now: one that was renamed without an alias.
    present = {entry.identity for entry in stay.values()}
    going = [*(entry for urn, entry in record.entries.items() if urn in urns), *record.doomed]
    for entry in reversed(going):
        if entry.identity not in present and deleter.delete(entry):
            counts[Outcome.DELETED] += 1
    deleter.finish()
    record.doomed = []
    record.entries = stay


def manager_of(stack: str) -> str:
    """Return the field manager that marks a stack's objects."""
    return f"science-platform-{stack}"


def refuse_other_packages(planned: Plan) -> None:
    """Raise where the program needs more than Kubernetes objects, before anything is applied."""
    others = [
        f"{resource.name} ({resource.type})"
        for resource in planned.resources
        if resource.custom and resource.type != PROVIDER and not (resource.is_manifest or resource.read_id)
    ]
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""  # noqa: PLR2004 - enough to see which
        raise ApplyError(
            f"without Pulumi only Kubernetes objects can be applied, and {', '.join(others[:3])}{more} are not: "
            "install Pulumi (make pulumi), or see https://www.pulumi.com/docs/install/, and run this again"
        )


def gone(record: Record, resources: Iterable[PlannedResource]) -> list[Entry]:
    """Return what is recorded and no longer in the program, under any of its names."""
    found = [record.find(resource.urn, resource.options.aliases) for resource in resources]
    present = {entry.urn for entry in found if entry}
    return [entry for urn, entry in record.entries.items() if urn not in present]


def refuse_protected(entries: Iterable[Entry], planned: Plan) -> None:
    """Raise where something protected would be deleted."""
    there = {
        objects.identity(manifest, manifest["metadata"].get("namespace")) for manifest in planned.manifests()
    }
    protected = [str(entry.identity) for entry in entries if entry.protect and entry.identity not in there]
    if protected:
        raise ApplyError(
            f"the program no longer has {', '.join(protected)}, which it had protected: put it back, give what "
            "has its place an alias if it was renamed, or run again with --forget-protected to delete it"
        )
