"""A local cluster as a whole: up, down, status, images, forwards."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from images import build as image_build
from images import catalog
from infra.kube import Kube
from infra.kube_errors import KubeError
from infra.local import api, cgroups, namespaces, packages, preflight, readiness
from infra.local.addons import addons
from infra.local.components import forward_component
from infra.local.errors import LocalClusterError
from infra.local.files import settings_digest, write_files
from infra.local.layout import (
    CONTAINERD_SOCKET,
    DEFAULT_NAME,
    Layout,
    Link,
    checked_name,
    clusters_dir,
    free_link,
)
from infra.local.namespaces import Process, Record
from infra.local.programs import build_programs, module_keys
from infra.local.supervisor import Component, accepts
from infra.packages import install
from infra.progress import Progress

_READY_WITHIN = 180.0
_POLL = 0.1
_IMPORTED_PER_SECOND = 60e6
"""Bytes of image tars that containerd takes and unpacks in a second."""


@dataclass(frozen=True)
class Status:
    """How a cluster is.

    Parameters
    ----------
    name
        The cluster's name.
    state
        ``absent``, ``stopped`` (its processes are gone, its data is there), ``starting`` or ``ready``.
    node_address
        Where its NodePorts answer; None where it does not run.
    forwards
        Ports of 127.0.0.1 that reach the node.
    """

    name: str
    state: str
    node_address: str | None = None
    forwards: tuple[int, ...] = ()


class LocalCluster:
    """One disposable cluster of one node on this machine.

    Parameters
    ----------
    name
        Scopes everything the cluster has on the machine; lower case letters, digits and ``-``.
    """

    def __init__(self, name: str = DEFAULT_NAME) -> None:
        self.name = checked_name(name)
        self._layout = Layout(name)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, mode 0600; there once the cluster was started."""
        return self._layout.kubeconfig

    @property
    def context(self) -> str:
        """The name of the kubeconfig's one context."""
        return self._layout.context

    @property
    def node_address(self) -> str:
        """The node's address: NodePorts answer here, and pods reach here what `command` started."""
        return str(Link(self._recorded().link).node_address)

    @property
    def volumes(self) -> Path:
        """The folder of the volumes, one folder each, named ``<volume>_<namespace>_<claim>``."""
        return self._layout.volumes

    def up(self, progress: Progress) -> None:
        """Bring the cluster up and wait until it is ready; restarts nothing of one that runs.

        A cluster whose processes are gone, because the machine was restarted, starts again with its data.

        Raises
        ------
        LocalClusterError
            When the machine lacks something, or the cluster is not ready in time.
        """
        with _locked(self.name):
            if self._node is None:
                preflight.check_machine()
                install(packages.NEEDED, progress)
                preflight.check_kernel(clusters_dir())
                programs = build_programs(progress)
                images = image_build.build(catalog.names("cluster"), progress)
                self._start(programs, progress)
            else:
                self._say_if_outdated(progress)
                images = image_build.build(catalog.names("cluster"), progress)
            self.load_images({catalog.reference(name): tar for name, tar in images.items()}, progress)
            with progress.step("waiting for the API server", 8):
                authority = self._layout.pki / "ca.crt"
                self._wait(
                    lambda: api.answers(self.node_address, authority),
                    "the API server is not ready",
                    "kube-apiserver",
                )
            with progress.step("waiting for the node, DNS and volumes", 8):
                kube = Kube.from_kubeconfig(self.kubeconfig)
                dns, storage = map(catalog.reference, ("coredns", "local-path"))
                for manifest in addons(dns, storage, self._layout.volumes):
                    kube.apply(manifest, manager="science-local", force=True)
                self._wait(lambda: self._ready(kube), "the node or its DNS is not ready", "kubelet")

    def down(self, progress: Progress) -> None:
        """End the cluster and remove everything of it from the machine, its volumes too."""
        with _locked(self.name):
            if not self._layout.root.exists():
                progress.say(f"cluster {self.name} is not there")
                return
            with progress.step(f"removing cluster {self.name}"):
                self._end()
                shutil.rmtree(self._layout.root)

    def status(self) -> Status:
        """Return how the cluster is, without changing anything."""
        if Record.read(self._layout.record) is None:
            return Status(self.name, "absent")
        if self._node is None:
            return Status(self.name, "stopped")
        state = "ready" if self._ready(Kube.from_kubeconfig(self.kubeconfig)) else "starting"
        return Status(self.name, state, self.node_address, self._forwards())

    def load_images(self, images: Mapping[str, Path], progress: Progress) -> None:
        """Import image tars that the node does not have yet.

        Parameters
        ----------
        images
            Tar (OCI layout or Docker archive) by the reference it holds.
        progress
            Told about each image that is really imported.
        """
        socket_on_host = f"/proc/{self._running().pid}/root{CONTAINERD_SOCKET}"
        self._wait(lambda: accepts(socket_on_host), "containerd does not answer", "containerd")
        present = set(self._ctr("images", "list", "--quiet").split())
        for reference, tar in images.items():
            if reference not in present:
                with progress.step(f"importing {reference}", tar.stat().st_size / _IMPORTED_PER_SECOND):
                    self._ctr("images", "import", "--local", str(tar.resolve()))

    def forward(self, port: int, progress: Progress) -> None:
        """Make ``127.0.0.1:<port>`` of the host reach the node's ``<port>`` for as long as the cluster lives.

        Raises
        ------
        LocalClusterError
            When something else listens there; the text says which cluster, if it is one.
        """
        node = self._running()
        if port in self._forwards():
            return
        self._check_port_free(port)
        forward_component(Link(self._recorded().link), port).write(self._layout.components)
        os.kill(node.pid, signal.SIGHUP)
        self._wait(lambda: accepts(f"127.0.0.1:{port}"), f"port {port} does not answer", f"forward-{port}")
        progress.say(f"127.0.0.1:{port} reaches {self.node_address}:{port}")

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line that runs a program in the node's network; ``down`` ends the program too."""
        return [*namespaces.enter(self._running().pid, "net"), *arguments]

    @property
    def _node(self) -> Process | None:
        record = Record.read(self._layout.record)
        return record.node if record and record.node and record.node.alive() else None

    def _recorded(self) -> Record:
        record = Record.read(self._layout.record)
        if record is None:
            raise LocalClusterError(
                f"there is no cluster {self.name}: python -m infra.local up --name {self.name}"
            )
        return record

    def _running(self) -> Process:
        node = self._node
        if node is None:
            raise LocalClusterError(
                f"cluster {self.name} is not running: python -m infra.local up --name {self.name}"
            )
        return node

    def _start(self, programs: Mapping[str, Path], progress: Progress) -> None:
        layout = self._layout
        with progress.step("starting the node"):
            link = _reserve_link(layout)
            self._end()
            write_files(layout, link, programs, catalog.reference("pause"))
            since = time.time()
            node = namespaces.start(layout, link, lambda pid: cgroups.create(layout.cgroup, pid))
            settings = settings_digest(layout, link, module_keys())
            Record(link.number, node, since, settings).write(layout.record)

    def _say_if_outdated(self, progress: Progress) -> None:
        record = self._recorded()
        if record.settings != settings_digest(self._layout, Link(record.link), module_keys()):
            progress.say(
                f"cluster {self.name} runs on as it was started, with other versions or settings than these; "
                f"to renew it, volumes included: python -m infra.local down --name {self.name}, then up"
            )

    def _end(self) -> None:
        """End what may be left of the cluster, from now or from before a crash; keep its data."""
        record = Record.read(self._layout.record)
        if record and record.node:
            namespaces.end(record.node)
        if record:
            namespaces.disconnect(Link(record.link))
        cgroups.remove(self._layout.cgroup)
        for file in self._layout.components.glob("*.json"):
            file.unlink()

    def _ready(self, kube: Kube) -> bool:
        since = self._recorded().since
        try:
            return readiness.node_ready(kube.get("v1", "Node", self.name)) and all(
                readiness.rolled_out(kube.get("apps/v1", "Deployment", one.name, one.namespace))
                and readiness.really_run(kube.list("v1", "Pod", one.namespace, labels=one.labels), since)
                for one in readiness.WORKLOADS
            )
        except KubeError:
            return False

    def _wait(self, condition: Callable[[], bool], otherwise: str, component: str) -> None:
        logs = self._layout.logs
        deadline = time.monotonic() + _READY_WITHIN
        while not condition():
            if self._node is None:
                raise LocalClusterError(f"the node ended: see {logs}/supervisor.log")
            if time.monotonic() > deadline:
                raise LocalClusterError(
                    f"{otherwise} after {_READY_WITHIN:.0f} s: see {logs}/{component}.log. "
                    f"To start from nothing: python -m infra.local down --name {self.name}, then up"
                )
            time.sleep(_POLL)

    def _forwards(self) -> tuple[int, ...]:
        files = self._layout.components.glob("forward-*.json")
        return tuple(sorted(int(file.stem.removeprefix("forward-")) for file in files))

    def _check_port_free(self, port: int) -> None:
        for other in map(LocalCluster, (layout.name for layout in Layout.all())):
            if other._node and port in other._forwards():  # noqa: SLF001 - another of this class
                raise LocalClusterError(
                    f"127.0.0.1:{port} already leads to cluster {other.name}. Give this site another port, or "
                    f"remove that cluster: python -m infra.local down --name {other.name}"
                )
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise LocalClusterError(
                    f"127.0.0.1:{port} cannot be used: {error.strerror}. `ss -ltnp 'sport = :{port}'` shows a "
                    "program that has it: end it, or give this site another port."
                ) from error

    def _ctr(self, *arguments: str) -> str:
        argv = Component.read(self._layout.components / "containerd.json").argv
        containerd = next(Path(word) for word in argv if Path(word).name == "containerd")
        ctr = [str(containerd.with_name("ctr")), "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io"]
        done = subprocess.run(
            [*namespaces.enter(self._running().pid, "mount"), *ctr, *arguments],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise LocalClusterError(f"containerd refused `{' '.join(arguments)}`: {done.stderr.strip()}")
        return done.stdout


@contextmanager
def _locked(what: str) -> Iterator[None]:
    """Let one process at a time change ``what``: a cluster, or the set of links."""
    clusters_dir().mkdir(parents=True, exist_ok=True)
    with (clusters_dir() / f".{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _reserve_link(layout: Layout) -> Link:
    """Return the cluster's link, choosing and recording a free one for a cluster that has none."""
    with _locked("links"):
        if record := Record.read(layout.record):
            return Link(record.link)
        others = filter(None, (Record.read(other.record) for other in Layout.all()))
        link = free_link({other.link for other in others}, _routes())
        layout.root.mkdir(parents=True, exist_ok=True)
        Record(link.number).write(layout.record)
        return link


def _routes() -> list[IPv4Network]:
    """Return the destinations of the host's routes, the default one left out."""
    shown = subprocess.run(["ip", "-json", "-4", "route"], check=True, capture_output=True, text=True).stdout
    return [IPv4Network(route["dst"]) for route in json.loads(shown or "[]") if route["dst"] != "default"]
