"""Deletes what a stack no longer has, or all of it: last made, first deleted, and never what is to be kept."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field

from infra.kube import Kube
from infra.kube_errors import NoSuchKindError
from infra.progress import Progress
from stacks.apply_change import await_gone
from stacks.apply_objects import Object
from stacks.apply_record import Entry


def kept_with(entries: Collection[Entry]) -> set[str]:
    """Return the URNs of what stays when a stack is taken down: the protected and retained, and what they need.

    A thing needs what it depends on, and its namespace: deleting a namespace deletes all that is in it.
    """
    by_urn = {entry.urn: entry for entry in entries}
    namespaces = {entry.identity.name: entry.urn for entry in entries if entry.identity.kind == "Namespace"}
    kept: set[str] = set()
    waiting = [entry.urn for entry in entries if entry.protect or entry.retain_on_delete]
    while waiting:
        urn = waiting.pop()
        if urn in kept or urn not in by_urn:
            continue
        kept.add(urn)
        waiting += by_urn[urn].dependencies
        waiting += [namespaces[name] for name in (by_urn[urn].identity.namespace,) if name in namespaces]
    return kept


@dataclass
class Deleter:
    """Deletes recorded objects one after the other.

    Parameters
    ----------
    owns
        Whether an object is this stack's own, by its field managers.
    permission
        Called before each change; raises where this run may no longer make any.
    """

    kube: Kube
    owns: Callable[[Object], bool]
    permission: Callable[[], None]
    progress: Progress
    _going: list[Entry] = field(default_factory=list)

    def delete(self, entry: Entry) -> bool:
        """Begin to delete an object, once what depends on it is gone; return whether there was one to delete."""
        for other in [other for other in self._going if entry.urn in other.dependencies]:
            self._await(other)
        which = entry.identity
        try:
            live = self.kube.get(entry.version, which.kind, which.name, which.namespace)
        except NoSuchKindError:
            return False  # its CRD has gone, and all of its kind with it
        # What was only intended may be someone else's, whom this run has run into.
        if live is None or (not entry.applied and not self.owns(live)):
            return False
        self.permission()
        if entry.patch_manager:
            self._give_back(entry)
            return True
        self.kube.delete(entry.version, which.kind, which.name, which.namespace)
        self.progress.say(f"deleted {which}")
        self._going.append(entry)
        return True

    def finish(self) -> None:
        """Wait until all of them are gone."""
        for entry in list(self._going):
            self._await(entry)

    def _await(self, entry: Entry) -> None:
        with suppress(NoSuchKindError):  # its CRD has gone, and it with that
            await_gone(self.kube, entry.identity, entry.version)
        self._going.remove(entry)

    def _give_back(self, entry: Entry) -> None:
        """Own no field any longer of an object of which only some were set."""
        which = entry.identity
        metadata = {"name": which.name, **({"namespace": which.namespace} if which.namespace else {})}
        bare = {"apiVersion": entry.version, "kind": which.kind, "metadata": metadata}
        self.kube.apply(bare, manager=entry.patch_manager)
        self.progress.say(f"gave back the fields of {which}")
