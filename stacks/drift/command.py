"""``python -m stacks drift``: what of the sites is no longer as their files say."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from secrets import token_bytes

from infra.progress import Progress
from stacks import bring, engine
from stacks.access import access_to
from stacks.drift import live
from stacks.drift.markdown import to_markdown
from stacks.drift.model import Moved, SiteDrift, to_terminal
from stacks.program import main as program
from stacks.sites import SiteFile, program_config, secrets_from_environment

CLEAN, MOVED, UNKNOWN = 0, 1, 2


def run(
    files: Sequence[SiteFile],
    *,
    context: str | None,
    as_json: bool,
    into: Path | None,
    progress: Progress,
    errors: tuple[type[Exception], ...],
) -> int:
    """Print what moved; return 0 for nothing, 1 for something, 2 where a site could not be looked at.

    Parameters
    ----------
    into
        File for the report of an issue; it is empty where nothing moved.
    errors
        What may be wrong with a site without keeping the others from being looked at.
    """
    sites = [_looked_at(file, context, progress, errors) for file in files]
    print(_json(sites) if as_json else to_terminal(sites), end="")
    if into is not None:
        into.parent.mkdir(parents=True, exist_ok=True)
        clean = all(site.clean for site in sites)
        into.write_text(
            "" if clean else to_markdown(sites, where=os.environ.get("RUN_URL")), encoding="utf-8"
        )
    if any(site.problem is not None for site in sites):
        return UNKNOWN
    return CLEAN if all(site.clean for site in sites) else MOVED


def _json(sites: Iterable[SiteDrift]) -> str:
    return json.dumps([asdict(site) for site in sites], indent=2, ensure_ascii=False) + "\n"


def _looked_at(
    file: SiteFile, context: str | None, progress: Progress, errors: tuple[type[Exception], ...]
) -> SiteDrift:
    try:
        return SiteDrift(file.name, _moved(file, context, progress))
    except errors as error:
        return SiteDrift(file.name, problem=str(error))


def _moved(file: SiteFile, context: str | None, progress: Progress) -> tuple[Moved, ...]:
    with_engine = engine.installed()
    bring.refuse_without_engine(file, with_engine)
    if with_engine:
        return engine.drift(file, progress, context=context)
    with progress.step(f"looking at site {file.name} without the Pulumi CLI"):
        return live.drift(
            program,
            stack=file.name,
            kube=access_to(file, context).client(),
            config=program_config(file, context=context) | secrets_from_environment(file.site.secret_keys),
            secrets=bring.secret_keys(file),
            fingerprint=token_bytes(32),
        )
