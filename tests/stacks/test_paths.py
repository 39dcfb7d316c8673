"""Property paths as Pulumi writes them."""

import pytest

from stacks.paths import carried_over, parse, without


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("data", ("data",)),
        ("spec.template", ("spec", "template")),
        ('data["a.b"]', ("data", "a.b")),
        ("rules[0].hosts[*]", ("rules", 0, "hosts", "*")),
        ('["a\\"b"].c', ('a"b', "c")),
    ],
)
def test_paths_have_names_positions_and_quoted_names(text: str, path: tuple[str | int, ...]):
    assert parse(text) == path


def test_what_is_no_path_is_refused():
    with pytest.raises(ValueError, match="'a\\[b' is not a property path"):
        parse("a[b")


def test_what_is_at_a_path_is_left_out():
    value = {"a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 2}, {"x": 3}]}
    assert without(value, ("a", "b")) == {"a": {"c": 2}, "l": value["l"]}
    assert without(value, ("l", "*", "x")) == {"a": value["a"], "l": [{"y": 2}, {}]}
    assert without(value, ("l", 1, "x")) == {"a": value["a"], "l": [{"x": 1, "y": 2}, {}]}
    assert without(value, ("*",)) == {}
    assert without(value, ("z", "y")) == value


def test_what_is_at_a_path_is_carried_over_from_elsewhere():
    here, there = {"a": {"b": 1}, "l": [{"x": 1}]}, {"a": {"b": 9, "c": 8}, "l": [{"x": 7}], "d": 6}
    assert carried_over(here, ("a",), there) == {"a": {"b": 9, "c": 8}, "l": [{"x": 1}]}
    assert carried_over(here, ("a", "b"), there) == {"a": {"b": 9}, "l": [{"x": 1}]}
    assert carried_over(here, ("l", 0, "x"), there) == {"a": {"b": 1}, "l": [{"x": 7}]}
    assert carried_over(here, ("d",), there) == {**here, "d": 6}
    assert carried_over(here, ("new", "deep"), {"new": {"deep": 1, "other": 2}}) == {
        **here,
        "new": {"deep": 1},
    }


def test_what_the_other_side_lacks_is_left_out():
    assert carried_over({"a": 1, "b": 2}, ("a",), {}) == {"b": 2}
