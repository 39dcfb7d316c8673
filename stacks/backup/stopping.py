"""Stopping what has a site's volumes and databases open while they are put back, and starting it again."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from components.objects import namespace_of
from components.policies import USER_SERVER
from infra.kube import Kube
from infra.progress import Progress
from stacks.backup.errors import BackupError
from stacks.backup.jobs import Object, Source
from stacks.readiness import await_ready

_SECONDS = 180
_MOST_NAMED = 5


def servers(kube: Kube, site: str) -> list[Object]:
    """Return the pods of people's servers."""
    return kube.list("v1", "Pod", namespace_of(site), labels={"app.kubernetes.io/component": USER_SERVER})


def stop_servers(kube: Kube, site: str, progress: Progress, *, allowed: bool) -> None:
    """Stop people's servers; they would write to what is put back.

    Raises
    ------
    BackupError
        There are some, and nobody said that they may be stopped.
    """
    running = servers(kube, site)
    if not running:
        return
    names = sorted(pod["metadata"]["name"] for pod in running)
    if not allowed:
        shown = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
        raise BackupError(
            f"{len(names)} of people's servers run and write to what is to be put back ({shown}): ask people to stop "
            "them, or stop them with --stop-servers"
        )
    with progress.step(f"stopping {len(names)} of people's servers"):
        for name in names:
            kube.delete("v1", "Pod", name, namespace_of(site))
        _await_gone(kube, site, names)


def _await_gone(kube: Kube, site: str, names: Iterable[str]) -> None:
    for name in names:
        kube.wait("v1", "Pod", name, namespace_of(site), until=lambda pod: pod is None, timeout=_SECONDS)


def users_of(deployments: Iterable[Object], sources: Sequence[Source]) -> list[Object]:
    """Return the Deployments that use what is restored: a database's user, and who mounts a volume."""
    users = {source.user for source in sources}
    claims = {source.claim for source in sources if source.claim}
    return [
        item
        for item in deployments
        if item["metadata"]["name"] in users or claims & set(_claims(item["spec"]["template"]["spec"]))
    ]


def _claims(pod: dict[str, Any]) -> Iterator[str]:
    for volume in pod.get("volumes", []):
        if "persistentVolumeClaim" in volume:
            yield volume["persistentVolumeClaim"]["claimName"]


@contextmanager
def stopped(kube: Kube, site: str, sources: Sequence[Source], progress: Progress) -> Iterator[None]:
    """Stop who uses the sources for as long as the body runs; `python -m stacks up` starts them as well."""
    namespace = namespace_of(site)
    found = users_of(kube.list("apps/v1", "Deployment", namespace), sources)
    replicas = {item["metadata"]["name"]: item["spec"].get("replicas", 1) for item in found}
    try:
        with progress.step(f"stopping {', '.join(replicas)}"):
            for name in replicas:
                _scale(kube, namespace, name, 0)
            for item in found:
                labels = item["spec"]["selector"]["matchLabels"]
                pods = kube.list("v1", "Pod", namespace, labels=labels)
                _await_gone(kube, site, [pod["metadata"]["name"] for pod in pods])
        yield
    finally:
        # What was at nothing before was stopped by a run that was killed: the site's file says one at least.
        with progress.step(f"starting {', '.join(replicas)}"):
            live = [_scale(kube, namespace, name, max(count, 1)) for name, count in replicas.items()]
            await_ready(kube, live, progress, timeout=_SECONDS)


def _scale(kube: Kube, namespace: str, name: str, replicas: int) -> Object:
    return kube.merge("apps/v1", "Deployment", name, namespace, {"spec": {"replicas": replicas}})
