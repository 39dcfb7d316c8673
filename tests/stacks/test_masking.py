"""Secrets in what is shown, and in what is sent."""

from stacks.masking import is_masked, mask, plain_text, reveal
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


def test_with_a_key_equal_secrets_have_equal_masks_and_only_those():
    def masked(value: object, key: bytes = b"a") -> object:
        return mask(Secret(value), key)

    assert masked("hunter2") == masked("hunter2")
    assert len({str(masked(value)) for value in ("hunter2", "hunter3", 1, "1", None, "")}) == 6
    assert masked("hunter2") != masked("hunter2", b"b")
    assert "hunter2" not in str(masked("hunter2"))


def test_with_a_key_as_well_keys_stay_visible_and_what_is_not_known_has_no_hash():
    shown = mask({"secret": Secret({"key": "x", "later": UNKNOWN}), "plain": "a"}, b"a")
    assert isinstance(shown, dict)
    assert (shown["plain"], shown["secret"].keys(), shown["secret"]["later"]) == (
        "a",
        {"key", "later"},
        "[secret]",
    )


def test_what_stands_for_a_secret():
    values = ["[secret]", mask(Secret("x"), b"a"), "[secrets]", "x", None, {"[secret]": 1}]
    assert [is_masked(value) for value in values] == [True, True, False, False, False, False]
