"""Plans as golden files: one YAML stream a site, so that git shows what a change does to its manifests.

A golden leaves out what git shows better elsewhere, and what would rewrite every file at once:

- Tags of the platform's own images are hashes of what they are made of, ConfigMaps' names of their content.
  They stand as ``<tag>`` and ``<hash>``; ``python -m stacks diff`` says which image or file has changed.
- A mounted file that is in the checkout stands as its path.
"""

import re
from collections.abc import Mapping
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

from components.objects import content_hash
from images.catalog import names, tag
from infra.paths import ROOT
from stacks.plan import Plan
from stacks.render import stream

FOLDER = ROOT / "tests/plans/goldens"
_OWN_IMAGE = re.compile(r"/({}):(?:{})\b".format("|".join(names()), "|".join(tag(name) for name in names())))
_HASH = re.compile(rf"(?<=-)[0-9a-f]{{{len(content_hash(''))}}}\b")


def golden(plan: Plan) -> str:
    """Return the golden form of a plan."""
    return stream(_told(manifest) for manifest in plan.manifests())


def difference(path: Path, wanted: str) -> str:
    """Return how a golden file differs from what it should be, as a unified diff; empty where it does not."""
    found = path.read_text() if path.exists() else ""
    lines = unified_diff(
        found.splitlines(),
        wanted.splitlines(),
        f"{path.name} (golden)",
        f"{path.name} (planned)",
        lineterm="",
    )
    return "\n".join(lines)


def _told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    told = _replaced(dict(manifest))
    if told["kind"] == "ConfigMap":
        told["data"] = {
            key: f"<{_sources()[text]}>" if text in _sources() else told["data"][key]
            for key, text in manifest["data"].items()
        }
    return told


def _replaced(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return _HASH.sub("<hash>", _OWN_IMAGE.sub(r"/\1:<tag>", value))
    if isinstance(value, dict):
        return {key: _replaced(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    return value


@cache
def _sources() -> dict[str, str]:
    """Return the paths of the files that layers mount, by their content."""
    files = [
        path for path in ROOT.glob("components/*/files/**/*") if path.is_file() and path.suffix != ".pyc"
    ]
    texts = {}
    for path in files:
        try:
            texts[path.read_text()] = str(path.relative_to(ROOT))
        except UnicodeDecodeError:
            continue
    return texts
