"""The programs a node runs, each built from a pinned Go module, and the system packages beside them."""

from pathlib import Path

from images.golang import GoModule, build, go_version
from infra.progress import Progress

KUBERNETES_VERSION = "v1.37.2"
"""Kubernetes as ``gomod/kubernetes/go.mod`` pins it; a test holds the two equal."""

_MODULES = Path(__file__).resolve().parent / "gomod"


def _kubernetes_ldflags(version: str) -> str:
    # Without these the apiserver calls itself v0.0.0-master and clients refuse to compare versions.
    major, minor, _ = version.removeprefix("v").split(".")
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    stamped = (f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamps.items())
    return " ".join(("-s -w", *stamped))


ETCD = GoModule(_MODULES / "etcd", estimate=40)
RUNC = GoModule(_MODULES / "runc", estimate=20, cgo=True, tags="seccomp netgo osusergo")
CONTAINERD = GoModule(_MODULES / "containerd", estimate=60)
KUBERNETES = GoModule(
    _MODULES / "kubernetes", estimate=14 * 60, ldflags=_kubernetes_ldflags(KUBERNETES_VERSION)
)

NODE_MODULES = (ETCD, RUNC, CONTAINERD, KUBERNETES)
"""Built in this order, the quick ones first: a mistake in the set-up shows before the long wait."""

PROGRAMS = (
    *("etcd", "runc", "containerd", "containerd-shim-runc-v2", "ctr"),
    *("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"),
)
"""What the modules' ``tool`` lines make; a test holds them equal."""

_CALLED = {"server": "etcd"}
"""Go names a binary after its module's folder; etcd's is ``server``."""


def module_keys() -> list[str]:
    """Return the cache keys of the modules: they change when a program would be built anew."""
    version = go_version()
    return [module.key(version) for module in NODE_MODULES]


def build_programs(progress: Progress) -> dict[str, Path]:
    """Return the path of each program by its name, building what the cache lacks."""
    folders = [build(module, progress) for module in NODE_MODULES]
    return {_CALLED.get(file.name, file.name): file for folder in folders for file in folder.iterdir()}
