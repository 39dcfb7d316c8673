"""Reaching a site's cluster from the operator's machine: which it is, getting it ready, a client for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from components.storage.limits import amounts
from images import build, catalog, load
from infra import claims
from infra.kube import Kube
from infra.local.cluster import LocalCluster
from infra.progress import Progress
from infra.quota_claims import quota_findings
from stacks import engine, render
from stacks.plan import Plan
from stacks.sites import SiteFile


class ClaimsError(Exception):
    """The cluster is not what the site file says; the text lists what is missing and what to do."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """A kubeconfig, its path or its text, and a context; without a kubeconfig, the operator's own."""

    kubeconfig: Path | str | None = field(repr=False)
    context: str | None

    def client(self) -> Kube:
        """Return a client; nothing is contacted yet."""
        return Kube.from_kubeconfig(self.kubeconfig, self.context)


def access_to(file: SiteFile, context: str | None = None) -> Access:
    """Return how a site's cluster is reached.

    Raises
    ------
    EngineError
        If the stack makes the cluster, and has not yet.
    """
    spec = file.site.cluster
    if spec.kind == "openstack" or spec.kind == "aws":  # noqa: PLR1714 - a set would not narrow the type
        return Access(kubeconfig=engine.kubeconfig(file), context=None)
    if spec.kind == "existing":
        kubeconfig = Path(spec.kubeconfig).expanduser() if spec.kubeconfig else None
        return Access(kubeconfig=kubeconfig, context=spec.context)
    if context is not None:
        return Access(kubeconfig=None, context=context)
    local = LocalCluster(spec.name)
    return Access(kubeconfig=local.kubeconfig, context=local.context)


def findings(file: SiteFile) -> list[claims.Finding]:
    """Return what the site claims of its cluster, each with its verdict; local clusters are what they are."""
    spec = file.site.cluster
    if spec.kind != "existing":
        return []
    to_volume = file.site.backup is not None and file.site.backup.to.kind == "volume"
    state = ("state", "backups") if to_volume else ("state",)
    purposes = (*file.site.storage.purposes, *state)
    facts, quotas = claims.observe(access_to(file).client()), file.site.storage.quotas
    limited = list(amounts(quotas)) if quotas else []
    return [
        *claims.examine(spec, purposes, facts),
        *quota_findings(spec, quotas.held_by if quotas else "", limited, facts),
    ]


def make_ready(file: SiteFile, planned: Plan, progress: Progress, *, context: str | None) -> None:
    """Bring the site's cluster to where the plan can be applied: running, with the images, as claimed.

    Raises
    ------
    ClaimsError
        An existing cluster is not what the site file says.
    """
    spec = file.site.cluster
    if spec.kind == "existing":
        with progress.step("checking what the site claims of its cluster"):
            refuse_false_claims(findings(file))
        return
    if spec.kind != "local":
        return
    images = build.build(own_images(planned), progress)
    tars = {catalog.reference(name, file.site.images.registry): tar for name, tar in images.items()}
    if context is not None:
        load.load(tars, load_target(context), progress)
        return
    local = LocalCluster(spec.name)
    local.up(progress)
    local.load_images(tars, progress)
    if file.site.edge.node_port is not None:
        local.forward(file.site.edge.node_port, progress)


def refuse_false_claims(found: Iterable[claims.Finding]) -> None:
    """Raise `ClaimsError` with every claim that has to hold and does not."""
    false = [finding for finding in found if finding.blocking and not finding.holds]
    if false:
        lines = [f"- {finding.claim}: no\n  {finding.advice}" for finding in false]
        raise ClaimsError("the cluster is not what the site file says:\n" + "\n".join(lines))


def own_images(planned: Plan) -> list[str]:
    """Return the names of the project's images that a plan uses, in pods or in the hub's settings."""
    text = render.to_json(planned)
    return [name for name in catalog.names("platform") if f"/{name}:{catalog.tag(name)}" in text]


def load_target(context: str) -> str:
    """Return where images are loaded for a context of kind or minikube.

    Raises
    ------
    ClaimsError
        For any other: nobody could get the images there.
    """
    if context.startswith("kind-"):
        return f"kind:{context.removeprefix('kind-')}"
    if context == "minikube" or context.startswith("minikube-"):
        return f"minikube:{context}"
    raise ClaimsError(
        f"do not know how to load images into the cluster of context {context!r}: push them to a registry "
        "(python -m images push), set images.registry, and describe the cluster as kind: existing"
    )
