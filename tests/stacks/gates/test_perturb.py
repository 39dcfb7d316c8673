"""Other values for a site's."""

import pytest

from stacks.gates.perturb import Marked, alternatives, changed, leaves, marked
from stacks.site_errors import Keys
from tests.support.plans import EXAMPLES, site_value

SITE = {"a": {"b": 1, "c": ["x", {"d": "y"}]}, "e": True}


def test_leaves_are_all_values_that_hold_no_others():
    assert list(leaves(SITE)) == [
        (("a", "b"), 1),
        (("a", "c", 0), "x"),
        (("a", "c", 1, "d"), "y"),
        (("e",), True),
    ]


def test_other_values_are_put_in_place_and_nothing_else_changes():
    assert changed(SITE, {("a", "c", 1, "d"): "z", ("e",): False}) == {
        "a": {"b": 1, "c": ["x", {"d": "z"}]},
        "e": False,
    }
    assert SITE["e"] is True


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (True, []),
        (4, [Marked(7004, ("7004",)), Marked(4.7, ("4.7", "4.7"))]),
        (0.5, [Marked(1.2, ("1.2", "1.2"))]),
        ("2Gi", [Marked("9048Mi", ("9048Mi", "9487515648"))]),
        ("10m", [Marked("7600s", ("7600s", "7600"))]),
        ("10.0.0.0/24", [Marked("10.27.88.0/24", ("10.27.88.0",))]),
        ("name", []),
    ],
)
def test_a_marked_value_is_like_what_is_there_and_nowhere_else(value: object, found: list[Marked]):
    words = [Marked(f"{value}-qz7000qz", ("qz7000qz",)), Marked(f"qz7000qz-{value}", ("qz7000qz",))]
    assert list(marked(value, 7000)) == found + (words if isinstance(value, str) else [])


@pytest.mark.parametrize(
    ("path", "value", "first"),
    [
        (("hub", "prePull"), True, [False]),
        (("hub", "limits", "servers"), 3, [4, 2, 6]),
        (("hub", "profiles", "small", "cpu", "guarantee"), 0.5, [1.0, 0.25]),
        (("storage", "homes", "size"), "1Ti", ["2Ti", "0Ti", "1Ti-x", "x-1Ti", "1Tix"]),
    ],
)
def test_alternatives_are_near_what_is_there(path: Keys, value: object, first: list[object]):
    site = site_value(EXAMPLES["existing"])
    assert list(alternatives(site, path, value))[: len(first)] == first


def test_alternatives_of_a_word_are_those_the_schema_allows_and_what_else_is_named():
    site = site_value(EXAMPLES["existing"])
    site["cluster"]["volumes"] = {"homes": {"accessMode": "ReadWriteMany"}}
    assert (
        next(alternatives(site, ("cluster", "volumes", "homes", "accessMode"), "ReadWriteMany"))
        == "ReadWriteOnce"
    )
    pools = list(alternatives(site, ("hub", "profiles", "gpu", "nodePool"), "gpu"))
    assert "gpu" not in pools
    assert "small" in pools
