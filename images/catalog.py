"""The images of the platform: what each is made of, and the reference that follows from it.

A tag is a hash of everything that decides the image, so it changes when and only when an input does, and the same
checkout names the same images everywhere. Nothing here builds anything: ``reference`` is read by the Pulumi program.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from images.oci import ARCHITECTURE, EPOCH, RunConfig
from infra.paths import ROOT

DEFAULT_REGISTRY = "localhost/science-platform"
"""Where images are said to come from when no registry is configured: nobody can pull from there by mistake."""

BUILD_VERSION = "3"
"""Raised when the build code changes what it makes of the same inputs."""

SUITE = "trixie"
"""The Debian release of every image."""

UV_VERSION = "0.13.9"
"""Installs the Python applications; requirements.txt pins the same (a test holds them equal)."""


def _files(root: Path, folder: str, *patterns: str) -> tuple[str, ...]:
    found = {path for pattern in patterns for path in (root / folder).glob(pattern) if path.is_file()}
    # Python leaves compiled files beside a module that a test has imported.
    found = {path for path in found if "__pycache__" not in path.parts}
    return tuple(sorted(str(path.relative_to(root)) for path in found))


@dataclass(frozen=True)
class Debian:
    """Debian packages: those named in ``folder/packages.in``, as ``folder/packages.lock`` records them.

    ``how``: ``bootstrap`` makes a root file system, ``install`` adds to the one below, ``extract`` only unpacks.
    """

    folder: str
    how: Literal["bootstrap", "install", "extract"]

    def inputs(self, root: Path) -> tuple[str, ...]:
        """Return the files that decide the layer."""
        return _files(root, self.folder, "packages.in", "packages.lock")


@dataclass(frozen=True)
class Programs:
    """The binaries of one Go module folder, or some of them by name, placed in ``into``."""

    folder: str
    estimate: float
    into: str = "usr/local/bin"
    only: tuple[str, ...] = ()

    def inputs(self, root: Path) -> tuple[str, ...]:
        """Return the files that decide the layer."""
        found = _files(root, self.folder, "go.mod", "go.sum", "**/*.go", "**/*.html")
        # Tests are not built into anything.
        return tuple(path for path in found if not path.endswith("_test.go"))


@dataclass(frozen=True)
class PythonApp:
    """A virtual environment in ``/opt/<name>`` from ``folder/requirements.lock``.

    ``without``: what is left out to save space, as glob patterns below that folder.
    """

    folder: str
    without: tuple[str, ...] = ()

    def inputs(self, root: Path) -> tuple[str, ...]:
        """Return the files that decide the layer."""
        return _files(root, self.folder, "requirements.lock")


@dataclass(frozen=True)
class NodeApp:
    """``node_modules`` and Node itself in ``/opt/<name>`` from ``folder/package-lock.json``."""

    folder: str

    def inputs(self, root: Path) -> tuple[str, ...]:
        """Return the files that decide the layer."""
        return _files(root, self.folder, "package.json", "package-lock.json")


@dataclass(frozen=True)
class Files:
    """A folder of files laid over the root as it is."""

    folder: str

    def inputs(self, root: Path) -> tuple[str, ...]:
        """Return the files that decide the layer."""
        return _files(root, self.folder, "**/*")


@dataclass(frozen=True)
class Links:
    """Symbolic links, each a path in the image and its target."""

    links: tuple[tuple[str, str], ...]

    def inputs(self, root: Path) -> tuple[str, ...]:  # noqa: ARG002 - as every part
        """Return nothing: the links themselves are in the catalogue."""
        return ()


Part = Debian | Programs | PythonApp | NodeApp | Files | Links


@dataclass(frozen=True)
class ImageSpec:
    """One image: its layers from the bottom up, and how it runs.

    Parameters
    ----------
    name
        Last part of its repository name.
    summary
        What it is, for the image's label and the list.
    group
        ``platform``: what a site runs. ``cluster``: what the local cluster needs to be one.
    parts
        One layer each, above those of ``base``.
    estimate
        Seconds a cold build takes on two cores, its base and its Go programs not counted.
    """

    name: str
    summary: str
    group: Literal["platform", "cluster"]
    parts: tuple[Part, ...]
    run: RunConfig
    estimate: float
    base: str | None = "base"


_HOME = "/home/jovyan"
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_ENV = {"PATH": _SYSTEM_PATH, "LANG": "C.UTF-8", "HOME": _HOME}
_TINI = ("/usr/bin/tini", "-g", "--")


_HEADERS = ("lib/python3*/site-packages/pyarrow/include", "lib/python3*/site-packages/pyarrow/tests")

_TESTS = (
    *(
        f"lib/python3*/site-packages/{name}/**/tests"
        for name in ("astroquery", "numpy", "pandas", "photutils", "scipy")
    ),
    # astropy.tests itself is imported by the packages that build on it.
    "lib/python3*/site-packages/astropy/*/**/tests",
    *_HEADERS,
    "share/jupyter/**/*.js.map",
)
"""Tests, headers and debugging maps of the big packages: 150 MB that nobody runs in a notebook."""


def _app(name: str, **env: str) -> dict[str, str]:
    return _ENV | {"PATH": f"/opt/{name}/bin:{_SYSTEM_PATH}"} | env


_ALL = (
    ImageSpec(
        "base",
        "Debian with Python: what every image of the platform stands on",
        "platform",
        (Debian("images/base", how="bootstrap"),),
        RunConfig(entrypoint=_TINI, cmd=("/bin/bash",), env=_ENV, working_dir=_HOME),
        estimate=25,
        base=None,
    ),
    ImageSpec(
        "hub",
        "JupyterHub: signs people in and starts their servers",
        "platform",
        (PythonApp("images/hub"),),
        RunConfig(entrypoint=_TINI, cmd=("jupyterhub",), env=_app("hub"), ports=(8081,)),
        estimate=20,
    ),
    ImageSpec(
        "proxy",
        "configurable-http-proxy: brings each person to their own server",
        "platform",
        (NodeApp("images/proxy"),),
        RunConfig(
            entrypoint=_TINI,
            cmd=("configurable-http-proxy",),
            env=_app("proxy", NODE_ENV="production"),
            ports=(8000, 8001),
        ),
        estimate=10,
    ),
    ImageSpec(
        "lab",
        "JupyterLab with what astronomers work with",
        "platform",
        (
            Debian("images/lab", how="install"),
            Files("images/lab/files"),
            PythonApp("images/lab", without=_TESTS),
        ),
        RunConfig(
            entrypoint=_TINI,
            cmd=("jupyterhub-singleuser",),
            env=_app("lab", SHELL="/bin/bash"),
            working_dir=_HOME,
            ports=(8888,),
        ),
        estimate=90,
    ),
    ImageSpec(
        "edge",
        "Caddy: the site's doors to the outside, with TLS",
        "platform",
        (Programs("images/gomod/caddy", estimate=90, into="usr/bin"),),
        RunConfig(entrypoint=_TINI, cmd=("caddy",), env=_ENV, ports=(8080, 8443)),
        estimate=5,
    ),
    ImageSpec(
        "postgres",
        "PostgreSQL with indexes on the sky (pgsphere, q3c)",
        "platform",
        (
            Files("images/postgres/files"),
            Debian("images/postgres", how="install"),
        ),
        RunConfig(
            entrypoint=_TINI,
            cmd=("postgres",),
            env=_ENV | {"PATH": f"/usr/lib/postgresql/17/bin:{_SYSTEM_PATH}"},
            ports=(5432,),
        ),
        estimate=20,
    ),
    ImageSpec(
        "tap",
        "DaCHS: catalogues behind the protocols of the Virtual Observatory",
        "platform",
        (
            Debian("images/tap", how="install"),
            PythonApp("images/tap", without=_HEADERS),
        ),
        RunConfig(entrypoint=_TINI, cmd=("dachs",), env=_app("tap"), ports=(8080,)),
        estimate=45,
    ),
    ImageSpec(
        "webdav",
        "People's files as a network drive",
        "platform",
        (Programs("services", estimate=180, only=("webdav",)),),
        RunConfig(entrypoint=("/usr/local/bin/webdav",), env={"PATH": _SYSTEM_PATH}, ports=(8080, 9090)),
        estimate=1,
        base=None,
    ),
    ImageSpec(
        "s3",
        "People's files as S3 buckets",
        "platform",
        (Programs("services", estimate=180, only=("s3",)),),
        RunConfig(entrypoint=("/usr/local/bin/s3",), env={"PATH": _SYSTEM_PATH}, ports=(8080, 9090)),
        estimate=1,
        base=None,
    ),
    ImageSpec(
        "backup",
        "restic: backups and their restoration, with what dumps databases",
        "platform",
        (Debian("images/backup", how="install"),),
        RunConfig(entrypoint=_TINI, cmd=("restic",), env=_ENV),
        estimate=25,
    ),
    ImageSpec(
        "pause",
        "Holds the namespaces of a pod",
        "cluster",
        (Programs("images/gomod/pause", estimate=5),),
        RunConfig(entrypoint=("/usr/local/bin/pause",), user="65535:65535"),
        estimate=1,
        base=None,
    ),
    ImageSpec(
        "coredns",
        "The DNS server of a local cluster",
        "cluster",
        (Programs("infra/local/gomod/coredns", estimate=250),),
        RunConfig(entrypoint=("/usr/local/bin/coredns",), user="65532:65532", ports=(1053,)),
        estimate=2,
        base=None,
    ),
    ImageSpec(
        "local-path",
        "Volumes of a local cluster, with the shell their set-up scripts need",
        "cluster",
        (
            Debian("images/local-path", how="extract"),
            Links(
                tuple(
                    (f"bin/{applet}", "/usr/bin/busybox")
                    for applet in ("sh", "mkdir", "rm", "chmod", "chown")
                )
            ),
            Programs("infra/local/gomod/local-path-provisioner", estimate=90),
        ),
        RunConfig(entrypoint=("/usr/local/bin/local-path-provisioner",), env={"PATH": _SYSTEM_PATH}),
        estimate=15,
        base=None,
    ),
)

CATALOG: dict[str, ImageSpec] = {image.name: image for image in _ALL}


def names(group: str | None = None) -> tuple[str, ...]:
    """Return the names of the images, or of one group's, in the order they are built in."""
    return tuple(image.name for image in _ALL if group in (None, image.group))


def tag(name: str, root: Path = ROOT) -> str:
    """Return the tag of an image: twelve hex digits over every input of it and of the images below it."""
    return _tag(CATALOG[name], root)


def _tag(image: ImageSpec, root: Path) -> str:
    inputs = {
        "build": [BUILD_VERSION, SUITE, UV_VERSION, ARCHITECTURE, EPOCH],
        "image": asdict(image, dict_factory=_without_estimates),
        "parts": [type(part).__name__ for part in image.parts],
        "files": _hashes(root, (path for part in image.parts for path in part.inputs(root))),
        "base": _tag(CATALOG[image.base], root) if image.base else None,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:12]


def _without_estimates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if name != "estimate"}


def _hashes(root: Path, paths: Iterable[str]) -> dict[str, str]:
    return {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in paths}


def reference(name: str, registry: str = DEFAULT_REGISTRY) -> str:
    """Return the full reference of an image, such as ``localhost/science-platform/hub:0f3c…``.

    Parameters
    ----------
    name
        One of ``names()``.
    registry
        Host, and path if any, that the image is pulled from.

    Raises
    ------
    KeyError
        There is no such image; the text lists those there are.
    """
    if name not in CATALOG:
        raise KeyError(f"no image is called {name!r}; there are: {', '.join(CATALOG)}")
    return f"{registry}/{name}:{tag(name)}"
