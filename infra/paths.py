"""Where things that outlive one command are kept, by the XDG base directory rules."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


def _xdg(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default) / "science-platform"


def cache_dir() -> Path:
    """Return the folder of what can be made again: built binaries, image layers."""
    return _xdg("XDG_CACHE_HOME", ".cache")


def state_dir() -> Path:
    """Return the folder of what is running or must not be lost: local clusters, their volumes, outputs."""
    return _xdg("XDG_STATE_HOME", ".local/state")
