"""Bringing images to where a cluster takes them from, without a registry."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from images.errors import ImageError
from infra.local.cluster import LocalCluster
from infra.progress import Progress


class LoadError(ImageError):
    """A cluster did not take an image, or its tool is missing."""


_TOOLS: Mapping[str, Callable[[str, Path], list[str]]] = {
    "kind": lambda name, tar: ["kind", "load", "image-archive", str(tar), "--name", name or "kind"],
    "minikube": lambda name, tar: ["minikube", "image", "load", str(tar), "--profile", name or "minikube"],
    "docker": lambda _, tar: ["docker", "load", "--input", str(tar)],
    "ctr": lambda name, tar: [
        "ctr",
        "--namespace",
        name or "k8s.io",
        "images",
        "import",
        "--local",
        str(tar),
    ],
}

TARGETS = ("local", *_TOOLS)


def load(images: Mapping[str, Path], into: str, progress: Progress) -> None:
    """Load images into a cluster on this machine.

    Parameters
    ----------
    images
        Reference → image tar.
    into
        ``local`` (the project's own cluster), ``kind``, ``minikube``, ``docker`` or ``ctr``; after a colon the
        cluster's name, the profile, or containerd's namespace: ``local:science``, ``kind:dev``.
    progress
        Told of each step.

    Raises
    ------
    LoadError
        The target is unknown, its tool is missing, or it failed.
    """
    kind, _, name = into.partition(":")
    if kind == "local":
        (LocalCluster(name) if name else LocalCluster()).load_images(images, progress)
        return
    if kind not in _TOOLS:
        raise LoadError(f"cannot load into {into!r}; there are: {', '.join(TARGETS)}")
    for reference, tar in images.items():
        command = _TOOLS[kind](name, tar)
        if shutil.which(command[0]) is None:
            raise LoadError(f"{command[0]} is not installed; it loads images into {kind} clusters.")
        with progress.step(f"loading {reference}"):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise LoadError(f"{' '.join(command[:3])} failed:\n{done.stderr.strip()[-1000:]}")
