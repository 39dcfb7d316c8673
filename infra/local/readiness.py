"""Whether a cluster is ready: pure functions of what its API server says."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from infra.local.addons import DNS_LABELS, DNS_NAMESPACE, STORAGE_LABELS, STORAGE_NAMESPACE


@dataclass(frozen=True)
class Workload:
    """A deployment that must run before a cluster counts as ready.

    Parameters
    ----------
    namespace, name
        The deployment.
    labels
        Of its pods.
    """

    namespace: str
    name: str
    labels: dict[str, str]


WORKLOADS = (
    Workload(DNS_NAMESPACE, "coredns", DNS_LABELS),
    Workload(STORAGE_NAMESPACE, "local-path-provisioner", STORAGE_LABELS),
)


def node_ready(node: dict[str, Any] | None) -> bool:
    """Return whether a node says that it is ready."""
    conditions = (node or {}).get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def rolled_out(deployment: dict[str, Any] | None) -> bool:
    """Return whether all of a deployment's pods are of its newest template and available."""
    if deployment is None:
        return False
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    return (
        status.get("observedGeneration") == deployment["metadata"]["generation"]
        and status.get("updatedReplicas") == wanted
        and status.get("availableReplicas") == wanted
    )


def really_run(pods: list[dict[str, Any]], since: float) -> bool:
    """Return whether all containers are ready and were started in this life of the node.

    After a crash the API server remembers pods as ready that are gone; they are told by their start.

    Parameters
    ----------
    pods
        Pods; those that are being deleted do not count.
    since
        When the node was started, in seconds of Unix time.
    """
    staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    containers = [one for pod in staying for one in pod["status"].get("containerStatuses", [])]
    return len(containers) >= len(staying) > 0 and all(
        one["ready"] and _started(one) >= int(since) for one in containers
    )


def _started(container: dict[str, Any]) -> float:
    running = container["state"].get("running")
    return dt.datetime.fromisoformat(running["startedAt"]).timestamp() if running else 0.0
