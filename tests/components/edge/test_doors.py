"""What may be a door, and in which order doors are asked."""

from functools import partial

import pytest

from components.edge.doors import Door, by_path, check, hosts

door = partial(Door, title="T", description="D", service="svc", port=80, pods="svc")


def test_a_door_by_path_is_linked_within_the_site():
    assert door(name="dav", paths=("/dav",)).address("https://a.example:30443") == "/dav/"
    assert door(name="dav", paths=("/dav",), link="/dav/browse").address("https://a.example") == "/dav/browse"


def test_a_door_with_a_host_is_linked_with_the_sites_port():
    tap = door(name="tap", host="tap.a.example")
    assert tap.address("https://a.example:30443") == "https://tap.a.example:30443/"
    assert tap.address("https://a.example") == "https://tap.a.example/"


@pytest.mark.parametrize("where", [{}, {"paths": ("/a",), "host": "a.example"}])
def test_a_door_has_either_paths_or_a_host(where: dict):
    with pytest.raises(ValueError, match="door x: needs either paths or a host"):
        door(name="x", **where)


@pytest.mark.parametrize("path", ["/", "hub", "/hub/", "/hub/*"])
def test_a_path_is_written_without_decoration(path: str):
    with pytest.raises(ValueError, match="must be like /hub"):
        door(name="x", paths=(path,))


def test_the_most_specific_path_comes_first():
    hub, uws = door(name="hub", paths=("/hub", "/services")), door(name="uws", paths=("/services/uws",))
    assert list(by_path([hub, uws])) == [("/services/uws", uws), ("/services", hub), ("/hub", hub)]


def test_the_sites_host_comes_first():
    doors = [door(name="tap", host="tap.a.example"), door(name="hub", paths=("/hub",))]
    assert hosts("a.example", doors) == ["a.example", "tap.a.example"]


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ({"name": "a", "paths": ("/a",)}, {"name": "a", "paths": ("/b",)}, "name a"),
        ({"name": "a", "paths": ("/a", "/c")}, {"name": "b", "paths": ("/c",)}, "path /c"),
        ({"name": "a", "host": "x.example"}, {"name": "b", "host": "x.example"}, "host x.example"),
        ({"name": "a", "host": "a.example"}, {"name": "b", "paths": ("/b",)}, "host a.example"),
    ],
)
def test_doors_that_cannot_be_told_apart_are_refused(first: dict, second: dict, what: str):
    with pytest.raises(ValueError, match=f"the same {what}$"):
        check("a.example", [door(**first), door(**second)])
