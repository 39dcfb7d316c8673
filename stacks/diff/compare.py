"""Two plans of a site: what becomes of every resource."""

from collections.abc import Iterator

from stacks.diff import holds
from stacks.diff.collapse import collapsed
from stacks.diff.fields import compared
from stacks.diff.follow import Draft, followed
from stacks.diff.forces import changed_fields, mutable_content
from stacks.diff.hints import hinted
from stacks.diff.impact import content_addressed, judged
from stacks.diff.match import Pairing, paired
from stacks.diff.model import Action, Change, Changes, Data
from stacks.plan import Plan
from stacks.resources import PlannedResource


def compare(before: Plan, after: Plan) -> Changes:
    """Return what bringing out ``after`` would change where ``before`` has been brought out.

    Both are plans of one site, made with one fingerprint key so that their secrets can be compared.
    """
    pairing = paired(before, after)
    created = tuple(resource for was, resource in pairing.pairs if was is None)
    drafts = followed(tuple(_drafts(before, pairing)), created)
    by_urn = {draft.after.urn: draft for draft in drafts}
    changes = [
        *(
            change
            for _, resource in pairing.pairs
            if (change := _change(by_urn.get(resource.urn), resource, pairing)) is not None
        ),
        *(_of(Action.DELETED, resource, before=resource) for resource in pairing.deleted),
    ]
    doomed = _doomed(changes)
    told = [
        change if content_addressed(change) else judged(change, doomed=doomed(change)) for change in changes
    ]
    found = collapsed(hinted(told), compared(dict(before.outputs), dict(after.outputs)))
    return Changes(site=after.stack, changes=found.changes, causes=found.causes, outputs=found.outputs)


def _drafts(before: Plan, pairing: Pairing) -> Iterator[Draft]:
    old = {each.urn: each for each in before.resources}
    for was, now in pairing.pairs:
        if was is None:
            continue
        mutable = mutable_content(old.get(was.provider or ""), str(was.inputs.get("kind")))
        yield Draft(was, now, changed_fields(was, now, pairing, mutable=mutable))


def _change(draft: Draft | None, resource: PlannedResource, pairing: Pairing) -> Change | None:
    """Return what becomes of a resource of the plan after, or None where that is nothing."""
    if draft is None:
        return _of(Action.CREATED, resource, after=resource)
    action = _action(draft, pairing)
    if action is None:
        return None
    return _of(action, resource, before=draft.before, after=draft.after, draft=draft)


def _action(draft: Draft, pairing: Pairing) -> Action | None:
    before, after = draft.before, draft.after
    if draft.replaced:
        return Action.REPLACED
    if draft.fields:
        return Action.UPDATED
    if (before.name, before.type) != (after.name, after.type):
        return Action.RENAMED
    parent = pairing.now.get(before.parent or "", before.parent)
    return Action.MOVED if before.urn != after.urn or parent != after.parent else None


def _of(
    action: Action,
    resource: PlannedResource,
    *,
    before: PlannedResource | None = None,
    after: PlannedResource | None = None,
    draft: Draft | None = None,
) -> Change:
    return Change(
        action=action,
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        kind=holds.kind_of(resource),
        # What goes is called what it was called.
        object=holds.object_of(before or resource),
        fields=draft.fields if draft else (),
        replaced_with=draft.replaced_with if draft else (),
        before_urn=before.urn if before and before.urn != resource.urn else None,
        before=before,
        after=after,
    )


def _doomed(changes: list[Change]) -> "_Doomed":
    gone = [each for each in changes if each.action in (Action.DELETED, Action.REPLACED)]
    lost = [
        each.before
        for each in gone
        if each.before and holds.fate(each.before, each.after, doomed=False) == Data.LOST
    ]
    namespaces = {(each.provider, holds.object_of(each)) for each in lost if each.type == holds.NAMESPACE}
    clusters = {each.urn for each in lost if each.type in holds.CLUSTERS}
    providers = {
        each.before.urn
        for each in changes
        if each.before and each.before.package == "pulumi" and clusters & set(each.before.dependencies)
    }
    return _Doomed(namespaces, providers)


class _Doomed:
    """Says whether a resource goes whatever keeps it, because what it is in goes."""

    def __init__(self, namespaces: set[tuple[str | None, str]], providers: set[str]) -> None:
        self._namespaces = namespaces
        self._providers = providers

    def __call__(self, change: Change) -> bool:
        resource = change.before
        if resource is None or resource.package != "kubernetes":
            return False
        place = (resource.provider, holds.namespace_of(resource) or "")
        return resource.provider in self._providers or place in self._namespaces
