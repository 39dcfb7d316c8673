"""Moves the ends of links a little where two would lie on each other otherwise.

Two links in a channel, each of which arrives as high as the other leaves, cannot be kept apart by an order of
their vertical parts: one of the four ends has to give way.
"""

from collections.abc import Iterator, Mapping, Sequence

from stacks.draw.channels import NEAR, Run, tracks
from stacks.draw.ports import End, Hop

SHIFTS = (5.0, -5.0, 7.0, -7.0, 9.0, -9.0, 12.0, -12.0)
MOST = 60
"""How many ends are moved at most."""

Bounds = Mapping[End, tuple[float, float]]
Heights = dict[End, float]


def kept_apart(parts: Sequence[Hop], at: Mapping[End, float], bounds: Bounds) -> Heights:
    """Return the heights of ends, some of them moved within their bounds; a wire's two ends move together."""
    result = dict(at)
    channels: dict[int, list[Hop]] = {}
    for hop in parts:
        channels.setdefault(hop.channel, []).append(hop)
    partner = {end: _other_side(end) for end in result if _other_side(end) in result}
    for _ in range(MOST):
        clash = next((pair for hops in channels.values() for pair in overlays(hops, result)), None)
        if clash is None:
            break
        options = [
            (len(list(_all_overlays(channels, moved))), abs(shift), number, moved)
            for end in clash
            for number, shift in enumerate(SHIFTS)
            if (moved := _moved(end, shift, result, bounds, partner)) is not None
        ]
        now = len(list(_all_overlays(channels, result)))
        better = [option for option in options if option[0] < now]
        if not better:
            break
        result = min(better, key=lambda option: option[:3])[3]
    return result


def overlays(hops: Sequence[Hop], at: Mapping[End, float]) -> Iterator[tuple[End, End]]:
    """Yield the ends of links of a channel that lie on each other: one arrives where the other leaves."""
    runs = {hop.number: Run(hop.number, at[hop.one], at[hop.two], turns=hop.two.right) for hop in hops}
    found = tracks(list(runs.values()))
    bent = [hop for hop in hops if hop.number in found]
    for hop in bent:
        if hop.two.right:
            continue
        for other in bent:
            if other is hop or found[hop.number] >= found[other.number]:
                continue
            for end in (other.one, other.two):
                leaves_left = end is other.one or other.two.right
                if leaves_left and abs(at[hop.two] - at[end]) < NEAR:
                    yield hop.two, end


def _all_overlays(
    channels: Mapping[int, Sequence[Hop]], at: Mapping[End, float]
) -> Iterator[tuple[End, End]]:
    for hops in channels.values():
        yield from overlays(hops, at)


def _other_side(end: End) -> End:
    return End(end.key, right=not end.right, number=end.number)


def _moved(end: End, shift: float, at: Heights, bounds: Bounds, partner: Mapping[End, End]) -> Heights | None:
    """Return heights with an end elsewhere; None where it may not be there, or another one is."""
    low, high = bounds[end]
    y = at[end] + shift
    if not low <= y <= high:
        return None
    if any(
        each.key == end.key and each != end and each.right == end.right and abs(at[each] - y) < NEAR
        for each in at
    ):
        return None
    moved = {**at, end: y}
    if end in partner:
        moved[partner[end]] = y
    return moved
