"""Which names users can have, and whose home is where."""

import pytest

from user_names import UnusableNameError, home_folder, is_username

POSSIBLE = ["a", "7", "alice", "alice.smith", "a_b", "a-b", "a@b.org", "a..b", "a--b", "x" * 64]
IMPOSSIBLE = [
    "",
    ".",
    "..",
    "../bob",
    "a/b",
    ".a",
    "-rf",
    "_a",
    "a.",
    "Alice",
    "a b",
    "a\nb",
    "alice\n",
    "$(id)",
    "a;b",
    "{name}",
    "ålice",
    "x" * 65,
]


def test_different_users_never_share_a_home():
    assert len({home_folder(name) for name in POSSIBLE}) == len(POSSIBLE)


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_names_that_mean_something_to_paths_shells_or_templates_are_refused(name):
    assert not is_username(name)
    with pytest.raises(UnusableNameError, match="cannot be the name of a home folder"):
        home_folder(name)
