"""Writing the lock files anew: what an image asks for, resolved to exact versions and hashes."""

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from images import debian
from images.build import build
from images.catalog import CATALOG, Debian, Files, ImageSpec, NodeApp, PythonApp
from images.oci import read_image
from images.parts import Workshop, make, make_debian
from images.tools import ToolError, uv_binary
from infra.paths import ROOT, cache_dir
from infra.progress import Progress


def lock(names: Iterable[str], progress: Progress, *, upgrade: bool = False) -> None:
    """Write the lock files of the named images.

    Debian packages become those of the release today. Python and npm packages keep their versions as far as what is
    asked for allows, unless ``upgrade``.
    """
    for name in names:
        spec = CATALOG[name]
        if any(isinstance(part, Debian) for part in spec.parts):
            with progress.step(f"locking the Debian packages of {name}", spec.estimate):
                _lock_debian(spec, progress)
        for part in spec.parts:
            if isinstance(part, PythonApp):
                with progress.step(f"locking the Python packages of {name}", 10):
                    _lock_python(part, upgrade=upgrade)
            elif isinstance(part, NodeApp):
                with progress.step(f"locking the npm packages of {name}"):
                    _lock_node(part, upgrade=upgrade)


def _lock_debian(spec: ImageSpec, progress: Progress) -> None:
    below = read_image(build([spec.base], progress)[spec.base]).layers if spec.base else ()
    with tempfile.TemporaryDirectory(dir=cache_dir()) as scratch:
        shop = Workshop(spec, Path(scratch), below, progress)
        for part in spec.parts:
            if isinstance(part, Files):
                # They may say how packages are installed.
                make(part, shop)
            if isinstance(part, Debian):
                installed = make_debian(part, shop)
                (ROOT / part.folder / "packages.lock").write_text(debian.lock_text(installed))


def _lock_python(part: PythonApp, *, upgrade: bool) -> None:
    _run(
        [
            *(str(uv_binary()), "pip", "compile", "--quiet", "--generate-hashes", "--no-annotate"),
            *("--python-version", "3.13", "--python-platform", "x86_64-manylinux_2_40"),
            *("--only-binary", ":all:", "--custom-compile-command", "python -m images lock"),
            *("requirements.in", "--output-file", "requirements.lock"),
            *(("--upgrade",) if upgrade else ()),
        ],
        ROOT / part.folder,
    )


def _lock_node(part: NodeApp, *, upgrade: bool) -> None:
    _run(
        [
            *("npm", "update" if upgrade else "install", "--package-lock-only", "--ignore-scripts"),
            # The registry is the reader's own choice, so the file does not name one.
            "--omit-lockfile-registry-resolved",
        ],
        ROOT / part.folder,
    )


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not installed, and locking {folder.name} needs it.") from None
    if done.returncode:
        raise ToolError(f"{Path(command[0]).name} could not lock {folder}:\n{done.stderr.strip()[-2000:]}")
