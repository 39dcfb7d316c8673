"""Two plans as one scene: all that is in either, and what becomes of each part."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from stacks.diff import Action, Change, Changes, Field, compare
from stacks.diff.fields import keys_of
from stacks.draw.read import scene_of, subtitle_of
from stacks.draw.scene import Box, Line, Link, Scene, State
from stacks.plan import Plan

STATES: Mapping[Action, State] = {
    Action.CREATED: State.ADDED,
    Action.UPDATED: State.CHANGED,
    Action.REPLACED: State.REPLACED,
    Action.DELETED: State.REMOVED,
    Action.RENAMED: State.CHANGED,
    Action.MOVED: State.CHANGED,
}
MOST_CAUSES = 2


def compared_scene(before: Plan, after: Plan) -> Scene:
    """Return the scene of what ``after`` would make of ``before``.

    Plans of two sites are compared as if both had the name of the second. What is in none of the two pictures,
    such as the content of a Secret, is counted in the subtitle.
    """
    subtitles = list(dict.fromkeys(map(subtitle_of, (before, after))))
    if before.stack == after.stack:
        changes = compare(before, after)
    else:
        before = renamed(before, after.stack)
        changes = compare(before, after)
        changes = replace(changes, changes=tuple(_differences(changes.changes)))
    old, new = scene_of(before), scene_of(after)
    by_urn = {change.urn: change for change in changes.changes}
    by_urn |= {change.before_urn: change for change in changes.changes if change.before_urn}
    boxes = _boxes(old, new, by_urn)
    links = tuple(_links(old, new))
    shown = {box.urn for box in (*old.boxes, *new.boxes) if box.urn}
    return Scene(
        title=new.title if old.title == new.title else f"{old.title} → {new.title}",
        subtitle=f"{' → '.join(subtitles)} · {_summary(changes, boxes, shown)}",
        boxes=boxes,
        links=links,
        places=old.places | new.places,
        compared=True,
    )


def _differences(changes: Iterable[Change]) -> Iterator[Change]:
    """Yield what differs between two sites: nothing is replaced there, and images may be in another registry."""
    for change in changes:
        if change.action in (Action.CREATED, Action.DELETED):
            yield change
            continue
        fields = tuple(field for field in change.fields if not _only_registry(field))
        if fields:
            yield replace(change, action=Action.UPDATED, fields=fields, notes=())


def _only_registry(field: Field) -> bool:
    texts = [str(value).rpartition("/")[2] for value in (field.before, field.after)]
    return keys_of(field.path)[-1] == "image" and texts[0] == texts[1]


def renamed(plan: Plan, site: str) -> Plan:
    """Return a plan as if its site had another name: in URNs, and in names that are made from it."""
    names = re.compile(rf"{re.escape(plan.stack)}(?=-|$)")
    objects = re.compile(rf"science-{re.escape(plan.stack)}(?=-|$)")

    def name(value: str) -> str:
        return names.sub(site, value, count=1) if names.match(value) else value

    def text(value: str) -> str:
        if value.startswith("urn:pulumi:"):
            _, *parts, last = value.split("::")
            return "::".join([f"urn:pulumi:{site}", *parts, name(last)])
        if objects.match(value):
            return objects.sub(f"science-{site}", value, count=1)
        return site if value == plan.stack else value

    def walk(value: object) -> object:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, Mapping):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(walk(item) for item in value)
        return value

    resources = tuple(
        replace(
            each,
            urn=text(each.urn),
            name=name(each.name),
            parent=each.parent and text(each.parent),
            provider=each.provider and text(each.provider),
            inputs=walk(each.inputs),
            dependencies=walk(each.dependencies),
            property_dependencies=walk(each.property_dependencies),
        )
        for each in plan.resources
    )
    return replace(plan, stack=site, resources=resources)


def _boxes(old: Scene, new: Scene, by_urn: Mapping[str, Change]) -> tuple[Box, ...]:
    was, now = {box.key: box for box in old.boxes}, {box.key: box for box in new.boxes}
    result = []
    for key in dict.fromkeys((*now, *was)):
        box = now.get(key) or was[key]
        change = by_urn.get(box.urn or "")
        if key not in was:
            state = State.ADDED
        elif key not in now:
            state = State.REMOVED
        elif change is not None:
            state = STATES[change.action]
        else:
            state = State.SAME if _texts(was[key]) == _texts(now[key]) else State.CHANGED
        told = _told(change) if change and state in (State.CHANGED, State.REPLACED) else ()
        lines = (*_lines(was.get(key), now.get(key)), *told)
        notes = (*box.notes, *(change.notes if change else ()))
        result.append(replace(box, state=state, lines=lines, notes=notes))
    return tuple(result)


def _texts(box: Box) -> list[str]:
    return [line.text for line in box.lines]


def _lines(was: Box | None, now: Box | None) -> tuple[Line, ...]:
    """Return the lines of a box, each that has another text now after what it was."""
    old, new = (() if box is None else box.lines for box in (was, now))
    if was is None or now is None:
        return (*old, *new)
    if len(old) != len(new):
        return new
    return tuple(
        line
        for before, after in zip(old, new, strict=True)
        for line in ([after] if before.text == after.text else [replace(before, gone=True, door=""), after])
    )


def _told(change: Change) -> Iterator[Line]:
    """Yield what explains a change: an image or a file."""
    causes = list(dict.fromkeys(cause for field in change.fields for cause in field.causes))
    names = list(dict.fromkeys(_short(cause) for cause in causes))
    if names:
        more = len(names) - MOST_CAUSES
        rest = f" and {more} more" if more > 0 else ""
        yield Line(f"new {', '.join(names[:MOST_CAUSES])}{rest}", strong=True)


def _short(cause: str) -> str:
    """Return the title of a cause without the registry and the former tag of an image."""
    kind, _, name = cause.partition(" ")
    return f"{kind} {name.partition(' ')[0].rpartition('/')[2]}"


def _links(old: Scene, new: Scene) -> Iterator[Link]:
    was, now = {_link_key(link): link for link in old.links}, {_link_key(link): link for link in new.links}
    for key in dict.fromkeys((*now, *was)):
        if key not in was:
            yield replace(now[key], state=State.ADDED)
        elif key not in now:
            # Its line may be no more; the box itself is where it left.
            yield replace(was[key], state=State.REMOVED, door="")
        elif _said(was[key]) != _said(now[key]):
            yield replace(now[key], state=State.CHANGED)
        else:
            yield now[key]


def _link_key(link: Link) -> tuple[str, ...]:
    kind = "mount" if link.way in ("write", "read") else link.way
    ends = sorted((link.source, link.target)) if link.both else (link.source, link.target)
    return (*ends, str(kind))


def _said(link: Link) -> tuple[object, ...]:
    return link.way, link.labels, link.both


def _summary(changes: Changes, boxes: Iterable[Box], shown: set[str]) -> str:
    counts = [
        f"{count} {state}"
        for state in (State.ADDED, State.REMOVED, State.CHANGED, State.REPLACED)
        if (count := sum(box.state == state for box in boxes))
    ]
    rest = [change for change in changes.changes if change.urn not in shown]
    if rest:
        counts.append(f"{len(rest)} {'change' if len(rest) == 1 else 'changes'} of what is not drawn")
    return ", ".join(counts) or "no changes"
