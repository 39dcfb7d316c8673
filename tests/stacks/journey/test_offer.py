"""What a site says of itself."""

from stacks.journey.offer import Collection, Limits, Offer, Profile, Space
from stacks.journey.route import Route

RECORD = {
    "site": "local",
    "caCertificate": "PEM",
    "resolve": {"local.example": "10.0.0.1"},
    "url": "https://local.example",
    "profiles": {"small": {"title": "Small", "cpu": 2, "memory": "1Gi", "groups": []}},
    "limits": {"servers": 3, "cpu": None, "memory": "6Gi"},
    "projects": {"galaxies": {"title": "", "readWrite": ["galaxies"], "readOnly": ["students"]}},
    "scratch": {"cleanAfter": "7d"},
    "software": {"readWrite": ["installers"]},
    "data": {"sky": {"title": "Sky", "groups": ["galaxies"], "readWrite": ["curators"]}},
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
        scratch=True,
        installers=frozenset({"installers"}),
        collections={"sky": Collection(groups=frozenset({"galaxies"}), read_write=frozenset({"curators"}))},
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


def test_a_site_without_scratch_software_and_data_offers_none():
    offer = Offer.of(RECORD | {"scratch": None, "software": None, "data": {}})
    assert (offer.scratch, offer.installers, offer.collections) == (False, None, {})


def test_a_collection_without_groups_is_read_by_everyone_and_changed_by_curators():
    open_to_all = Collection(read_write=frozenset({"curators"}))
    assert [
        (open_to_all.writable_by(g), open_to_all.readable_by(g))
        for g in map(frozenset, (["curators"], ["a"]))
    ] == [
        (True, True),
        (False, True),
    ]
    assert not Collection(groups=frozenset({"a"})).readable_by(frozenset({"b"}))
