"""The programs of a node against the modules that pin them."""

import re
from pathlib import Path

from infra.local.programs import KUBERNETES, KUBERNETES_VERSION, NODE_MODULES, PROGRAMS


def tools(folder: Path) -> set[str]:
    """Return the last elements of the packages that a go.mod names as tools, versions left out."""
    text = (folder / "go.mod").read_text()
    block = re.search(r"^tool \(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL)
    packages = block[1].split() if block else re.findall(r"^tool (\S+)$", text, re.MULTILINE)
    return {Path(re.sub(r"/v\d+$", "", package)).name for package in packages}


def test_the_version_stamped_is_the_version_pinned():
    pinned = re.search(r"k8s\.io/kubernetes (v\S+)", (KUBERNETES.folder / "go.mod").read_text())
    assert pinned
    assert pinned[1] == KUBERNETES_VERSION
    assert KUBERNETES.ldflags == (
        "-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2 -X k8s.io/component-base/version.gitMajor=1 "
        "-X k8s.io/component-base/version.gitMinor=37 -X k8s.io/component-base/version.gitTreeState=clean"
    )


def test_the_modules_make_the_programs_that_a_node_runs():
    made = set().union(*(tools(module.folder) for module in NODE_MODULES))
    assert made - {"server"} | {"etcd"} == set(PROGRAMS)
