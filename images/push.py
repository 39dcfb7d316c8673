"""Pushing images to a registry.

Layers go compressed (gzip, without times) and only where the registry lacks them. A tag that is there already is
never moved: it stands for its inputs.
"""

import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from images.credentials import credentials_for
from images.oci import CONFIG, Image, Layer, descriptor, image_manifest
from images.registry import Reference, Registry, RegistryError
from infra.progress import Progress

LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"

_CHUNK = 1 << 20


def compress(layer: Layer, out: Path) -> Layer:
    """Write a layer compressed and return it; the same layer gives the same bytes with the same zlib."""
    with (
        layer.open() as source,
        out.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
    ):
        for chunk in _read(source, layer.size):
            packed.write(chunk)
    with out.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Layer(out, f"sha256:{digest}", out.stat().st_size, title=layer.title)


def _read(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size and (chunk := stream.read(min(size, _CHUNK))):
        size -= len(chunk)
        yield chunk


class Pusher:
    """Pushes images; a layer that several share is compressed once.

    Parameters
    ----------
    scratch
        Folder for compressed layers; whoever made it removes it.
    progress
        Told of each step.
    """

    def __init__(self, scratch: Path, progress: Progress) -> None:
        self._scratch, self._progress = scratch, progress
        self._compressed: dict[str, Layer] = {}

    def push(self, reference: str, image: Image) -> bool:
        """Push an image under a reference; return whether there was anything to do.

        Raises
        ------
        RegistryError
            The registry refused, or has another image under this tag.
        """
        place = Reference.parse(reference)
        registry = Registry(place.host, place.repository, credentials_for(place.host))
        config = descriptor(CONFIG, image.config)
        if there := registry.manifest(place.tag):
            if there["config"]["digest"] == config["digest"]:
                return False
            raise RegistryError(
                f"{reference} is already there with other content, built from the same inputs on another day. Record "
                "what has changed with `python -m images lock`, or use the image that is there."
            )
        with self._progress.step(f"pushing {reference}"):
            layers = [self._push_layer(registry, layer) for layer in image.layers]
            if not registry.has_blob(config["digest"]):
                registry.push_blob(config["digest"], config["size"], io.BytesIO(image.config))
            registry.push_manifest(place.tag, image_manifest(image.config, layers))
        return True

    def _push_layer(self, registry: Registry, layer: Layer) -> dict[str, Any]:
        if layer.digest not in self._compressed:
            out = self._scratch / layer.digest.removeprefix("sha256:")
            self._compressed[layer.digest] = compress(layer, out)
        packed = self._compressed[layer.digest]
        if not registry.has_blob(packed.digest):
            with packed.open() as stream:
                registry.push_blob(packed.digest, packed.size, stream)
        return {"mediaType": LAYER_GZIP, "digest": packed.digest, "size": packed.size}
