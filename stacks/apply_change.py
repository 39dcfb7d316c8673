"""Brings one object about: created, updated, replaced, or found as it should be."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from infra.kube import Kube
from infra.kube_errors import KubeError, NoSuchKindError
from stacks import apply_objects as objects
from stacks.apply_errors import ApplyError
from stacks.apply_objects import Identity, Object
from stacks.apply_record import Entry
from stacks.paths import Path

_INVALID = 422
_CONFLICT = 409
_FORCE = "pulumi.com/patchForce"

# How API servers say that an object can only be made anew: each validation has words of its own.
_IMMUTABLE = re.compile(
    r"immutable|may not be (changed|updated)|cannot (be )?changed?|can not be changed|Forbidden: updates to|"
    r"Forbidden: pod updates|Forbidden: may not"
)


class Outcome(StrEnum):
    """What became of a resource."""

    CREATED = "created"
    UPDATED = "updated"
    REPLACED = "replaced"
    DELETED = "deleted"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Wanted:
    """One object as it should be.

    Attributes
    ----------
    manifest
        As `stacks.apply_objects.prepared` returns it.
    ignored
        Where what is live stays, whatever the manifest says.
    before
        What the record says of it; None where it has not been applied before.
    adopt
        Whether an object that someone else has made may become this stack's.
    kept
        Whether it must never be deleted, even to be made anew: protected, or retained on deletion.
    """

    manifest: Object
    identity: Identity
    ignored: tuple[Path, ...] = ()
    before: Entry | None = None
    adopt: bool = False
    kept: bool = False

    @property
    def compared(self) -> Object:
        """The part of the manifest whose changes count."""
        return objects.compared(self.manifest, self.ignored)


@dataclass(frozen=True)
class Changed:
    """What became of an object, the object as it is now, and the two hashes that show later changes."""

    outcome: Outcome
    live: Object
    applied: str
    seen: str


class Changer:
    """Makes changes in one cluster as one field manager.

    Parameters
    ----------
    permission
        Called before each change; raises where this run may no longer make any.
    """

    def __init__(self, kube: Kube, manager: str, permission: Callable[[], None]) -> None:
        self.kube = kube
        self.manager = manager
        self._permission = permission
        self._kinds_are_new = False

    def bring_about(self, wanted: Wanted) -> Changed:
        """Bring one object about; `ApplyError` or `KubeError` where that is not possible."""
        manifest = wanted.manifest
        live = self._live(wanted.identity, manifest["apiVersion"])
        if live is None:
            outcome = Outcome.CREATED
            live = self._apply(manifest)
        elif not wanted.before and not wanted.adopt and not self.owns(live):
            raise ApplyError(
                f"{wanted.identity} is there already, and this stack has not made it: delete it, or give the "
                "resource import_ in its options to take it over"
            )
        elif unchanged(wanted, live):
            outcome = Outcome.UNCHANGED
        else:
            outcome, live = self._update(wanted, live)
        compared = wanted.compared
        return Changed(
            outcome, live, objects.digest(compared), objects.digest(objects.projected(live, compared))
        )

    def patch(self, manifest: Object, manager: str, before: Entry | None) -> Changed:
        """Set some fields of someone else's object (Pulumi's ``…Patch`` types)."""
        applied = objects.digest(manifest)
        metadata = manifest["metadata"]
        live = self.kube.get(
            manifest["apiVersion"], manifest["kind"], metadata["name"], metadata.get("namespace")
        )
        seen = objects.digest(objects.projected(live, manifest)) if live else ""
        if live and before and (before.applied, before.live) == (applied, seen):
            return Changed(Outcome.UNCHANGED, live, applied, seen)
        self._permission()
        force = (metadata.get("annotations") or {}).get(_FORCE) == "true"
        try:
            live = self.kube.apply(manifest, manager=manager, force=force)
        except KubeError as error:
            if error.status == _CONFLICT:
                raise ApplyError(f"{error}; the annotation {_FORCE}: 'true' takes the fields over") from error
            raise
        outcome = Outcome.UPDATED if before else Outcome.CREATED
        return Changed(outcome, live, applied, objects.digest(objects.projected(live, manifest)))

    def owns(self, live: Object) -> bool:
        """Return whether this stack has made the object, by the field managers that it names."""
        return any(
            entry.get("manager") == self.manager for entry in live["metadata"].get("managedFields") or ()
        )

    def _live(self, which: Identity, version: str) -> Object | None:
        live = self.kube.get(version, which.kind, which.name, which.namespace)
        return None if live and self._gone(live, which, version) else live

    def _gone(self, live: Object, which: Identity, version: str) -> bool:
        """Return whether the object is being deleted, after having waited for that to end."""
        if "deletionTimestamp" not in live["metadata"]:
            return False
        await_gone(self.kube, which, version)
        return True

    def _update(self, wanted: Wanted, live: Object) -> tuple[Outcome, Object]:
        manifest = objects.kept(wanted.manifest, wanted.ignored, live)
        try:
            return Outcome.UPDATED, self._apply(manifest)
        except KubeError as error:
            if not needs_replacement(error):
                raise
            reason = str(error)
        if wanted.kept:
            raise ApplyError(
                f"{wanted.identity} is protected, and the change needs it deleted and made anew ({reason}): take "
                "the change back, or copy what it holds, set disposable: true, and apply twice"
            )
        self._check_creation(manifest)
        self._permission()
        which = wanted.identity
        self.kube.delete(
            manifest["apiVersion"], which.kind, which.name, which.namespace, propagation="Foreground"
        )
        await_gone(self.kube, which, manifest["apiVersion"])
        return Outcome.REPLACED, self._apply(manifest)

    def _check_creation(self, manifest: Object) -> None:
        """Raise what is wrong with the manifest beyond its being a change: before the old object is deleted."""
        name = f"{manifest['metadata']['name'][:50]}-check"
        renamed = {**manifest, "metadata": {**manifest["metadata"], "name": name}}
        self.kube.create(renamed, manager=self.manager, dry_run=True)

    def _apply(self, manifest: Object) -> Object:
        self._permission()
        # Forced: what the program says holds, also where someone has edited the object by hand.
        live = self.kube.apply(manifest, manager=self.manager, force=True)
        if manifest["kind"] == "CustomResourceDefinition":
            self._kinds_are_new = True
            name = manifest["metadata"]["name"]
            found = self.kube.wait(
                manifest["apiVersion"], manifest["kind"], name, until=_established, timeout=30
            )
            return found or live
        return live

    def namespace_of(self, manifest: Object) -> str | None:
        """Return the object's namespace; None where it is of the whole cluster.

        A kind that a CRD of this run defines is waited for: the API server takes a moment to serve it.
        """
        end = time.monotonic() + (15 if self._kinds_are_new else 0)
        while True:
            try:
                return self.kube.namespace_of(manifest)
            except NoSuchKindError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)


def unchanged(wanted: Wanted, live: Object) -> bool:
    """Return whether neither the program nor anyone in the cluster has changed the object since it was applied."""
    before, compared = wanted.before, wanted.compared
    return (
        before is not None
        and before.applied == objects.digest(compared)
        and before.live == objects.digest(objects.projected(live, compared))
    )


def needs_replacement(error: KubeError) -> bool:
    """Return whether the API server refuses a change that it would accept of a new object."""
    texts = [message for _, message in error.causes] or [str(error)]
    return error.status == _INVALID and any(_IMMUTABLE.search(text) for text in texts)


def _established(crd: Mapping[str, object] | None) -> bool:
    return crd is not None and has_condition(crd, "Established")


def has_condition(live: Mapping[str, object], type_: str) -> bool:
    """Return whether a condition of the object's status is true."""
    status = live.get("status") or {}
    conditions = status.get("conditions") or () if isinstance(status, dict) else ()
    return any(each["type"] == type_ and each["status"] == "True" for each in conditions)


def await_gone(kube: Kube, which: Identity, version: str, timeout: float = 300) -> None:
    """Wait until an object that is being deleted is no more; `ApplyError` that says what holds it, if it stays."""
    try:
        kube.wait(
            version, which.kind, which.name, which.namespace, until=lambda live: live is None, timeout=timeout
        )
    except TimeoutError as error:
        live = kube.get(version, which.kind, which.name, which.namespace)
        held = ", ".join((live or {"metadata": {}})["metadata"].get("finalizers") or ()) or "what is in it"
        raise ApplyError(
            f"{which} is still being deleted after {timeout:.0f} s: it is held by {held}"
        ) from error
