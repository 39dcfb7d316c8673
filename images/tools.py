"""The programs that builds run on this machine."""

import subprocess
from pathlib import Path

from uv import find_uv_bin

from images.catalog import UV_VERSION
from images.errors import ImageError


class ToolError(ImageError):
    """A program that a build needs is missing or of the wrong version."""


def uv_binary() -> Path:
    """Return the ``uv`` that requirements.txt pins."""
    binary = Path(find_uv_bin())
    text = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout
    if text.split()[1] != UV_VERSION:
        raise ToolError(f"uv is {text.split()[1]}, not {UV_VERSION}: run pip install -r requirements.txt.")
    return binary
