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
from infra.local import cgroups, namespaces, packages, preflight
from infra.local.addons import addons
from infra.local.api import Api
from infra.local.certificates import write_pki, write_private
from infra.local.components import forward_component, node_components
from infra.local.errors import LocalClusterError
from infra.local.layout import (
    CONTAINERD_SOCKET,
    Layout,
    Link,
    checked_name,
    clusters_dir,
    free_link,
)
from infra.local.namespaces import Process, Record
from infra.local.programs import build_programs
from infra.local.rendering import (
    API_PORT,
    configuration,
    etcd_identities,
    kubeconfig,
    kubernetes_identities,
)
from infra.local.supervisor import Component, accepts
from infra.progress import Progress

DEFAULT_NAME = "science"
_READY_WITHIN = 180.0
_POLL = 0.1


@dataclass(frozen=True)
class Status:
    """How a cluster is.

    Parameters
    ----------
    name
        The cluster's name.
    state
        ``absent``, ``stopped`` (its process is gone, its data is there), ``starting`` or ``ready``.
    node_address
        Where its NodePorts answer; None where it is absent.
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
        """The administrator's kubeconfig, its context named ``science-local-<name>``."""
        return self._layout.kubeconfig

    @property
    def context(self) -> str:
        """The name of the kubeconfig's one context."""
        return f"science-local-{self.name}"

    @property
    def node_address(self) -> str:
        """The node's address: NodePorts answer here, and pods reach here what `exec` started."""
        return str(self._link.node_address)

    @property
    def volumes(self) -> Path:
        """The folder that holds what persistent volume claims hold, one folder per volume."""
        return self._layout.volumes

    def up(self, progress: Progress) -> None:
        """Bring the cluster up and wait until it is ready; does nothing to one that is.

        A cluster whose process is gone (the machine was restarted) is started again with its data.

        Raises
        ------
        LocalClusterError
            When the machine lacks something, or the cluster is not ready in time.
        """
        with self._locked():
            if self._node is None:
                preflight.check_machine()
                packages.install(progress)
                preflight.check_kernel(clusters_dir())
                programs = build_programs(progress)
                images = image_build.build(catalog.names("cluster"), progress)
                self._start(programs, progress)
            else:
                images = image_build.build(catalog.names("cluster"), progress)
            self.load_images({catalog.reference(name): tar for name, tar in images.items()}, progress)
            with progress.step("waiting for the API server", 8):
                self._wait(self._api().ready, "the API server is not ready", "kube-apiserver")
            self._install_addons(progress)

    def down(self, progress: Progress) -> None:
        """End the cluster and remove everything of it from the machine, its volumes too."""
        with self._locked():
            record = Record.read(self._layout.record)
            if record is None and not self._layout.root.exists():
                progress.say(f"cluster {self.name} is not there")
                return
            with progress.step(f"removing cluster {self.name}"):
                self._end(record)
                shutil.rmtree(self._layout.root)

    def status(self) -> Status:
        """Return how the cluster is, without changing anything."""
        record = Record.read(self._layout.record)
        if record is None:
            return Status(self.name, "absent")
        state = "stopped" if self._node is None else "ready" if self._ready() else "starting"
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
        self._wait(
            lambda: accepts_inside(self._running(), CONTAINERD_SOCKET),
            "containerd is not there",
            "containerd",
        )
        present = set(self._ctr("images", "list", "--quiet").split())
        for reference, tar in images.items():
            if reference in present:
                continue
            with progress.step(f"importing {reference}", tar.stat().st_size / 60e6):
                self._ctr("images", "import", "--local", str(tar))

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
        for other in Layout.all():
            if other.name != self.name and (other.components / f"forward-{port}.json").exists():
                raise LocalClusterError(
                    f"127.0.0.1:{port} already leads to cluster {other.name}. Give this site another port, or "
                    f"remove that cluster: python -m infra.local down --name {other.name}"
                )
        if not _free(port):
            raise LocalClusterError(
                f"127.0.0.1:{port} is taken by another program (`ss -ltnp 'sport = :{port}'` shows it). "
                "End it, or give this site another port."
            )
        forward_component(self._link, port).write(self._layout.components)
        os.kill(node.pid, signal.SIGHUP)
        self._wait(
            lambda: accepts(f"127.0.0.1:{port}"), f"127.0.0.1:{port} does not answer", f"forward-{port}"
        )
        progress.say(f"127.0.0.1:{port} reaches {self.node_address}:{port}")

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line that runs a program in the node's network; it ends with the cluster."""
        return [*namespaces.enter(self._running().pid, "net"), *arguments]

    @property
    def _link(self) -> Link:
        record = Record.read(self._layout.record)
        if record is None:
            raise LocalClusterError(f"there is no cluster {self.name}: {self._up_command}")
        return Link(record.link)

    @property
    def _node(self) -> Process | None:
        record = Record.read(self._layout.record)
        return record.node if record and record.node and record.node.alive() else None

    @property
    def _up_command(self) -> str:
        return f"python -m infra.local up --name {self.name}"

    def _running(self) -> Process:
        node = self._node
        if node is None:
            raise LocalClusterError(f"cluster {self.name} is not running: {self._up_command}")
        return node

    def _api(self) -> Api:
        return Api(self.node_address, self._layout.pki)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one command at a time change this cluster."""
        clusters_dir().mkdir(parents=True, exist_ok=True)
        with (clusters_dir() / f".{self.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self, programs: Mapping[str, Path], progress: Progress) -> None:
        layout = self._layout
        with progress.step("starting the node"):
            link = self._reserve_link()
            self._end(Record.read(layout.record))
            self._write_files(link, programs)
            node = namespaces.start(layout, link, lambda pid: cgroups.create(layout.cgroup, pid))
            Record(link.number, node).write(layout.record)

    def _reserve_link(self) -> Link:
        with (clusters_dir() / ".links.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            record = Record.read(self._layout.record)
            if record:
                return Link(record.link)
            taken = {record.link for layout in Layout.all() if (record := Record.read(layout.record))}
            link = free_link(taken, _routes())
            self._layout.root.mkdir(parents=True, exist_ok=True)
            Record(link.number).write(self._layout.record)
            return link

    def _write_files(self, link: Link, programs: Mapping[str, Path]) -> None:
        layout = self._layout
        for folder in (layout.components, layout.logs, layout.volumes, layout.config / "cni"):
            folder.mkdir(parents=True, exist_ok=True)
        for component in ("containerd", "kubelet", "cni", "log"):
            layout.data(component).mkdir(parents=True, exist_ok=True)
        # etcd insists on a folder that only its owner reads.
        layout.data("etcd").mkdir(mode=0o700, exist_ok=True)
        if not layout.pki.exists():
            self._write_pki(link)
        rendered = configuration(layout, catalog.reference("pause"), packages.CNI_PLUGINS, dict(programs))
        for path, text in rendered.files.items():
            (layout.config / path).write_text(text)
        for path, identity in rendered.kubeconfigs.items():
            self._write_kubeconfig(layout.config / path, identity, "127.0.0.1")
        self._write_kubeconfig(layout.kubeconfig, "admin", str(link.node_address))
        for component in node_components(layout, link, programs):
            component.write(layout.components)

    def _write_pki(self, link: Link) -> None:
        staging = self._layout.pki.with_suffix(".new")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        write_pki(staging, self.name, kubernetes_identities(self.name, link), etcd_identities())
        staging.rename(self._layout.pki)

    def _write_kubeconfig(self, path: Path, identity: str, host: str) -> None:
        pki = self._layout.pki
        ca, certificate, key = (pki / f for f in ("ca.crt", f"{identity}.crt", f"{identity}.key"))
        content = kubeconfig(
            self.context,
            f"https://{host}:{API_PORT}",
            ca.read_bytes(),
            certificate.read_bytes(),
            key.read_bytes(),
        )
        write_private(path, json.dumps(content, indent=1).encode())

    def _install_addons(self, progress: Progress) -> None:
        with progress.step("waiting for the node, DNS and volumes", 8):
            api = self._api()
            dns, storage = map(catalog.reference, ("coredns", "local-path"))
            for manifest in addons(dns, storage, self._layout.volumes):
                api.apply(manifest)
            self._wait(lambda: self._ready(api), "the node or its DNS is not ready", "kubelet")

    def _ready(self, api: Api | None = None) -> bool:
        api = api or self._api()
        node = api.get(f"/api/v1/nodes/{self.name}") or {}
        conditions = {c["type"]: c["status"] for c in node.get("status", {}).get("conditions", [])}
        deployments = (
            "/apis/apps/v1/namespaces/kube-system/deployments/coredns",
            "/apis/apps/v1/namespaces/local-path-storage/deployments/local-path-provisioner",
        )
        return conditions.get("Ready") == "True" and all(_rolled_out(api.get(path)) for path in deployments)

    def _wait(self, condition: Callable[[], bool], otherwise: str, component: str) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        while not condition():
            if self._node is None:
                raise LocalClusterError(f"the node ended: see {self._layout.logs}/supervisor.log")
            if time.monotonic() > deadline:
                raise LocalClusterError(
                    f"{otherwise} after {_READY_WITHIN:.0f} s: see {self._layout.logs}/{component}.log. To start from "
                    f"nothing: python -m infra.local down --name {self.name}, then up"
                )
            time.sleep(_POLL)

    def _end(self, record: Record | None) -> None:
        """End what may be left of the cluster, from now or from before a crash; keep its data."""
        if record is None:
            return
        if record.node:
            namespaces.end(record.node)
        namespaces.disconnect(Link(record.link))
        cgroups.remove(self._layout.cgroup)
        for file in self._layout.components.glob("*.json"):
            file.unlink()

    def _forwards(self) -> tuple[int, ...]:
        files = self._layout.components.glob("forward-*.json")
        return tuple(sorted(int(file.stem.removeprefix("forward-")) for file in files))

    def _ctr(self, *arguments: str) -> str:
        argv = Component.read(self._layout.components / "containerd.json").argv
        containerd = next(Path(word) for word in argv if Path(word).name == "containerd")
        done = subprocess.run(
            [
                *namespaces.enter(self._running().pid, "mount"),
                str(containerd.with_name("ctr")),
                "--address",
                CONTAINERD_SOCKET,
                "--namespace",
                "k8s.io",
                *arguments,
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise LocalClusterError(f"containerd refused `{' '.join(arguments)}`: {done.stderr.strip()}")
        return done.stdout


def accepts_inside(node: Process, path: str) -> bool:
    """Return whether a Unix socket of the node's own file tree takes connections."""
    return accepts(f"/proc/{node.pid}/root{path}")


def _rolled_out(deployment: dict | None) -> bool:
    if not deployment:
        return False
    status = deployment.get("status", {})
    return (
        status.get("observedGeneration") == deployment["metadata"]["generation"]
        and status.get("updatedReplicas") == deployment["spec"]["replicas"]
        and status.get("availableReplicas") == deployment["spec"]["replicas"]
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _routes() -> list[IPv4Network]:
    """Return the host's routes, the default one left out."""
    shown = subprocess.run(["ip", "-json", "-4", "route"], check=True, capture_output=True, text=True).stdout
    return [IPv4Network(route["dst"]) for route in json.loads(shown or "[]") if route["dst"] != "default"]
