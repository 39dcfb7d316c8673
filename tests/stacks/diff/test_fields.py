"""What differs between two values, and where."""

import json

import pytest

from stacks.diff.fields import CHANGED, child, compared, keys_of
from stacks.diff.model import ABSENT, Field

SECRET = "[secret]"


@pytest.mark.parametrize(
    "value",
    [{"a": [1, {"b": "c"}]}, [], "text", None, True, {"secret": "[secret]#1"}],
    ids=["nested", "list", "text", "none", "bool", "secret"],
)
def test_equal_values_do_not_differ(value: object):
    assert compared(value, value) == ()


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [Field("/a/b", 1, 2)]),
        ({"a": 1}, {}, [Field("/a", 1, ABSENT)]),
        ({}, {"a": {"b": 1}}, [Field("/a", ABSENT, {"b": 1})]),
        ({"a": None}, {}, []),
        ({"a": True}, {"a": 1}, [Field("/a", True, 1)]),
        ({"a/b~c": 1}, {"a/b~c": 2}, [Field("/a~1b~0c", 1, 2)]),
        (
            {"z": 1, "a": 1},
            {"z": 2, "a": 2, "b": 1},
            [Field("/z", 1, 2), Field("/a", 1, 2), Field("/b", ABSENT, 1)],
        ),
    ],
    ids=[
        "below",
        "gone",
        "new",
        "none is absent",
        "a bool is no number",
        "escaped",
        "in the order of before",
    ],
)
def test_mappings_differ_by_key(before: object, after: object, found: list[Field]):
    assert list(compared(before, after)) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (["a", "b"], ["a", "c"], [Field("/1", "b", "c")]),
        (["a", "b", "c"], ["a", "c"], [Field("/1", "b", ABSENT)]),
        (["a", "c"], ["a", "b", "c"], [Field("/1", ABSENT, "b")]),
        (
            [{"name": "x", "v": 1}, {"name": "y", "v": 1}],
            [{"name": "w", "v": 0}, {"name": "x", "v": 1}, {"name": "y", "v": 2}],
            [Field("/y/v", 1, 2), Field("/w", ABSENT, {"name": "w", "v": 0})],
        ),
        ([{"name": "x"}, {"name": "y"}], [{"name": "y"}, {"name": "x"}], [Field("", ["x", "y"], ["y", "x"])]),
        (
            [{"name": "fetch-0123456789", "image": "a"}],
            [{"name": "fetch-9876543210", "image": "b"}],
            [
                Field("/fetch-0123456789/name", "fetch-0123456789", "fetch-9876543210"),
                Field("/fetch-0123456789/image", "a", "b"),
            ],
        ),
        ([{"name": "x"}, {"name": "x"}], [{"name": "x"}, {"name": "z"}], [Field("/1/name", "x", "z")]),
    ],
    ids=["in place", "gone", "new", "named", "other order", "hashed names", "a name twice is no name"],
)
def test_lists_differ_by_the_names_of_their_items_or_by_place(
    before: list[object], after: list[object], found: list[Field]
):
    assert list(compared(before, after)) == found


def test_text_that_is_json_differs_by_its_keys():
    before, after = ({"site.json": json.dumps({"profiles": {"small": {"cpu": cpu}}})} for cpu in (1, 2))
    assert compared(before, after) == (Field("/site.json/profiles/small/cpu", 1, 2),)


def test_other_text_differs_as_a_whole():
    assert compared("{not json", "{neither") == (Field("", "{not json", "{neither"),)


def test_json_that_is_only_written_in_another_form_is_said_to_be():
    assert compared('{"a":1}', '{"a": 1}') == (Field("", "JSON in one form", "the same JSON in another"),)


def test_a_secret_that_changes_shows_only_that_it_does():
    assert compared({"k": "[secret]#1"}, {"k": "[secret]#2"}) == (Field("/k", SECRET, CHANGED),)


def test_secrets_without_a_fingerprint_on_one_side_cannot_be_told_apart():
    assert compared({"k": "[secret]"}, {"k": "[secret]#2"}) == ()


def test_no_fingerprint_is_ever_shown():
    assert compared({}, {"data": {"k": ["[secret]#1"]}}) == (Field("/data", ABSENT, {"k": [SECRET]}),)
    assert compared("plain", "[secret]#1") == (Field("", "plain", SECRET),)


def test_a_pointer_and_its_keys_are_each_others_inverse():
    assert keys_of(child(child("", "a/b"), "c~d")) == ("a/b", "c~d")
