"""Bringing a site up and down: the cluster, the images, the platform, and the wait until it answers."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from components.objects import namespace_of
from infra.kube import Kube
from infra.paths import state_dir
from infra.progress import Progress
from stacks import apply, engine
from stacks.access import access_to, make_ready
from stacks.apply_errors import ApplyError
from stacks.journey.offer import Offer
from stacks.masking import reveal
from stacks.plan import Plan, plan
from stacks.program import main as program
from stacks.readiness import await_ready
from stacks.site_frame import PROJECT
from stacks.sites import SiteFile, program_config, secrets_from_environment


def secret_keys(file: SiteFile) -> list[str]:
    """Return the site's secret configuration keys, with the project in front."""
    return [f"{PROJECT}:{key}" for key in file.site.secret_keys]


def plan_of(
    file: SiteFile, *, context: str | None = None, preview: bool = False, fingerprint: bytes | None = None
) -> Plan:
    """Return the site's plan; nothing is contacted, and no secret is needed."""
    return plan(
        program,
        stack=file.name,
        config=program_config(file, context=context),
        secrets=secret_keys(file),
        preview=preview,
        fingerprint=fingerprint,
    )


def outputs_path(site: str) -> Path:
    """Return the file that keeps a site's capability record after the last ``up`` from this machine."""
    return state_dir() / "sites" / f"{site}.json"


def remembered_outputs(site: str) -> dict[str, Any]:
    """Return the capability record of the last ``up`` from this machine.

    Raises
    ------
    ApplyError
        If there was none.
    """
    path = outputs_path(site)
    if not path.is_file():
        raise ApplyError(f"site {site} was not brought up from this machine: python -m stacks up {site}")
    return json.loads(path.read_text())


def up(file: SiteFile, progress: Progress, *, context: str | None, force_unlock: bool) -> dict[str, Any]:
    """Make the site what its file says, wait until it answers, and return its capability record."""
    planned = plan_of(file, context=context)
    with_engine = engine.installed()
    refuse_without_engine(file, with_engine)
    make_ready(file, planned, progress, context=context)
    if with_engine:
        progress.say(f"with Pulumi: {with_engine}")
        record = dict(engine.up(file, progress, context=context))
        kube = access_to(file, context).client()
    else:
        progress.say("without the Pulumi CLI (not on PATH): applied directly, as disposable sites may be")
        kube = access_to(file, context).client()
        record = _apply(file, kube, progress, context=context, force_unlock=force_unlock)
    await_ready(kube, live_objects(kube, planned), progress)
    if not answers(record):
        progress.say(
            f"all is ready, but nobody answers at {record['url']} from here: does its name lead to the edge's address?"
        )
    path = outputs_path(file.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1))
    return record


def answers(record: Mapping[str, Any], *, within: float = 60) -> bool:
    """Return whether the site's hub answers at its URL, waiting for it for some seconds."""
    deadline = time.monotonic() + within
    with Offer.of(record).route.client(timeout=5) as client:
        while True:
            try:
                if client.get(f"{record['url']}/hub/health").is_success:
                    return True
            except (httpx.HTTPError, OSError):
                pass  # not yet; the reason of the last try would not help more than what the caller says
            if time.monotonic() > deadline:
                return False
            time.sleep(0.5)


def refuse_without_engine(file: SiteFile, with_engine: str | None) -> None:
    """Raise `ApplyError` where only Pulumi's engine may bring a site up or down."""
    if not with_engine and file.site.cluster.made:
        raise ApplyError(
            f"site {file.name} makes its cluster on a cloud: that takes the Pulumi CLI. Install it with: make pulumi"
        )
    if not with_engine and not file.site.disposable:
        raise ApplyError(
            f"site {file.name} is not disposable: it needs the Pulumi CLI, which keeps its state and shows what "
            "will change. Install it with: make pulumi"
        )


def _apply(
    file: SiteFile, kube: Kube, progress: Progress, *, context: str | None, force_unlock: bool
) -> dict[str, Any]:
    applied = apply.up(
        program,
        stack=file.name,
        kube=kube,
        progress=progress,
        config=program_config(file, context=context) | secrets_from_environment(file.site.secret_keys),
        secrets=secret_keys(file),
        force_unlock=force_unlock,
    )
    progress.say(str(applied))
    return {key: reveal(value) for key, value in applied.outputs.items()}


def live_objects(kube: Kube, planned: Plan) -> list[Mapping[str, Any]]:
    """Return the planned objects as they are in the cluster."""
    live = []
    for manifest in planned.manifests():
        meta: Any = manifest["metadata"]
        found = kube.get(
            str(manifest["apiVersion"]), str(manifest["kind"]), meta["name"], meta.get("namespace")
        )
        if found is not None:
            live.append(found)
    return live


def down(
    file: SiteFile, progress: Progress, *, context: str | None, everything: bool, force_unlock: bool
) -> None:
    """Take the site down; what it keeps stays, unless everything is to go."""
    with_engine = engine.installed()
    refuse_without_engine(file, with_engine)
    # A cluster that goes too takes its pods with it.
    kube = None if file.site.cluster.made and everything else access_to(file, context).client()
    if with_engine:
        progress.say(f"with Pulumi: {with_engine}")
        engine.down(file, progress, everything=everything)
    elif kube is not None:
        progress.say("without the Pulumi CLI (not on PATH): taken down directly")
        counts = apply.destroy(file.name, kube, progress, everything=everything, force_unlock=force_unlock)
        progress.say(apply.in_words(counts))
    if kube is not None:
        await_no_pods(kube, file.name, progress)
    if everything:
        outputs_path(file.name).unlink(missing_ok=True)


def await_no_pods(kube: Kube, site: str, progress: Progress, *, timeout: float = 360) -> None:
    """Wait until the site's pods have ended: people's servers, and what lets requests finish first.

    Raises
    ------
    ApplyError
        If some are left after so many seconds.
    """
    deadline = time.monotonic() + timeout
    with progress.step("waiting for the last pods to end"):
        while pods := kube.list("v1", "Pod", namespace_of(site)):
            if time.monotonic() > deadline:
                names = ", ".join(pod["metadata"]["name"] for pod in pods)
                raise ApplyError(
                    f"pods of site {site} do not end: {names}. Look at them: kubectl -n "
                    f"{namespace_of(site)} describe pods; run down again to go on"
                )
            time.sleep(0.5)
