"""One change of a stack at a time: a Lease in the cluster, renewed for as long as its holder lives."""

import getpass
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from infra.kube import Kube
from infra.kube_errors import KubeError
from stacks.apply_record import LABELS, MANAGER, NAMESPACE

_LEASE = ("coordination.k8s.io/v1", "Lease")
_SECONDS = 60
_CONFLICT = 409


class LockedError(Exception):
    """Someone else is changing the stack."""


class Lock:
    """The right to change one stack; see `locked`."""

    def __init__(self, kube: Kube, stack: str) -> None:
        self._kube = kube
        self._stack = stack
        # The process ID and the start time tell two runs of one person apart.
        self._holder = f"{getpass.getuser()}@{socket.gethostname()} (process {os.getpid()}, {_now()})"
        self._stop = threading.Event()
        self._lost = ""

    def check(self) -> None:
        """Raise `LockedError` where someone has taken the lock away."""
        if self._lost:
            raise LockedError(f"{self._lost}: stopped, what has been done so far is recorded")

    def acquire(self, *, force: bool) -> None:
        """Take the lock, or say who has it."""
        lease = self._kube.get(*_LEASE, self._stack, NAMESPACE)
        if lease is None:
            metadata = {"name": self._stack, "namespace": NAMESPACE, "labels": LABELS}
            lease = {"apiVersion": _LEASE[0], "kind": _LEASE[1], "metadata": metadata, "spec": self._spec()}
            send = self._kube.create
        else:
            if not force and (message := held(lease["spec"], datetime.now(UTC), self._stack)):
                raise LockedError(message)
            lease["spec"] = self._spec()
            send = self._kube.replace
        try:
            send(lease, manager=MANAGER)
        except KubeError as error:
            if error.status == _CONFLICT:
                raise LockedError(
                    f"another run has just begun to change {self._stack}: try again later"
                ) from error
            raise
        threading.Thread(target=self._keep_renewing, name="lock", daemon=True).start()

    def release(self) -> None:
        """Give the lock back, if it is still ours."""
        self._stop.set()
        lease = self._kube.get(*_LEASE, self._stack, NAMESPACE)
        if lease and lease["spec"].get("holderIdentity") == self._holder:
            self._kube.delete(*_LEASE, self._stack, NAMESPACE)

    def _spec(self) -> dict[str, Any]:
        now = _now()
        return {
            "holderIdentity": self._holder,
            "leaseDurationSeconds": _SECONDS,
            "acquireTime": now,
            "renewTime": now,
        }

    def renew(self) -> None:
        """Give a sign of life, or find out that someone has taken the lock away."""
        lease = self._kube.get(*_LEASE, self._stack, NAMESPACE)
        if lease and lease["spec"].get("holderIdentity") == self._holder:
            lease["spec"]["renewTime"] = _now()
            self._kube.replace(lease, manager=MANAGER)
        elif not self._stop.is_set():
            self._lost = f"another run has taken over {self._stack}"

    def _keep_renewing(self) -> None:
        while not self._lost and not self._stop.wait(_SECONDS / 4):
            with suppress(
                KubeError
            ):  # the next time may succeed; if none does, the main thread fails as well
                self.renew()


@contextmanager
def locked(kube: Kube, stack: str, *, force: bool = False) -> Iterator[Lock]:
    """Hold the lock of ``stack`` for the body.

    Parameters
    ----------
    force
        Take it even from someone who seems to be alive; that run stops at its next change.

    Raises
    ------
    LockedError
        Someone else has it. The lock of a run that died without giving it back expires after a minute.
    """
    lock = Lock(kube, stack)
    lock.acquire(force=force)
    try:
        yield lock
    finally:
        lock.release()


def held(spec: dict[str, Any], now: datetime, stack: str) -> str:
    """Return who holds a lease, in words; empty where nobody does (any longer)."""
    holder = spec.get("holderIdentity")
    if not holder or not spec.get("renewTime"):
        return ""
    silent = (now - datetime.fromisoformat(spec["renewTime"])).total_seconds()
    if silent > spec.get("leaseDurationSeconds", _SECONDS):
        return ""
    return (
        f"{stack} is being changed by {holder}, who last showed a sign of life {max(0, round(silent))} s ago: wait "
        f"for that run to end; if it is dead, wait {_SECONDS} s, or take over with --force-unlock"
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
