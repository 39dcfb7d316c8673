"""Versions of the software that people and operators ask for, read from what the images are made of."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from images.debian import read_list, read_lock
from infra.paths import ROOT

_PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)
_CADDY = re.compile(r"github\.com/caddyserver/caddy/v2 (v\S+)")


def versions(root: Path = ROOT) -> dict[str, Mapping[str, str]]:
    """Return, for each image that has an application, what it asks for: package to version."""
    images = root / "images"
    caddy = _CADDY.search((images / "gomod/caddy/go.mod").read_text())
    return {
        "hub": _python(images / "hub"),
        "lab": _python(images / "lab"),
        "proxy": json.loads((images / "proxy/package.json").read_text())["dependencies"],
        "edge": {"caddy": caddy[1]} if caddy else {},
        "postgres": _debian(images / "postgres"),
        "tap": _debian(images / "tap"),
    }


def _python(folder: Path) -> dict[str, str]:
    return dict(_PIN.findall((folder / "requirements.in").read_text()))


def _debian(folder: Path) -> dict[str, str]:
    locked = read_lock(folder / "packages.lock")
    return {name: locked[name] for name in read_list(folder / "packages.in")}
