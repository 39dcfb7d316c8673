"""Links that no order of their vertical parts keeps apart: one of them gives way."""

from stacks.draw.apart import kept_apart, overlays
from stacks.draw.ports import End, Hop


def hop(number: int, one: str, two: str) -> Hop:
    return Hop(2, number, End(one, right=True, number=number), End(two, right=False, number=number))


CROSSED = [hop(0, "a", "d"), hop(1, "b", "c")]
AT = {CROSSED[0].one: 100.0, CROSSED[0].two: 200.0, CROSSED[1].one: 200.0, CROSSED[1].two: 100.0}


def test_each_of_two_links_may_arrive_where_the_other_leaves():
    assert list(overlays(CROSSED, AT)) != []
    found = kept_apart(CROSSED, AT, {end: (y - 20, y + 20) for end, y in AT.items()})
    assert list(overlays(CROSSED, found)) == []
    assert sum(found[end] != y for end, y in AT.items()) == 1


def test_what_has_no_room_stays():
    assert kept_apart(CROSSED, AT, {end: (y, y) for end, y in AT.items()}) == AT
