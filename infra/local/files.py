"""Writing a cluster's files: folders, keys, configuration, component files."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.certificates import write_pki, write_private
from infra.local.components import node_components
from infra.local.layout import Layout, Link
from infra.local.packages import CNI_PLUGINS
from infra.local.programs import PROGRAMS
from infra.local.rendering import (
    API_PORT,
    configuration,
    etcd_identities,
    kubeconfig,
    kubernetes_identities,
)


def write_files(layout: Layout, link: Link, programs: Mapping[str, Path], pause: str) -> None:
    """Write all that a node reads; keys and certificates only where there are none yet.

    Parameters
    ----------
    layout, link
        The cluster's folders and addresses.
    programs
        Path of each program by its name.
    pause
        Reference of the image that holds a pod's namespaces.
    """
    _make_folders(layout)
    if not layout.pki.exists():
        _write_pki(layout, link)
    rendered = configuration(layout, pause, CNI_PLUGINS, programs)
    for path, text in rendered.files.items():
        (layout.config / path).write_text(text)
    for path, identity in rendered.kubeconfigs.items():
        _write_kubeconfig(layout, layout.config / path, identity, "127.0.0.1")
    _write_kubeconfig(layout, layout.kubeconfig, "admin", str(link.node_address))
    for component in node_components(layout, link, programs):
        component.write(layout.components)


def settings_digest(layout: Layout, link: Link, modules: Sequence[str]) -> str:
    """Return a hash of all that decides how a node runs, to tell one that was started with other settings.

    Parameters
    ----------
    layout, link
        The cluster's folders and addresses.
    modules
        Cache keys of the programs' modules.
    """
    programs = {name: Path(name) for name in PROGRAMS}
    parts = (
        *modules,
        configuration(layout, "pause", CNI_PLUGINS, programs),
        *node_components(layout, link, programs),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _make_folders(layout: Layout) -> None:
    for folder in (layout.components, layout.logs, layout.volumes, layout.config / "cni"):
        folder.mkdir(parents=True, exist_ok=True)
    for component in ("containerd", "kubelet", "cni", "log"):
        layout.data(component).mkdir(parents=True, exist_ok=True)
    # etcd insists on a folder that only its owner reads.
    layout.data("etcd").mkdir(mode=0o700, exist_ok=True)


def _write_pki(layout: Layout, link: Link) -> None:
    staging = layout.pki.with_suffix(".new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    write_pki(staging, layout.name, kubernetes_identities(layout.name, link), etcd_identities())
    staging.rename(layout.pki)


def _write_kubeconfig(layout: Layout, path: Path, identity: str, host: str) -> None:
    ca, certificate, key = (layout.pki / file for file in ("ca.crt", f"{identity}.crt", f"{identity}.key"))
    content = kubeconfig(
        layout.context,
        f"https://{host}:{API_PORT}",
        ca.read_bytes(),
        certificate.read_bytes(),
        key.read_bytes(),
    )
    write_private(path, json.dumps(content, indent=1).encode())
