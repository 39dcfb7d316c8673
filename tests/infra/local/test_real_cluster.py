"""A second real cluster beside whatever runs: up, used, its components killed, the whole node killed, down."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest

from images import catalog
from infra.kube import Kube, Object
from infra.local.cluster import LocalCluster, Status
from infra.local.layout import DEFAULT_NAME, Layout, Link
from infra.local.namespaces import Process, Record
from infra.progress import Progress

pytestmark = pytest.mark.cluster

NAME = "test-second"
LAYOUT = Layout(NAME)
SPACE = "probe"
NODE_PORT = 30088
PROGRAMS = (
    "etcd",
    "containerd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
)
SECURITY = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@pytest.fixture(scope="module")
def other() -> Iterator[None]:
    """Hold that the default cluster, where it runs, is the same afterwards."""
    before = Record.read(Layout(DEFAULT_NAME).record)
    state = LocalCluster().status().state
    yield
    assert Record.read(Layout(DEFAULT_NAME).record) == before
    assert LocalCluster().status().state == state


@pytest.fixture(scope="module")
def cluster(other: None) -> Iterator[LocalCluster]:  # noqa: ARG001 - its end comes after this one's
    cluster = LocalCluster(NAME)
    cluster.down(Progress())
    cluster.up(Progress())
    yield cluster
    cluster.down(Progress())


@pytest.fixture(scope="module")
def kube(cluster: LocalCluster) -> Kube:
    return Kube.from_kubeconfig(cluster.kubeconfig, cluster.context)


@pytest.fixture(scope="module")
def web(kube: Kube) -> str:
    """Return the name of a pod that answers HTTP and holds a shared volume, behind a Service and a NodePort."""
    apply(kube, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE, "labels": RESTRICTED}})
    kube.wait("v1", "ServiceAccount", "default", SPACE, until=bool, timeout=20)
    for manifest in (CLAIM, CORE_FILE, SERVICE):
        apply(kube, manifest)
    apply(kube, pod("web", "/usr/local/bin/coredns", "-conf", "/conf/Corefile", image="coredns"))
    kube.wait("v1", "Pod", "web", SPACE, until=in_phase("Running"), timeout=60)
    eventually(lambda: get(f"http://{LocalCluster(NAME).node_address}:{NODE_PORT}/health") == b"OK")
    return "web"


RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "shared", "namespace": SPACE},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}},
}
CORE_FILE = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "conf", "namespace": SPACE},
    "data": {"Corefile": ".:1053 {\n    health :8080\n}\n"},
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": SPACE},
    "spec": {
        "type": "NodePort",
        "selector": {"app": "web"},
        "ports": [{"port": 80, "targetPort": 8080, "nodePort": NODE_PORT}],
    },
}


def pod(name: str, *command: str, image: str = "local-path") -> Object:
    mounts = [{"name": "shared", "mountPath": "/shared"}, {"name": "conf", "mountPath": "/conf"}]
    container = {
        "name": "main",
        "image": catalog.reference(image),
        "imagePullPolicy": "Never",
        "command": command,
        "securityContext": SECURITY,
        "resources": {"requests": {"cpu": "5m"}, "limits": {"memory": "64Mi"}},
        "volumeMounts": mounts,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": SPACE, "labels": {"app": name}},
        "spec": {
            "restartPolicy": "Always" if name == "web" else "Never",
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsUser": 1000,
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            "volumes": [
                {"name": "shared", "persistentVolumeClaim": {"claimName": "shared"}},
                {"name": "conf", "configMap": {"name": "conf"}},
            ],
        },
    }


def shell(kube: Kube, name: str, script: str) -> str:
    """Run a script in a pod of its own and return what it wrote."""
    apply(kube, pod(name, "/bin/sh", "-c", f'set -e; b() {{ /usr/bin/busybox "$@"; }}; {script}'))
    ended = kube.wait("v1", "Pod", name, SPACE, until=in_phase("Succeeded", "Failed"), timeout=60)
    written = kube.logs(name, SPACE)
    assert in_phase("Succeeded")(ended), written
    return written


def apply(kube: Kube, manifest: Object) -> None:
    kube.apply(manifest, manager="test")


def in_phase(*phases: str) -> Callable[[Object | None], bool]:
    return lambda found: found is not None and found.get("status", {}).get("phase") in phases


def eventually(condition: Callable[[], object], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def get(url: str) -> bytes | None:
    with suppress(OSError):
        return urllib.request.urlopen(url, timeout=2).read()  # noqa: S310 - the test's own http URL
    return None


def node() -> Process:
    record = Record.read(LAYOUT.record)
    assert record
    assert record.node
    return record.node


def members() -> dict[int, str]:
    """Return the command of every process of the node, by number."""
    inside = Path(f"/proc/{node().pid}/ns/pid").stat().st_ino
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "ns/pid").stat().st_ino == inside:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def pid_of(program: str) -> int | None:
    program = {"etcd": "server"}.get(program, program)
    return next((pid for pid, command in members().items() if f"/{program} " in f"{command} "), None)


def containers(kube: Kube) -> dict[str, list[str]]:
    """Return the identities of the running containers by pod."""
    return {
        one["metadata"]["name"]: [c["containerID"] for c in one["status"].get("containerStatuses", ())]
        for one in kube.list("v1", "Pod")
        if one["status"]["phase"] == "Running"
    }


def test_it_is_ready_and_known(cluster: LocalCluster):
    assert cluster.status() == Status(NAME, "ready", cluster.node_address)
    assert cluster.kubeconfig.stat().st_mode & 0o777 == 0o600


def test_up_again_is_quick_and_restarts_nothing(cluster: LocalCluster):
    before = {program: pid_of(program) for program in PROGRAMS}
    assert None not in before.values()
    started = time.monotonic()
    cluster.up(Progress())
    assert time.monotonic() - started < 10
    assert {program: pid_of(program) for program in PROGRAMS} == before


def test_images_that_are_there_are_not_imported_again(cluster: LocalCluster):
    said = StringIO()
    cluster.load_images({catalog.reference("pause"): Path("/nonexistent")}, Progress(said))
    assert said.getvalue() == ""


@pytest.mark.usefixtures("web")
def test_pods_share_a_volume_whoever_wrote_it(cluster: LocalCluster, kube: Kube):
    shell(kube, "writer", "echo written > /shared/file")
    assert shell(kube, "reader", "b cat /shared/file") == "written\n"
    (folder,) = cluster.volumes.glob(f"*_{SPACE}_shared")
    assert (folder / "file").read_text() == "written\n"


@pytest.mark.usefixtures("web")
def test_names_of_the_cluster_are_found_and_others_denied_at_once(kube: Kube):
    out = shell(
        kube,
        "names",
        "b wget -q -O - http://web/health; echo; b wget -q -O - http://web.probe.svc.cluster.local/health; echo; "
        "b nslookup -type=a example.org 2>&1 | b grep -o NXDOMAIN",
    )
    assert out.splitlines() == ["OK", "OK", "NXDOMAIN"]


@pytest.mark.usefixtures("web")
def test_a_pod_reaches_a_service_started_in_the_nodes_network(
    cluster: LocalCluster, kube: Kube, tmp_path: Path
):
    (tmp_path / "hello").write_text("from the host")
    command = cluster.command(["python3", "-m", "http.server", "8765", "--directory", str(tmp_path)])
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            eventually(lambda: get(f"http://{cluster.node_address}:8765/hello") == b"from the host")
            out = shell(kube, "caller", f"b wget -q -O - http://{cluster.node_address}:8765/hello")
            assert out == "from the host"
        finally:
            server.terminate()


@pytest.mark.usefixtures("web")
def test_a_forward_makes_a_node_port_answer_on_the_hosts_loopback(cluster: LocalCluster):
    cluster.forward(NODE_PORT, Progress())
    assert get(f"http://127.0.0.1:{NODE_PORT}/health") == b"OK"
    assert cluster.status().forwards == (NODE_PORT,)
    cluster.forward(NODE_PORT, Progress())


def test_a_port_that_a_program_has_is_refused(cluster: LocalCluster):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Exception, match=f"127.0.0.1:{port} cannot be used: Address already in use"):
            cluster.forward(port, Progress())


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_component_comes_back_and_pods_run_on(
    program: str, web: str, cluster: LocalCluster, kube: Kube
):
    before, killed = containers(kube), pid_of(program)
    assert killed
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: pid_of(program) not in (None, killed))
    eventually(lambda: cluster.status().state == "ready")
    name = f"after-{program}"
    assert shell(kube, name, f"b wget -q -O - http://{web}/health") == "OK"
    assert containers(kube) == before


@pytest.mark.usefixtures("web")
def test_a_node_that_was_killed_comes_back_with_its_data(cluster: LocalCluster, kube: Kube):
    os.kill(node().pid, signal.SIGKILL)
    eventually(lambda: cluster.status() == Status(NAME, "stopped"))
    cluster.up(Progress())
    eventually(lambda: get(f"http://{cluster.node_address}:{NODE_PORT}/health") == b"OK")
    assert shell(kube, "again", "b cat /shared/file") == "written\n"


def test_down_leaves_nothing_not_even_what_ran_in_its_network(cluster: LocalCluster):
    record = Record.read(LAYOUT.record)
    assert record
    processes = list(filter(None, map(Process.of, members())))
    assert len(processes) > len(PROGRAMS)
    # Held open, so that the network's number goes to no other while processes are looked for.
    with Path(f"/proc/{node().pid}/ns/net").open() as held:
        network = os.fstat(held.fileno()).st_ino
        with subprocess.Popen(cluster.command(["sleep", "600"])) as lingering:
            eventually(lambda: in_network(Path(f"/proc/{lingering.pid}"), network))
            cluster.down(Progress())
            assert lingering.wait(10) == -signal.SIGKILL
        assert not [folder for folder in Path("/proc").glob("[0-9]*") if in_network(folder, network)]
    assert not [process for process in processes if process.alive()]
    assert not Path("/sys/class/net", Link(record.link).host_interface).exists()
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{LAYOUT.cgroup}"))
    assert str(LAYOUT.root) not in Path("/proc/mounts").read_text()
    assert not LAYOUT.root.exists()
    assert cluster.status() == Status(NAME, "absent")


def in_network(folder: Path, network: int) -> bool:
    with suppress(OSError):
        return (folder / "ns/net").stat().st_ino == network
    return False
