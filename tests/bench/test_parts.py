"""The parts of the figures that are functions of what the machine and the cluster say."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from tests.bench import machine
from tests.bench.__main__ import chosen
from tests.bench.bare import Program, manifest, runs
from tests.bench.planning import pulumi_modules, sites_like
from tests.bench.resident import peak_kib, pod_memory, resident_kib

CPUINFO = "processor\t: 0\nmodel name\t: Made-up Processor 3000\nprocessor\t: 1\nmodel name\t: Another\n"


def test_the_machine_s_processor_and_memory_are_read():
    assert machine.processor(CPUINFO) == "Made-up Processor 3000"
    assert machine.memory_gib("MemTotal:       25165824 kB\nMemFree:        1 kB\n") == 24


def test_a_processor_without_a_name_is_of_some_architecture(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert machine.processor("processor\t: 0\nBogoMIPS\t: 50.00\n") == "aarch64"


def test_memory_that_is_not_said_is_an_error():
    with pytest.raises(ValueError, match="no MemTotal"):
        machine.memory_gib("MemFree: 1 kB\n")


def test_resident_memory_of_a_process_and_of_one_without_any():
    assert resident_kib("Name:\tnode\nVmHWM:\t  9999 kB\nVmRSS:\t  1536 kB\n") == 1536
    assert resident_kib("Name:\tkthreadd\n") == 0
    assert peak_kib("Name:\tnode\nVmHWM:\t  9999 kB\nVmRSS:\t  1536 kB\n") == 9999


def _process(proc: Path, pid: str, cgroup: str, kib: int) -> None:
    (proc / pid).mkdir()
    (proc / pid / "cgroup").write_text(cgroup)
    (proc / pid / "status").write_text(f"VmRSS:\t{kib} kB\n")


def test_a_pod_s_memory_is_that_of_all_processes_of_its_containers_and_of_no_other(tmp_path: Path):
    _process(tmp_path, "10", "1:memory:/kubepods/burstable/pod1/abc123\n", 1024)
    _process(tmp_path, "11", "1:memory:/kubepods/burstable/pod1/abc123\n", 512)
    _process(tmp_path, "12", "1:memory:/kubepods/burstable/pod1/def456\n", 2048)
    _process(tmp_path, "13", "1:memory:/kubepods/burstable/pod2/999999\n", 4096)
    (tmp_path / "14").mkdir()  # has ended meanwhile
    _process(tmp_path, "self", "1:memory:/kubepods/burstable/pod1/abc123\n", 8192)  # one of the above
    pod = {
        "status": {
            "containerStatuses": [
                {"containerID": "containerd://abc123"},
                {"containerID": "containerd://def456"},
            ]
        }
    }
    assert pod_memory(pod, tmp_path) == 3.5


def test_a_bare_pod_has_the_image_the_limits_and_nothing_of_the_platform(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("images.catalog.tag", lambda _: "0f3c")
    program = Program(
        image="lab",
        arguments=["jupyter", "lab"],
        port=8888,
        env={"A": "b"},
        limits={"cpu": "2", "memory": "1Gi"},
    )
    assert manifest("lab", program) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "lab", "namespace": "bench-bare"},
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
            "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "home", "emptyDir": {}}],
            "containers": [
                {
                    "name": "bare",
                    "image": "localhost/science-platform/lab:0f3c",
                    "args": ["jupyter", "lab"],
                    "env": [{"name": "A", "value": "b"}],
                    "volumeMounts": [
                        {"name": "tmp", "mountPath": "/tmp"},
                        {"name": "home", "mountPath": "/home/jovyan"},
                    ],
                    "resources": {
                        "requests": {"cpu": "100m", "memory": "64Mi"},
                        "limits": {"cpu": "2", "memory": "1Gi"},
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


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, False),
        ({"containerStatuses": []}, False),
        ({"containerStatuses": [{"state": {"waiting": {}}}]}, False),
        ({"containerStatuses": [{"state": {"running": {}}}, {"state": {"terminated": {}}}]}, False),
        ({"containerStatuses": [{"state": {"running": {}}}]}, True),
    ],
)
def test_a_pod_runs_when_all_of_its_containers_do(status: dict[str, Any], expected: bool):
    assert runs({"status": status}) is expected


def test_the_floor_of_a_plan_imports_pulumi_s_modules_and_no_other():
    loaded = ["yaml", "pulumi_kubernetes.core.v1", "pulumi", "pulumi.runtime", "pulumi_aws", "stacks.plan"]
    assert pulumi_modules(loaded) == ["pulumi", "pulumi.runtime", "pulumi_kubernetes.core.v1"]


def test_generated_sites_differ_in_name_host_and_port():
    value = {"title": "Demo", "edge": {"host": "demo.localhost", "nodePort": 30443, "replicas": 1}}
    assert sites_like(value, 2) == {
        "site-00": {
            "title": "Demo",
            "edge": {"host": "site-00.localhost", "nodePort": 31000, "replicas": 1},
        },
        "site-01": {
            "title": "Demo",
            "edge": {"host": "site-01.localhost", "nodePort": 31001, "replicas": 1},
        },
    }
    assert value["edge"]["host"] == "demo.localhost"


def test_groups_of_figures_are_chosen_by_name_and_measured_in_their_own_order():
    assert chosen("memory,plan") == ["plan", "memory"]
    with pytest.raises(
        argparse.ArgumentTypeError, match="'speed'; there are: plan, diff, start, up, spawn, memory"
    ):
        chosen("plan,speed")
