"""What a site says of itself."""

from stacks.journey.offer import Limits, Offer, Profile, Space
from stacks.journey.route import Route

RECORD = {
    "site": "local",
    "caCertificate": "PEM",
    "resolve": {"local.example": "10.0.0.1"},
    "url": "https://local.example",
    "profiles": {"small": {"title": "Small", "cpu": 2, "memory": "1Gi", "groups": []}},
    "limits": {"servers": 3, "cpu": None, "memory": "6Gi"},
    "projects": {"galaxies": {"title": "", "readWrite": ["galaxies"], "readOnly": ["students"]}},
    "capabilities": {"networkPolicy": True},
}


def test_a_capability_record_is_read():
    assert Offer.of(RECORD) == Offer(
        site="local",
        url="https://local.example",
        route=Route(addresses={"local.example": "10.0.0.1"}, authority="PEM"),
        profiles={"small": Profile(cpu=2, memory=2**30)},
        limits=Limits(servers=3, memory=6 * 2**30),
        spaces={"galaxies": Space(read_write=frozenset({"galaxies"}), read_only=frozenset({"students"}))},
        network_policy=True,
    )


def test_who_may_write_may_read():
    space = Space(read_write=frozenset({"a"}), read_only=frozenset({"b"}))
    assert [(space.writable_by(g), space.readable_by(g)) for g in map(frozenset, ("a", "b", "c"))] == [
        (True, True),
        (False, True),
        (False, False),
    ]


def test_a_profile_without_groups_is_everyone_s():
    assert Profile(cpu=1, memory=1).open_to(frozenset())
    assert not Profile(cpu=1, memory=1, groups=frozenset({"gpu"})).open_to(frozenset({"a"}))
