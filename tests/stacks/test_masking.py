"""Secrets in what is shown, and in what is sent."""

from stacks.masking import mask, plain_text, reveal
from stacks.wire import UNKNOWN, Secret

VALUE = {
    "plain": ["a", {"b": 1}],
    "secret": Secret({"key": "hunter2", "list": [1, None], "inner": Secret("x")}),
    "later": UNKNOWN,
}


def test_masks_hide_values_and_keep_keys():
    assert mask(VALUE) == {
        "plain": ["a", {"b": 1}],
        "secret": {"key": "[secret]", "list": ["[secret]", "[secret]"], "inner": "[secret]"},
        "later": "[computed]",
    }


def test_revealed_values_hold_no_secret_objects():
    assert reveal(VALUE) == {
        "plain": ["a", {"b": 1}],
        "secret": {"key": "hunter2", "list": [1, None], "inner": "x"},
        "later": UNKNOWN,
    }


def test_plain_text_is_what_is_outside_secrets_keys_included():
    assert list(plain_text(VALUE)) == [
        ("", "plain"),
        ("plain[0]", "a"),
        ("plain[1]", "b"),
        ("", "secret"),
        ("", "later"),
    ]
