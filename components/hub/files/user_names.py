"""User names: which are possible, and the folder that belongs to each."""

import re

USERNAME_PATTERN = r"[a-z0-9]([-a-z0-9._@]{0,62}[a-z0-9])?\Z"
"""Names of the hub's users: what can stand unescaped in a path, a URL, a label and an argument."""

USERNAME_RULE = "letters without accents, digits, and . _ - @ between them, 64 characters at most"
"""The pattern, for people."""


class UnusableNameError(ValueError):
    """A name that no user of the hub can have; the message tells the person why."""


def is_username(name: str) -> bool:
    """Return whether the hub may have a user of this name."""
    return re.match(USERNAME_PATTERN, name) is not None


def home_folder(username: str) -> str:
    """Return the folder of a user's home on the homes volume: the name itself.

    The identity map cannot give two users one folder, and every other door can compute it. The pattern keeps
    out separators, ``.``, ``..``, hidden names and anything that a shell or an option parser would see.

    Raises
    ------
    UnusableNameError
        The name is not one that the hub accepts.
    """
    if not is_username(username):
        raise UnusableNameError(
            f"{username!r} cannot be the name of a home folder. Names are {USERNAME_RULE}."
        )
    return username
