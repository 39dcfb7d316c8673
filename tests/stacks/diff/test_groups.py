"""Sites that change alike are told of once."""

import pytest

from stacks.diff import Cause, Changes, Field, Impact, compare
from stacks.diff.groups import SITE, Group, Result, Standing, grouped
from stacks.diff.verdict import Verdict
from stacks.plan import Plan
from tests.support.plans import SITES, planned_site, site_value


def result(site: str, *outputs: Field, **fields: object) -> Result:
    found: dict = {"standing": Standing.BOTH, "changes": Changes(site, outputs=outputs)} | fields
    return Result(site, **found)


def test_one_site_keeps_its_name():
    only = result("north", Field("/url", "https://north.org", "https://north.example.org"))
    assert grouped([only]) == (Group(("north",), only),)


def test_sites_whose_changes_differ_by_their_names_are_one_group():
    results = [
        result(site, Field("/url", f"https://{site}.org", f"https://{site}.example.org"))
        for site in ("north", "south")
    ]
    assert grouped(results) == (
        Group(
            ("north", "south"),
            Result(
                SITE,
                Standing.BOTH,
                Changes(SITE, outputs=(Field("/url", "https://{site}.org", "https://{site}.example.org"),)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("north", "south"),
    [
        (result("north", Field("/a", 1, 2)), result("south", Field("/a", 1, 3))),
        (result("north"), result("south", verdicts=(Verdict("g", "s", "r"),))),
        (result("north"), result("south", standing=Standing.UNKNOWN, problem="why")),
        (result("north", Field("/a", "x", "north")), result("south", Field("/a", "x", "north"))),
        (result("north", Field("/a", "x", "northern")), result("south", Field("/a", "x", "southern"))),
    ],
    ids=["values", "verdicts", "standing", "the other's name", "a longer word"],
)
def test_what_differs_in_more_is_not(north: Result, south: Result):
    assert len(grouped([north, south])) == 2


def changed(site: str, memory: str) -> Result:
    """Return what another memory limit of all servers does to a site made of the local one's file."""

    def planned(limit: str) -> Plan:
        value = site_value(SITES["local"])
        value["edge"]["host"] = f"{site}.localhost"
        value["hub"]["limits"]["memory"] = limit
        return planned_site(site, value)

    return Result(site, Standing.BOTH, compare(planned("6Gi"), planned(memory)))


def test_whole_sites_with_names_of_their_own_and_hashes_of_their_own_are_one_group():
    (group, other) = grouped([changed("north", "8Gi"), changed("south", "8Gi"), changed("west", "9Gi")])
    assert (group.sites, other.sites) == (("north", "south"), ("west",))
    assert [(cause.title, cause.fields) for cause in group.result.changes.causes] == [
        ("config hub-config", (Field("/site.json/limits/memory", 6442450944, 8589934592),))
    ]
    assert group.result.changes.own == ()


def test_blocked_first_then_the_worst_then_by_name():
    worst = Changes("w", outputs=(Field("/url", "a", "b"),))
    groups = grouped(
        [
            result("clean"),
            result("worst", changes=worst),
            result("blocked", verdicts=(Verdict("g", "s", "r"),)),
            result("a", Field("/x", 1, 2)),
        ]
    )
    assert [group.sites for group in groups] == [("blocked",), ("worst",), ("a",), ("clean",)]


@pytest.mark.parametrize(
    ("found", "clean", "blocked"),
    [
        (result("x"), True, False),
        (result("x", Field("/a", 1, 2)), False, False),
        (result("x", verdicts=(Verdict("g", "s", "r", blocks=False),)), False, False),
        (result("x", verdicts=(Verdict("g", "s", "r"),)), False, True),
        (result("x", standing=Standing.UNKNOWN, problem="why"), False, True),
        (result("x", standing=Standing.NEW), False, False),
    ],
    ids=["nothing", "changes", "pointed out", "blocked", "unknown", "new"],
)
def test_what_is_clean_and_what_is_blocked(found: Result, clean: bool, blocked: bool):
    assert (found.clean, found.blocked) == (clean, blocked)


def test_a_site_whose_file_is_gone_loses_nothing_by_that():
    changes = Changes("x", causes=(Cause("c", ()),), outputs=(Field("/url", "a", "b"),))
    assert result("x", standing=Standing.REMOVED, changes=changes).impact == Impact.NONE
