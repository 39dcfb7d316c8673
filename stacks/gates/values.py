"""Gate ``dead-value``: every value of a site file has an effect, or a reason to have none."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra.paths import ROOT, cache_dir
from stacks.diff.verdict import Verdict
from stacks.gates.dead import Probe
from stacks.gates.perturb import leaves
from stacks.gates.places import located
from stacks.site_errors import Keys, dotted
from stacks.site_frame import SITE_KEY
from stacks.sites import SiteFile, program_config

GATE = "dead-value"

EXEMPT: Mapping[Keys, str] = {
    ("accept", "*", "reason"): "is for those who review the change",
    ("cluster", "nodePools", "*", "cpu"): "is what profiles are checked against",
    ("cluster", "nodePools", "*", "memory"): "is what profiles are checked against",
    ("cluster", "nodePools", "*", "gpus"): "is what profiles are checked against",
    ("rollout", "wave"): "is the turn of the whole site",
    ("rollout", "automatic"): "is the turn of the whole site",
    ("prices", "*"): "is what the site costs, which its outputs say",
    ("prices", "machines", "*"): "is what the site costs, which its outputs say",
    ("prices", "monthly", "*"): "is what the site costs, which its outputs say",
    ("storage", "quotas", "heldBy"): "is a claim about the cluster, which `check --cluster` holds against it",
    ("cluster", "kubeconfig"): "is secret in the plan, so that no plan shows another one",
}
"""Values that need not change anything in the plan, and why; ``*`` is any name or position."""

_CODE = ("__main__.py", "components", "images", "infra", "stacks", "constraints.txt", "requirements.txt")
"""What a plan is made by."""


def dead_values(file: SiteFile, before: Mapping[str, Any] | None = None) -> list[Verdict]:
    """Return a verdict on each value of a site that changes nothing.

    Parameters
    ----------
    before
        The site as it was: what is still the same has been judged then. None to judge all of it.
    """
    site = program_config(file)[SITE_KEY]
    old = dict(leaves(before)) if before is not None else {}
    paths = [
        path
        for path, value in leaves(site)
        if not (path in old and old[path] == value) and not is_exempt(path)
    ]
    return [_verdict(file, path) for path in _remembered(file.name, site, paths)]


def is_exempt(path: Keys) -> bool:
    """Return whether a value need not change anything in the plan."""
    return any(
        len(path) == len(pattern)
        and all(wanted in ("*", key) for key, wanted in zip(path, pattern, strict=True))
        for pattern in EXEMPT
    )


def _verdict(file: SiteFile, path: Keys) -> Verdict:
    rule = "changes nothing that is declared, whatever it says: remove it"
    return Verdict(GATE, dotted(path), located(file, path, rule))


def _remembered(name: str, site: Mapping[str, Any], paths: list[Keys]) -> list[Keys]:
    """Return which values are dead, from the last time where the code and the site have been the same."""
    if not paths:
        return []
    asked = json.dumps([name, site, paths, _code()])
    kept = cache_dir() / "dead-values" / f"{sha256(asked.encode()).hexdigest()}.json"
    if kept.exists():
        return [tuple(path) for path in json.loads(kept.read_text())]
    found = Probe(name, site).dead(paths)
    kept.parent.mkdir(parents=True, exist_ok=True)
    # Under another name until it is whole, since two may judge at a time.
    making = kept.with_suffix(f".{id(found)}")
    making.write_text(json.dumps(found))
    making.rename(kept)
    return found


def _code() -> str:
    """Return a hash of everything that a plan is made by."""
    found = sha256()
    for path in sorted(_files(ROOT / name for name in _CODE)):
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()


def _files(tops: Iterable[Path]) -> Iterable[Path]:
    for top in tops:
        inside = top.rglob("*") if top.is_dir() else [top]
        yield from (path for path in inside if path.is_file() and "__pycache__" not in path.parts)
