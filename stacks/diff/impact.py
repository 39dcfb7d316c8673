"""How bad a change is, and why: rules on one change at a time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stacks.diff import holds
from stacks.diff.fields import keys_of, stem
from stacks.diff.model import ABSENT, Action, Change, Data, Field, Impact
from stacks.resources import PlannedResource

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
_UNNOTICED = ("image-pre-pull", "user-placeholder")
_DOORS = ("Service", "Ingress", "Gateway", "HTTPRoute", "openstack RecordSet", "aws Record")
_RULE, _PEER = 2, 4
"""Keys below a policy's spec: ``egress/0``, ``egress/0/to/1``."""

_CONTENT = ("ConfigMap", "Secret")

_ROLLS: Mapping[str, str] = {
    "hub": "the hub restarts: sign-in and starting servers pause, running servers go on",
    "proxy": "the proxy restarts: connections break for some seconds, kernels go on",
    "edge": "the edge restarts: {how}, kernels go on",
    "image-pre-pull": "nodes fetch images again; nobody notices",
    "user-placeholder": "placeholders restart; nobody notices",
}

_FATES: Mapping[Data, str] = {
    Data.LOST: "{what} is lost with it",
    Data.KEPT: "{what} stays where it is, but the site no longer uses it",
    Data.REFUSED: "protected, so `up` stops here; without protection {what} would go",
}

_OUTLIVED: Mapping[Data, str] = {
    Data.KEPT: "{what} stay as they are, whatever its templates say now",
    Data.REFUSED: "protected, so `up` stops here; {what} stay as they are, whatever its templates say now",
}


def judged(change: Change, *, doomed: bool) -> Change:
    """Return a change with its impact and the reasons for it.

    Parameters
    ----------
    doomed
        Whether the resource's namespace or cluster goes, which takes everything in it.
    """
    if change.action in (Action.DELETED, Action.REPLACED):
        return _gone(change, doomed=doomed)
    if change.action == Action.UPDATED:
        return _updated(change)
    return change


def _gone(change: Change, *, doomed: bool) -> Change:
    assert change.before is not None  # noqa: S101 - what is deleted or replaced was there
    before = change.before
    what = holds.held(before)
    if what is not None:
        fate = holds.fate(before, change.after, doomed=doomed)
        impact = Impact.REPLACES if fate == Data.KEPT else Impact.LOSES_DATA
        note = (_OUTLIVED if holds.outlived(before) else _FATES).get(fate, _FATES[fate]).format(what=what)
        if before.options.protect and fate == Data.LOST and not doomed:
            note += ": its protection is taken away in the same change"
        return replace(change, data=fate).noted(impact, note)
    if before.type == holds.NAMESPACE:
        return _namespace_gone(change, before)
    if before.type in holds.NODES:
        return change.noted(Impact.REPLACES, "servers on its nodes end, and what their disks hold is gone")
    if not doomed and (before.options.protect or before.options.retain_on_delete):
        return _kept(change, before)
    if change.kind in _CONTENT:
        return _content_gone(change, before)
    return _replaced(change) if change.action == Action.REPLACED else _deleted(change)


def _kept(change: Change, before: PlannedResource) -> Change:
    if before.options.protect:
        return change.noted(Impact.REPLACES, "protected, so `up` stops here")
    return change.noted(Impact.NONE, "what there is stays, no longer the site's")


def _namespace_gone(change: Change, before: PlannedResource) -> Change:
    fate = holds.fate(before, change.after, doomed=False)
    if fate == Data.KEPT:
        return change.noted(Impact.NONE, "it stays, with what is in it")
    note = "everything in it goes: people's servers, and volumes whatever keeps them"
    if fate == Data.REFUSED:
        note = f"protected, so `up` stops here; without protection {note}"
    return replace(change, data=fate).noted(Impact.LOSES_DATA, note)


def _content_gone(change: Change, before: PlannedResource) -> Change:
    if before.options.ignore_changes:
        note = "made once: what was signed or encrypted with it is no longer accepted"
        return change.noted(Impact.INTERRUPTS_USERS, note)
    return change


def _replaced(change: Change) -> Change:
    note = "deleted and made anew"
    if change.kind in _WORKLOADS:
        note = "its pods end before new ones start"
    elif change.kind in _DOORS:
        note = "it is away for a moment, and its address may change"
    return change.noted(Impact.REPLACES, note)


def _deleted(change: Change) -> Change:
    if change.kind in _WORKLOADS and holds.component_of(_of(change)) not in _UNNOTICED:
        return change.noted(Impact.INTERRUPTS_USERS, "its pods end, and nothing takes their place here")
    if change.kind in _DOORS:
        return change.noted(Impact.INTERRUPTS_USERS, "nobody can reach what is behind it this way any more")
    return change


def _updated(change: Change) -> Change:
    for rule in (_protection, _template, _scaled, _policy, _door, _content, _growth):
        change = rule(change)
    return change


def _of(change: Change) -> PlannedResource:
    resource = change.after or change.before
    assert resource is not None  # noqa: S101 - a change has at least one side
    return resource


def _changed(change: Change, *tops: tuple[str, ...]) -> list[Field]:
    found = [(field, keys_of(field.path)) for field in change.fields]
    return [field for field, keys in found if any(keys[: len(top)] == top for top in tops)]


def _protection(change: Change) -> Change:
    lost = [field.path for field in change.fields if (field.before, field.after) == (True, False)]
    if "/options/protect" in lost:
        change = change.noted(Impact.NONE, "no longer protected: the next change may delete it")
    return change


def _template(change: Change) -> Change:
    if change.kind not in _WORKLOADS or not _changed(change, ("spec", "template")):
        return change
    component = holds.component_of(_of(change))
    note = _ROLLS.get(component, "its pods are made anew").format(how=_how(_of(change)))
    return change.noted(Impact.NONE if component in _UNNOTICED else Impact.ROLLS_PODS, note)


def _how(resource: PlannedResource) -> str:
    spec: Any = resource.inputs.get("spec") or {}
    if (spec.get("strategy") or {}).get("type") == "Recreate":
        return "nobody reaches the site for some seconds"
    return "one pod after the other, open connections move over"


def _scaled(change: Change) -> Change:
    to_nothing = [field for field in _changed(change, ("spec", "replicas")) if field.after == 0]
    if change.kind not in _WORKLOADS or not to_nothing:
        return change
    if holds.component_of(_of(change)) in _UNNOTICED:
        return change
    return change.noted(Impact.INTERRUPTS_USERS, "scaled to nothing: its pods end")


def _policy(change: Change) -> Change:
    if change.kind != "NetworkPolicy":
        return change
    rules = _changed(change, ("spec",))
    if not all(_allows_more(field) for field in rules):
        note = "connections that it no longer allows end at once, those of running servers as well"
        return change.noted(Impact.INTERRUPTS_USERS, note)
    return change


def _allows_more(field: Field) -> bool:
    """Return whether a field only adds a rule, or a peer or a port to one: anything else may take something away."""
    keys = keys_of(field.path)[1:]
    added = len(keys) == _RULE or (len(keys) == _PEER and keys[2] in ("from", "to", "ports"))
    return field.before is ABSENT and keys[0] in ("ingress", "egress") and added


def _door(change: Change) -> Change:
    said = _changed(change, ("spec",)) if _of(change).package == "kubernetes" else _changed(change, ())
    if change.kind in _DOORS and any(each.before is not ABSENT for each in said):
        return change.noted(Impact.INTERRUPTS_USERS, "people reach it in another way than before")
    return change


def _content(change: Change) -> Change:
    if change.kind in _CONTENT and _changed(change, ("data",), ("stringData",), ("binaryData",)):
        return change.noted(Impact.NONE, "pods see it when they next start")
    return change


def _growth(change: Change) -> Change:
    if change.kind == "PersistentVolumeClaim" and _changed(change, ("spec", "resources")):
        return change.noted(Impact.NONE, "the volume grows, where its storage class can")
    return change


def content_addressed(change: Change) -> bool:
    """Return whether a replaced ConfigMap or Secret gets a name with another hash: the old one stays in use."""
    if change.kind not in _CONTENT or change.action != Action.REPLACED or change.replaced_with:
        return False
    names = [each for each in change.fields if each.path == "/metadata/name"]
    return bool(names) and stem(str(names[0].before)) == stem(str(names[0].after))
