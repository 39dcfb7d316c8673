"""How a site is: its workloads, its volumes, and who is working on it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from components.hub.manifests import token_secret
from components.identity.manifests import SECRET
from components.objects import namespace_of
from infra.kube import Kube
from stacks.apply_errors import ApplyError
from stacks.backup.state import BackupState, in_words, states_of
from stacks.journey.offer import Offer

WORKLOADS = (("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet"))


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A workload: how many of its pods are wanted, and how many are ready."""

    name: str
    wanted: int
    ready: int


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A claim: its size, and whether it is bound to a volume."""

    name: str
    size: str
    phase: str


@dataclass(frozen=True, kw_only=True)
class Working:
    """A user with a server."""

    user: str
    servers: Sequence[str]
    last_activity: str | None


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a site is; ``working`` is None where the hub does not answer."""

    site: str
    workloads: Sequence[Workload]
    volumes: Sequence[Volume]
    working: Sequence[Working] | None
    backups: Sequence[BackupState] = ()

    @property
    def well(self) -> bool:
        """Whether all is there that should be, and the hub answers."""
        there = all(workload.ready >= workload.wanted for workload in self.workloads)
        saved = not any(each.failure for each in self.backups)
        return bool(self.workloads) and there and saved and self.working is not None

    def text(self) -> str:
        """Return the status for people."""
        lines = [
            f"{'ok' if each.ready >= each.wanted else 'NOT READY':>10}  {each.name}: {each.ready} of {each.wanted}"
            for each in self.workloads
        ]
        lines += [f"{each.phase.lower():>10}  volume {each.name}, {each.size}" for each in self.volumes]
        lines += in_words(self.backups)
        if self.working is None:
            lines.append(f"{'NO ANSWER':>10}  the hub")
        else:
            lines.append(f"{len(self.working):>10}  working")
            lines += [
                f"{'':>10}  {each.user}: {', '.join(name or 'default' for name in each.servers)}, "
                f"active {each.last_activity}"
                for each in self.working
            ]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the status for programs."""
        return asdict(self)


def read_secret(kube: Kube, site: str, name: str) -> dict[str, str]:
    """Return what a Secret of the site holds, decoded.

    Raises
    ------
    ApplyError
        If it is not there.
    """
    found = kube.get("v1", "Secret", name, namespace_of(site))
    if found is None:
        raise ApplyError(f"site {site} has no Secret {name}: is it up? python -m stacks up {site}")
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}


def passwords(kube: Kube, site: str) -> dict[str, str]:
    """Return a disposable site's passwords: ``userPassword`` and ``adminPassword``."""
    return read_secret(kube, site, SECRET)


def status_of(kube: Kube, site: str, record: Mapping[str, Any]) -> Status:
    """Return how the site with this capability record is."""
    namespace = namespace_of(site)
    workloads = [
        _workload(item) for version, kind in WORKLOADS for item in kube.list(version, kind, namespace)
    ]
    volumes = [
        Volume(
            name=item["metadata"]["name"],
            size=item["spec"]["resources"]["requests"]["storage"],
            phase=item["status"].get("phase", "unknown"),
        )
        for item in kube.list("v1", "PersistentVolumeClaim", namespace)
    ]
    token = read_secret(kube, site, token_secret("status"))["token"] if workloads else ""
    return Status(
        site=site,
        workloads=sorted(workloads, key=lambda each: each.name),
        volumes=volumes,
        working=_working(record, token) if token else None,
        backups=states_of(kube, site),
    )


def _workload(item: Mapping[str, Any]) -> Workload:
    status = item.get("status", {})
    if item["kind"] == "DaemonSet":
        wanted, ready = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
    else:
        wanted, ready = item["spec"].get("replicas", 1), status.get("readyReplicas", 0)
    return Workload(name=item["metadata"]["name"], wanted=wanted, ready=ready)


def _working(record: Mapping[str, Any], token: str) -> list[Working] | None:
    offer = Offer.of(record)
    try:
        with offer.route.client(timeout=10) as client:
            answer = client.get(
                f"{record['url']}/hub/api/users?state=active", headers={"Authorization": f"token {token}"}
            )
            answer.raise_for_status()
    except (httpx.HTTPError, OSError):
        return None
    return [
        Working(user=user["name"], servers=sorted(user["servers"]), last_activity=user.get("last_activity"))
        for user in answer.json()
    ]
