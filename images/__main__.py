"""Command line of the images: ``python -m images list|build|load|push|sbom|lock [NAME…]``."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from images import load, lock, push
from images.build import build, differences, folder_of, sbom_of
from images.catalog import CATALOG, DEFAULT_REGISTRY, names, reference
from images.errors import ImageError
from images.oci import read_image
from images.registry import RegistryError
from infra.local.errors import LocalClusterError
from infra.packages import PackagesError
from infra.progress import Progress


def _list(arguments: argparse.Namespace, _: Progress) -> None:
    for name in arguments.names:
        built = folder_of(name) / "image.tar"
        size = f"{built.stat().st_size / 1e6:8.0f} MB" if built.is_file() else "  not built"
        print(f"{reference(name, arguments.registry):60} {size}  {CATALOG[name].summary}")


def _build(arguments: argparse.Namespace, progress: Progress) -> None:
    for name, tar in build(arguments.names, progress).items():
        print(f"{reference(name)} {tar}")


def _load(arguments: argparse.Namespace, progress: Progress) -> None:
    tars = build(arguments.names, progress)
    load.load({reference(name): tar for name, tar in tars.items()}, arguments.into, progress)


def _push(arguments: argparse.Namespace, progress: Progress) -> None:
    tars = build(arguments.names, progress)
    for name in tars:
        if moved := differences(name):
            raise RegistryError(
                f"image {name} holds other Debian packages than its lock files say, so its tag does not stand for "
                "it:\n  " + "\n  ".join(moved) + "\nRecord them with `python -m images lock base lab`."
            )
    with tempfile.TemporaryDirectory() as scratch:
        pusher = push.Pusher(Path(scratch), progress)
        for name, tar in tars.items():
            there = reference(name, arguments.registry)
            print(f"{there} {'pushed' if pusher.push(there, read_image(tar)) else 'was there'}")


def _sbom(arguments: argparse.Namespace, progress: Progress) -> None:
    build(arguments.names, progress)
    for name in arguments.names:
        sys.stdout.write(sbom_of(name).read_text())


def _lock(arguments: argparse.Namespace, progress: Progress) -> None:
    lock.lock(arguments.names, progress, upgrade=arguments.upgrade)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m images", description="Build, load and push the images.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace, Progress], None], text: str, default: Sequence[str]
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument(
            "names", nargs="*", default=list(default), metavar="NAME", help=f"default: {' '.join(default)}"
        )
        sub.set_defaults(run=run)
        return sub

    listed = command("list", _list, "List the images, their references and what is built.", names())
    listed.add_argument("--registry", default=DEFAULT_REGISTRY)
    command("build", _build, "Build images into the cache, those that are not there.", names())
    loaded = command(
        "load", _load, "Build images and load them into a cluster on this machine.", names("platform")
    )
    loaded.add_argument(
        "--into", default="local", help=f"{', '.join(load.TARGETS)}, with :NAME of the cluster"
    )
    pushed = command("push", _push, "Build images and push them to a registry.", names("platform"))
    pushed.add_argument(
        "--registry", required=True, help="host and path, such as registry.example.org/science"
    )
    command("sbom", _sbom, "Print the SPDX documents of images, building them first.", names())
    locked = command("lock", _lock, "Write the lock files anew.", names())
    locked.add_argument("--upgrade", action="store_true", help="newest versions that the requirements allow")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if unknown := [name for name in arguments.names if name not in CATALOG]:
        parser.error(f"no image is called {', '.join(unknown)}; there are: {', '.join(CATALOG)}")
    try:
        arguments.run(arguments, Progress())
    except (ImageError, LocalClusterError, PackagesError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
