"""Bare pods: what Kubernetes does with an image by itself, beside what the platform does with it."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from images import catalog
from infra.kube import Kube
from infra.local.cluster import LocalCluster

NAMESPACE = "bench-bare"
MANAGER = "science-bench"
WITHIN = 60
"""Seconds after which a bare pod is taken to be broken."""

ASK = """
import http.client, sys, time
host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
while True:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        if connection.getresponse().status < 500:
            break
    except (OSError, http.client.HTTPException):
        pass
    time.sleep(0.02)
"""
"""Asks until something answers. It starts before the container does, so its own start costs nothing."""


class BareError(Exception):
    """A bare pod did not do what it is for; the text has its last words."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What runs in a bare pod, with the limits that the platform gives it.

    Parameters
    ----------
    image
        Name in the catalogue.
    port, path
        Where it answers over HTTP, if it does.
    limits
        ``cpu`` and ``memory``, as Kubernetes writes them.
    """

    image: str
    arguments: Sequence[str]
    port: int | None = None
    path: str = "/"
    env: Mapping[str, str]
    limits: Mapping[str, str]


@dataclass(frozen=True)
class Start:
    """Seconds from the request for a pod until its container ran, and until it answered."""

    running: float
    answered: float


def manifest(name: str, program: Program) -> dict[str, Any]:
    """Return the pod: as little as a pod can be, under the same security context as the platform's."""
    folders = {"tmp": "/tmp", "home": "/home/jovyan"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "runAsGroup": 1000,
                "fsGroup": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [{"name": folder, "emptyDir": {}} for folder in folders],
            "containers": [
                {
                    "name": "bare",
                    "image": catalog.reference(program.image),
                    "args": list(program.arguments),
                    "env": [{"name": name, "value": value} for name, value in program.env.items()],
                    "volumeMounts": [{"name": each, "mountPath": path} for each, path in folders.items()],
                    "resources": {
                        "requests": {"cpu": "100m", "memory": "64Mi"},
                        "limits": dict(program.limits),
                    },
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }


def runs(pod: Mapping[str, Any]) -> bool:
    """Return whether the containers of a pod run."""
    statuses = pod.get("status", {}).get("containerStatuses", [])
    return bool(statuses) and all("running" in each["state"] for each in statuses)


class BarePods:
    """A namespace without policies or anything else in it; a context manager.

    Parameters
    ----------
    cluster
        Where the images are already.
    """

    def __init__(self, cluster: LocalCluster) -> None:
        self.cluster = cluster
        self.kube = Kube.from_kubeconfig(cluster.kubeconfig)

    def __enter__(self) -> Self:
        """Make the namespace."""
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        self.kube.apply(space, manager=MANAGER)
        # No pod is admitted before its account is there.
        self.kube.wait(
            "v1", "ServiceAccount", "default", NAMESPACE, until=lambda found: found is not None, timeout=30
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the namespace and wait until it is gone."""
        self.kube.delete("v1", "Namespace", NAMESPACE)
        self.kube.wait("v1", "Namespace", NAMESPACE, until=lambda found: found is None, timeout=120)

    @contextmanager
    def started(self, program: Program) -> Iterator[tuple[Start, dict[str, Any]]]:
        """Start a pod, wait until it answers, and give how long that took and the pod; it is deleted at the end."""
        name = program.image
        began = time.monotonic()
        made = self.kube.create(manifest(name, program), manager=MANAGER)
        try:
            yield self._follow(made, program, began)
        finally:
            self.kube.delete("v1", "Pod", name, NAMESPACE)
            self.kube.wait("v1", "Pod", name, NAMESPACE, until=lambda found: found is None, timeout=60)

    def await_line(self, pod: Mapping[str, Any], line: str) -> None:
        """Wait until a pod has written a line.

        Raises
        ------
        BareError
            It has not within a minute.
        """
        name, end = pod["metadata"]["name"], time.monotonic() + WITHIN
        while line not in self.kube.logs(name, NAMESPACE).splitlines():
            if time.monotonic() > end:
                raise self._error(name)
            time.sleep(0.1)

    def _follow(self, made: dict[str, Any], program: Program, began: float) -> tuple[Start, dict[str, Any]]:
        asking: subprocess.Popen[bytes] | None = None
        name, version = made["metadata"]["name"], made["metadata"]["resourceVersion"]
        fields = f"metadata.name={name}"
        try:
            for _, pod in self.kube.watch(
                "v1", "Pod", NAMESPACE, fields=fields, since=version, timeout=WITHIN
            ):
                address = pod["status"].get("podIP")
                if asking is None and address and program.port is not None:
                    asking = subprocess.Popen(self._ask(address, program))
                if runs(pod):
                    running = time.monotonic() - began
                    if asking is not None:
                        asking.wait(timeout=WITHIN)
                    return Start(running, time.monotonic() - began), pod
        except subprocess.TimeoutExpired:
            raise self._error(name) from None
        finally:
            if asking is not None:
                asking.kill()
                asking.wait()
        raise self._error(name)

    def _ask(self, address: str, program: Program) -> list[str]:
        ask = [sys.executable, "-I", "-S", "-c", ASK, address, str(program.port), program.path]
        return self.cluster.command(ask)

    def _error(self, name: str) -> BareError:
        return BareError(
            f"the bare pod {name} was not ready within {WITHIN} s:\n{self.kube.logs(name, NAMESPACE, tail=20)}"
        )
