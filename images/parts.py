"""How each kind of part becomes a layer: the effects behind the catalogue's descriptions."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from images import debian, golang, sbom
from images.catalog import (
    Debian,
    Files,
    ImageSpec,
    Links,
    Part,
    Programs,
)
from images.oci import Entry, Layer, file_entry, tree, write_layer
from infra.paths import ROOT
from infra.progress import Progress


@dataclass
class Workshop:
    """Where one image is being built: a scratch folder, the root file system below, what has been found so far.

    Parameters
    ----------
    spec
        The image.
    folder
        Scratch space, removed afterwards; what is kept is written to ``out``.
    out
        Where layers are written.
    below
        The layers of the base image.
    progress
        Told of each step.
    """

    spec: ImageSpec
    folder: Path
    out: Path
    below: tuple[Layer, ...]
    progress: Progress
    packages: list[sbom.Package] = field(default_factory=list)

    def layer(self, entries: Iterator[Entry] | list[Entry], title: str) -> Layer:
        """Write the next layer."""
        number = len(list(self.out.glob("*.layer")))
        return write_layer(entries, self.out / f"{number}.layer", title)


def make(part: Part, shop: Workshop) -> Layer:
    """Build one part on top of what the workshop holds and return its layer."""
    match part:
        case Debian():
            return _debian(part, shop)
        case Programs():
            return _programs(part, shop)
        case Files():
            return shop.layer(tree(ROOT / part.folder), f"files of {part.folder}")
        case Links():
            entries = [Entry(name, stat.S_IFLNK | 0o777, link=target) for name, target in part.links]
            return shop.layer(entries, "links")
        case _:
            raise AssertionError(part)


def _programs(part: Programs, shop: Workshop) -> Layer:
    built = golang.build(golang.GoModule(ROOT / part.folder, part.estimate), shop.progress)
    binaries = sorted(built.iterdir())
    for binary in binaries:
        shop.packages += sbom.go_modules(golang.describe(binary))
    entries = [file_entry(f"{part.into}/{binary.name}", binary, executable=True) for binary in binaries]
    return shop.layer(entries, f"programs of {part.folder}")


def _debian(part: Debian, shop: Workshop) -> Layer:
    debian.require_host(shop.progress)
    packages = debian.read_list(ROOT / part.folder / "packages.in")
    title = f"Debian {debian.SUITE} packages of {part.folder}"
    if part.how == "extract":
        root = shop.folder / "extracted"
        root.mkdir()
        debian.extract(root, packages)
        shop.packages += sbom.debian_packages(root)
        return shop.layer(tree(root), title)
    raise AssertionError(part)
