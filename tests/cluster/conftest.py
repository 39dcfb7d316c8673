"""The local cluster, and a namespace and a stack of its own for each test that wants them."""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from infra.kube import Kube
from infra.local.cluster import LocalCluster
from infra.progress import Progress
from stacks.apply import Applied, Outcome, destroy, up
from stacks.apply_record import Record, Store, delete_namespace_if_unused, ensure_namespace

Options = pulumi.ResourceOptions
MakeOptions = Callable[..., Options]


@pytest.fixture(scope="session")
def kubeconfig() -> Path:
    """Give the kubeconfig of the cluster: that of the environment, else the local one, which has to be up."""
    given = os.environ.get("SCIENCE_PLATFORM_TEST_KUBECONFIG")
    path = Path(given) if given else LocalCluster("science").kubeconfig
    if not path.exists():
        pytest.fail(f"there is no cluster ({path}): python -m infra.local up")
    return path


@pytest.fixture(scope="session")
def kube(kubeconfig: Path) -> Kube:
    return Kube.from_kubeconfig(kubeconfig)


@pytest.fixture(scope="module")
def namespace(kube: Kube, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give a namespace for the tests of one module; its deletion is begun, not waited for."""
    name = request.module.__name__.rpartition(".")[2].replace("_", "-")
    kube.wait("v1", "Namespace", name, until=lambda live: live is None, timeout=120)
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="tests")
    yield name
    kube.delete("v1", "Namespace", name)


@pytest.fixture(scope="session")
def _state(kube: Kube) -> Iterator[None]:
    """Keep the namespace of the records between the tests: its deletion takes seconds each time."""
    ensure_namespace(kube)
    store = Store(kube, "tests")
    store.save(Record())
    yield
    store.delete()
    delete_namespace_if_unused(kube)


@dataclass
class Stack:
    """One stack, as the command line would handle it; what was said is in ``said``."""

    name: str
    kube: Kube
    said: io.StringIO = field(default_factory=io.StringIO)

    @property
    def progress(self) -> Progress:
        return Progress(out=self.said)

    def up(
        self, program: Callable[[], None], *, force_unlock: bool = False, forget_protected: bool = False
    ) -> Applied:
        return up(
            program,
            stack=self.name,
            kube=self.kube,
            progress=self.progress,
            config={"password": "hunter2"},
            secrets=["password"],
            force_unlock=force_unlock,
            forget_protected=forget_protected,
        )

    def down(self, *, everything: bool = False) -> Mapping[Outcome, int]:
        return destroy(self.name, self.kube, self.progress, everything=everything)


@pytest.fixture
def opts(kubeconfig: Path) -> MakeOptions:
    """Give a function that makes the provider and returns options with it, merged with the given ones."""

    def make(**options: Any) -> Options:  # noqa: ANN401 - any of ResourceOptions'
        return Options(provider=k8s.Provider("cluster", kubeconfig=str(kubeconfig)), **options)

    return make


@pytest.fixture
def stack(kube: Kube, request: pytest.FixtureRequest, _state: None) -> Iterator[Stack]:
    """Give a stack named after the test, and leave nothing of it."""
    given = Stack(request.node.name.replace("_", "-").lower()[:50].strip("-"), kube)
    yield given
    destroy(given.name, kube, given.progress, everything=True, force_unlock=True)
