"""Columns: pods behind the gate by how many connections lead to them, volumes after them, then the outside."""

from stacks.draw.columns import columns
from stacks.draw.scene import Box, Link, Place, Shape, Way


def box(key: str, place: Place = Place.SITE, layer: str = "hub") -> Box:
    return Box(key=key, title=key, shape=Shape.PODS, place=place, layer=layer)


def link(source: str, target: str, way: Way = Way.TRAFFIC, *, both: bool = False) -> Link:
    return Link(source=source, target=target, way=way, both=both)


PEOPLE, ENTRY = box("people", Place.CLIENTS), box("entry/edge", Place.GATE)
HOMES, NET = box("homes", Place.DATA), box("net", Place.OUTSIDE)
IN = [link("people", "entry/edge"), link("entry/edge", "edge")]


def test_pods_are_as_far_in_as_connections_lead():
    boxes = [PEOPLE, ENTRY, box("edge"), box("proxy"), box("hub"), box("servers"), HOMES, NET]
    links = [
        *IN,
        link("edge", "proxy"),
        link("hub", "proxy", both=True),
        link("proxy", "servers"),
        link("servers", "hub"),
        link("servers", "homes", Way.WRITE),
        link("servers", "net"),
    ]
    assert columns(boxes, links) == {
        "people": 0,
        "entry/edge": 1,
        "edge": 2,
        "proxy": 3,
        "hub": 4,
        "servers": 4,
        "homes": 5,
        "net": 6,
    }


def test_pods_that_nobody_calls_are_before_what_they_call_or_where_their_layer_has_room():
    boxes = [
        ENTRY,
        box("edge"),
        box("tap", layer="tap"),
        box("db", layer="tap"),
        box("backup"),
        box("idle", layer="tap"),
    ]
    links = [*IN[1:], link("edge", "tap"), link("tap", "db"), link("backup", "db")]
    found = columns(boxes, links)
    assert (found["tap"], found["db"], found["backup"], found["idle"]) == (3, 4, 3, 4)


def test_without_a_way_in_those_come_first_whom_nobody_calls():
    assert columns([box("b"), box("a")], [link("a", "b")]) == {"a": 2, "b": 3}


def test_what_the_cluster_has_is_right_of_who_calls_it_and_each_in_a_column_of_its_own_if_it_can():
    api, dns = box("api", Place.CLUSTER), box("dns", Place.CLUSTER)
    boxes = [ENTRY, box("edge"), box("hub"), HOMES, dns, api]
    found = columns(boxes, [*IN[1:], link("edge", "hub"), link("hub", "api", Way.CONTROL)])
    assert (found["hub"], found["homes"], found["api"], found["dns"]) == (3, 4, 4, 3)
