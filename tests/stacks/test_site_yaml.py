"""What YAML is read as, and where its parts are."""

import pytest

from stacks.site_errors import Mark, Problem
from stacks.site_yaml import read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("text", "text"),
        ("two words", "two words"),
        ("'on'", "on"),
        ('"010"', "010"),
        ("!!str 010", "010"),
        ("2Gi", "2Gi"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("0.25", 0.25),
        ("~", None),
        ("", None),
        ("[1, a]", [1, "a"]),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_what_every_reader_agrees_on_is_read(text: str, value: object):
    document = read(f"key: {text}")
    assert (document.value, document.problems) == ({"key": value}, [])


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "No",
        "ON",
        "off",
        "010",
        "0x1F",
        "0o17",
        "1_000",
        "+5",
        ".5",
        "5.",
        "1e3",
        "1.5e+3",
        "1:30",
        ".inf",
        ".NaN",
        "2026-01-31",
        "NULL",
        "=",
    ],
)
def test_what_readers_disagree_on_is_refused(text: str):
    [problem] = read(f"key: {text}").problems
    assert (problem.path, problem.at) == (("key",), "value")


def test_a_place_is_that_of_the_value_or_of_the_key_above_a_block():
    document = read("one: text\ntwo:\n  three: {four: 4}\n  five:\n    - six\n  seven:\n")
    places = {
        ("one",): Mark(1, 6),
        ("two",): Mark(2, 1),
        ("two", "three"): Mark(3, 10),
        ("two", "three", "four"): Mark(3, 17),
        ("two", "five", 0): Mark(5, 7),
        ("two", "seven"): Mark(6, 3),
        ("two", "eight"): Mark(2, 1),
        ("nine",): Mark(1, 1),
    }
    assert {path: document.place(Problem(path, "rule")) for path in places} == places


def test_a_missing_key_of_a_list_s_item_is_placed_at_the_item():
    assert read("list:\n  - a: 1\n").place(Problem(("list", 0, "b"), "rule")) == Mark(2, 5)


def test_merged_values_keep_the_place_where_they_are_written():
    document = read("base: &base\n  a: 1\n  b: 2\nnext:\n  <<: [*base]\n  b: 3\n")
    assert document.value == {"base": {"a": 1, "b": 2}, "next": {"a": 1, "b": 3}}
    assert document.place(Problem(("next", "a"), "rule")) == Mark(2, 6)
    assert document.place(Problem(("next", "b"), "rule")) == Mark(6, 6)


def test_a_mapping_that_merges_itself_is_refused():
    [problem] = read("a: &a\n  <<: *a\n").problems
    assert problem == Problem(("a",), "an anchor that contains itself")


def test_a_key_that_is_not_text_is_refused():
    [problem] = read("? [a, b]\n: 1\n").problems
    assert problem == Problem((), "a key must be text, not a list or a mapping")
