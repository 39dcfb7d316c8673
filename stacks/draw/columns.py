"""Which column each box is in: from those who come, through what they go through, to where it ends."""

from collections.abc import Iterable, Mapping, Sequence

from stacks.draw.scene import Box, Link, Place, Way

CLIENTS, GATE, FIRST = 0, 1, 2


def columns(boxes: Sequence[Box], links: Sequence[Link]) -> dict[str, int]:
    """Return the column of every box that is not a cloud's.

    Pods are as many columns behind the gate as connections lead to them; what none leads to is beside what it
    talks with, or where its layer has most room. Volumes come after all pods, and what is outside after them.
    """
    pods = [box for box in boxes if box.place == Place.SITE]
    depth = _depths(pods, links)
    last = FIRST + max(depth.values(), default=0)
    result = {key: FIRST + steps for key, steps in depth.items()}
    for box in pods:
        if box.key not in result:
            result[box.key] = _beside(box, links, result) or _roomiest(box, pods, result, last)
    data = last + 1
    fixed = {Place.CLIENTS: CLIENTS, Place.GATE: GATE, Place.DATA: data, Place.OUTSIDE: data + 1}
    result |= {box.key: fixed[box.place] for box in boxes if box.place in fixed}
    below = [box for box in boxes if box.place == Place.CLUSTER]
    for box in sorted(below, key=lambda each: not _others(each.key, links)):
        near = [result[other] for other in _others(box.key, links) if other in result]
        taken = [result.get(other.key) for other in below]
        free = [column for column in range(data, FIRST - 1, -1) if column not in taken]
        result[box.key] = min(data, max(near) + 1) if near else (free or [data])[0]
    return result


def _depths(pods: Sequence[Box], links: Iterable[Link]) -> dict[str, int]:
    keys = {box.key for box in pods}
    ahead: dict[str, list[str]] = {}
    reached: set[str] = set()
    for link in links:
        if link.way != Way.TRAFFIC or link.target not in keys:
            continue
        if link.source in keys:
            ahead.setdefault(link.source, []).append(link.target)
            if link.both:
                ahead.setdefault(link.target, []).append(link.source)
        elif link.source.startswith("entry/"):
            reached.add(link.target)
    if not reached:
        reached = {link.source for link in links if link.source in keys} - {
            link.target for link in links if link.source in keys
        }
    depths: dict[str, int] = {}
    now, step = [box.key for box in pods if box.key in reached], 0
    while now:
        depths |= dict.fromkeys(now, step)
        further = (other for key in now for other in ahead.get(key, ()))
        now, step = [key for key in dict.fromkeys(further) if key not in depths], step + 1
    return depths


def _others(key: str, links: Iterable[Link]) -> list[str]:
    return [
        link.source if link.target == key else link.target
        for link in links
        if key in (link.source, link.target)
    ]


def _beside(box: Box, links: Iterable[Link], known: Mapping[str, int]) -> int | None:
    """Return the column before those that a box talks with; None where it talks with nobody who has one."""
    near = [known[other] for other in _others(box.key, links) if known.get(other, 0) >= FIRST]
    return max(FIRST, min(near) - 1) if near else None


def _roomiest(box: Box, pods: Sequence[Box], known: Mapping[str, int], last: int) -> int:
    """Return the column of a layer with the fewest boxes; the last of all where the layer has none."""
    taken = [known[each.key] for each in pods if each.layer == box.layer and each.key in known]
    span = range(min(taken, default=last), max(taken, default=last) + 1)
    return min(span, key=lambda column: (taken.count(column), -column))
