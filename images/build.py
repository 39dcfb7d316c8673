"""Building images, each once: what is in the cache under an image's tag is what its inputs make."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from images import debian, parts, sbom
from images.catalog import CATALOG, Debian, ImageSpec, reference, tag
from images.oci import read_image, write_image
from infra.paths import ROOT, cache_dir
from infra.progress import Progress

_TAR = "image.tar"
_SBOM = "sbom.spdx.json"
_KEPT = 3
"""How many builds of one image stay in the cache, the newest: this checkout's, and what one goes back to."""


def folder_of(name: str) -> Path:
    """Return where the image of this checkout is kept once it is built."""
    return cache_dir() / "images" / f"{name}-{tag(name)}"


def sbom_of(name: str) -> Path:
    """Return the SPDX document beside a built image."""
    return folder_of(name) / _SBOM


def differences(name: str) -> tuple[str, ...]:
    """Return where a built image's Debian packages differ from the lock files, one line each."""
    locked: dict[str, str] = {}
    spec: ImageSpec | None = CATALOG[name]
    while spec:
        for part in spec.parts:
            if isinstance(part, Debian):
                locked |= debian.read_lock(ROOT / part.folder / "packages.lock")
        spec = CATALOG[spec.base] if spec.base else None
    packages = sbom.read_packages(sbom_of(name).read_bytes())
    return debian.drift(
        locked, {package.name: package.version for package in packages if package.kind == "deb"}
    )


def build(names: Iterable[str], progress: Progress) -> dict[str, Path]:
    """Return the images' tars, building first those the cache lacks, and the base below them.

    Two builds of the same image at once are safe: each works in a folder of its own and the first to finish wins.

    Parameters
    ----------
    names
        Names of the catalogue.
    progress
        Told of each step.

    Returns
    -------
    dict
        Name → OCI image layout, a tar that ``ctr images import`` takes.
    """
    return {name: _built(CATALOG[name], progress) for name in names}


def _built(spec: ImageSpec, progress: Progress) -> Path:
    target = folder_of(spec.name)
    if target.is_dir():
        return target / _TAR
    base = _built(CATALOG[spec.base], progress) if spec.base else None
    target.parent.mkdir(parents=True, exist_ok=True)
    with progress.step(f"building image {spec.name}", spec.estimate):
        staging = Path(tempfile.mkdtemp(prefix=f".{spec.name}-", dir=target.parent))
        try:
            _make(spec, base, staging, progress)
            _publish(staging / "out", target)
            _forget_old(target)
        finally:
            shutil.rmtree(staging)
    return target / _TAR


def _publish(finished: Path, target: Path) -> None:
    try:
        finished.rename(target)
    except OSError:
        # Another process finished the same image first: its bytes are ours.
        if not target.is_dir():
            raise


def _forget_old(newest: Path) -> None:
    name = newest.name.rpartition("-")[0]
    hexadecimal = "[0-9a-f]" * 12
    builds = sorted(
        newest.parent.glob(f"{name}-{hexadecimal}"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for old in builds[_KEPT:]:
        if old != newest:
            shutil.rmtree(old, ignore_errors=True)


def _make(spec: ImageSpec, base: Path | None, staging: Path, progress: Progress) -> None:
    out, scratch = staging / "out", staging / "scratch"
    out.mkdir(mode=0o755)
    scratch.mkdir()
    below = read_image(base).layers if base else ()
    shop = parts.Workshop(spec, scratch, below, progress)
    if base:
        shop.packages += sbom.read_packages((base.parent / _SBOM).read_bytes())
    for part in spec.parts:
        parts.make(part, shop)
    write_image(reference(spec.name), spec.run, (*below, *shop.layers), labels(spec), out / _TAR)
    (out / _SBOM).write_bytes(sbom.document(spec.name, tag(spec.name), shop.packages))


def labels(spec: ImageSpec) -> dict[str, str]:
    """Return the image's labels, by the names of the OCI image specification."""
    return {
        "org.opencontainers.image.title": spec.name,
        "org.opencontainers.image.description": spec.summary,
        "org.opencontainers.image.version": tag(spec.name),
        "org.opencontainers.image.vendor": "science-platform",
    }
