"""What someone has added to an object, as far as applying the file again would leave it."""

import pytest

from stacks.diff import ABSENT, Field
from stacks.drift.live import items_added, keys_added


def test_keys_that_someone_has_put_into_a_config_map():
    there = {"data": {"a": "1", "b": "2"}, "binaryData": {"c": "AA=="}}
    assert list(keys_added(there, {"data": {"a": "0"}})) == [
        Field("/data/b", ABSENT, "2"),
        Field("/binaryData/c", ABSENT, "AA=="),
    ]


@pytest.mark.parametrize(
    ("there", "here", "added"),
    [
        ([{"name": "hub", "x": 1}], [{"name": "hub"}], []),
        (
            [{"name": "hub"}, {"name": "debug"}],
            [{"name": "hub"}],
            [Field("/l/debug", ABSENT, {"name": "debug"})],
        ),
        ([1, 2], [1], [Field("/l/1", ABSENT, 2)]),
        ([1], [1, 2], []),
        (
            [{"name": "hub", "env": [{"name": "A"}, {"name": "B"}]}],
            [{"name": "hub", "env": [{"name": "A"}]}],
            [Field("/l/hub/env/B", ABSENT, {"name": "B"})],
        ),
        ("text", [1], []),
    ],
)
def test_items_that_someone_has_put_into_lists(there: object, here: object, added: list[Field]):
    assert list(items_added({"l": there, "others": [1]}, {"l": here})) == added
