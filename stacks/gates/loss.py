"""Gate ``data-loss``: nothing that holds data goes, or loses what protects it, unless the site file accepts that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stacks.diff import holds
from stacks.diff.model import ABSENT, Action, Change, Data, Field
from stacks.diff.verdict import Case, Verdict
from stacks.gates.places import located
from stacks.gates.protection import unprotected
from stacks.site_errors import did_you_mean

GATE = "data-loss"


@dataclass(frozen=True)
class Guard:
    """An input that keeps data, whatever Pulumi's own options say.

    Attributes
    ----------
    path
        Pointer to it.
    safe
        The value that keeps; the rest does not.
    default
        What it is where it is left out.
    """

    path: str
    safe: object
    default: object

    def is_lifted_by(self, field: Field) -> bool:
        """Return whether a field takes the guard away."""
        before, after = (self.default if value is ABSENT else value for value in (field.before, field.after))
        return field.path == self.path and before == self.safe != after


_CLAIMS = "/spec/persistentVolumeClaimRetentionPolicy"

GUARDS: Mapping[str, tuple[Guard, ...]] = {
    "aws:eks/cluster:Cluster": (Guard("/deletionProtection", safe=True, default=False),),
    "aws:rds/instance:Instance": (
        Guard("/deletionProtection", safe=True, default=False),
        Guard("/skipFinalSnapshot", safe=False, default=False),
    ),
    "aws:s3/bucket:Bucket": (Guard("/forceDestroy", safe=False, default=False),),
    "kubernetes:apps/v1:StatefulSet": (
        Guard(f"{_CLAIMS}/whenDeleted", safe="Retain", default="Retain"),
        Guard(f"{_CLAIMS}/whenScaled", safe="Retain", default="Retain"),
    ),
    "kubernetes:core/v1:PersistentVolume": (
        Guard("/spec/persistentVolumeReclaimPolicy", safe="Retain", default="Retain"),
    ),
    "openstack:objectstorage/container:Container": (Guard("/forceDestroy", safe=False, default=False),),
}
"""By type: what keeps its data beside Pulumi's ``protect`` and ``retain_on_delete``."""


def data_loss(case: Case) -> Iterator[Verdict]:
    """Yield a verdict on each loss, and on each acceptance that accepts none."""
    losses = dict(_losses(case))
    for subject, why in losses.items():
        yield _judged(case, subject, why)
    for key in case.file.site.accept:
        if key not in losses and key not in unprotected(case.after.resources):
            yield _stale(case, key, losses)


def key_of(change: Change) -> str:
    """Return what the site file calls a resource."""
    return f"{change.kind}/{change.object}"


def _losses(case: Case) -> Iterator[tuple[str, str]]:
    for change in case.changes.changes:
        why = _loss(change)
        if why is not None:
            yield key_of(change), why


def _loss(change: Change) -> str | None:
    """Return what is lost by a change, in a sentence; None where that is nothing."""
    if change.action in (Action.DELETED, Action.REPLACED):
        return _gone(change)
    lifted = [field for field in change.fields if _lifts(field, change.type)]
    if not lifted:
        return None
    return f"no longer protected ({', '.join(map(_short, lifted))}): the next change may delete it"


def _gone(change: Change) -> str | None:
    before = change.before
    assert before is not None  # noqa: S101 - what is deleted or replaced was there
    if change.data == Data.UNTOUCHED and change.type not in holds.NODES and not before.options.protect:
        return None
    forced = [field for field in change.fields if field.forces]
    because = f" ({', '.join(map(_short, forced))})" if forced else ""
    return "; ".join([f"{change.action}{because}", *change.notes])


def _lifts(field: Field, type_: str) -> bool:
    if field.path in ("/options/protect", "/options/retain_on_delete"):
        return (field.before, field.after) == (True, False)
    return any(guard.is_lifted_by(field) for guard in GUARDS.get(type_, ()))


def _short(field: Field) -> str:
    before, after = ("none" if value is ABSENT else value for value in (field.before, field.after))
    return f"{field.path.removeprefix('/options')[1:]}: {before} → {after}"


def _judged(case: Case, subject: str, why: str) -> Verdict:
    acceptance = case.file.site.accept.get(subject)
    if acceptance is None:
        return Verdict(GATE, subject, f"{why}. If that is meant, the site file says so: {_line(subject)}")
    if _was_there(case, subject):
        rule = "Its acceptance was in the site file before this change, and counts once"
        return Verdict(GATE, subject, f"{why}. {rule}: give this loss a reason of its own, {_line(subject)}")
    return Verdict(GATE, subject, f"{why}. Accepted: {acceptance.reason}", blocks=False)


def _line(subject: str) -> str:
    return f'accept: {{{subject}: {{reason: "…"}}}}'


def _was_there(case: Case, key: str) -> bool:
    """Return whether the base accepts it already, in the same words."""
    accepted = case.before.get("accept")
    there = accepted.get(key) if isinstance(accepted, Mapping) else None
    return isinstance(there, Mapping) and there.get("reason") == case.file.site.accept[key].reason


def _stale(case: Case, key: str, losses: Mapping[str, str]) -> Verdict:
    valid = [*losses, *(key_of(change) for change in case.changes.changes)]
    near = did_you_mean(key, valid)
    rule = f"accepts nothing: no such resource is lost by this change{near}"
    if not near:
        rule += "; remove it"
    return Verdict("acceptance", key, located(case.file, ("accept", key), rule, "key"), blocks=False)
