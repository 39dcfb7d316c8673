"""Container images as files: deterministic layers and OCI image layouts, written with the standard library.

Follows the OCI image specification 1.1 (image layout, manifest, configuration, layer file system changesets).
The same tree gives the same bytes whenever and by whomever it is written: entries are sorted, times are fixed,
names of owners are left out. Layers stay uncompressed, so that containerd stores a shared one once.
"""

import hashlib
import io
import json
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

EPOCH = 1767225600
"""Modification time of every file in every layer: 2026-01-01T00:00:00Z, as SOURCE_DATE_EPOCH."""

CREATED = datetime.fromtimestamp(EPOCH, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

ARCHITECTURE = "amd64"

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True)
class Entry:
    """One file of a layer.

    Parameters
    ----------
    name
        Path inside the image, without a leading slash.
    mode
        File type and permission bits, as ``os.stat`` gives them.
    source
        Where the bytes are read from; ``None`` for what has no bytes or brings them in ``data``.
    data
        The bytes themselves, for a file that is made up.
    link
        Target of a symbolic link, or name of the first entry of a hard-linked file.
    uid, gid
        Numeric owner.
    """

    name: str
    mode: int
    source: Path | None = None
    data: bytes = b""
    link: str = ""
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True)
class Layer:
    """An uncompressed layer: a run of bytes in a file, maybe inside an image's own tar.

    ``digest`` is ``sha256:…`` and is both the blob's digest and the layer's diff ID.
    """

    file: Path
    digest: str
    size: int
    offset: int = 0
    title: str = ""

    def open(self) -> BinaryIO:
        """Return a file positioned at the layer's first byte; ``size`` bytes of it are the layer."""
        stream = self.file.open("rb")
        stream.seek(self.offset)
        return stream


@dataclass(frozen=True)
class RunConfig:
    """How a container of the image runs, unless its pod says otherwise."""

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    user: str = "1000:1000"
    env: dict[str, str] = field(default_factory=dict)
    working_dir: str = "/"
    ports: tuple[int, ...] = ()

    def as_oci(self, labels: dict[str, str]) -> dict[str, Any]:
        """Return the ``config`` object of an OCI image configuration."""
        return {
            "User": self.user,
            "Env": [f"{name}={value}" for name, value in self.env.items()],
            "Entrypoint": list(self.entrypoint),
            "Cmd": list(self.cmd),
            "WorkingDir": self.working_dir,
            "ExposedPorts": {f"{port}/tcp": {} for port in self.ports},
            "Labels": dict(sorted(labels.items())),
        }


def file_entry(name: str, source: Path, *, executable: bool = False) -> Entry:
    """Return an entry for one file that is put into an image under another name."""
    return Entry(name, stat.S_IFREG | (0o755 if executable else 0o644), source)


def tree(root: Path, prefix: str = "", *, as_is: bool = False) -> Iterator[Entry]:
    """Yield the entries of everything under ``root`` (itself left out), placed under ``prefix``.

    Files become root's, writable by root only, readable by everyone and executable if they are for somebody;
    ``as_is`` keeps owners and modes. Sockets, pipes and devices are left out: a container gets its own.
    """
    yield from entries_of(root, walk(root), prefix, as_is=as_is)


def walk(root: Path) -> Iterator[str]:
    """Yield the path, relative to ``root``, of everything under it."""
    for folder, folders, files in os.walk(root):
        relative = Path(folder).relative_to(root)
        yield from (str(relative / name) for name in (*folders, *files))


def entries_of(root: Path, names: Iterable[str], prefix: str = "", *, as_is: bool = False) -> Iterator[Entry]:
    """Yield the entries of the named paths under ``root``, as ``tree`` does; hard links among them stay links."""
    first: dict[tuple[int, int], str] = {}
    for relative in sorted(names):
        path = root / relative
        status = path.lstat()
        name = f"{prefix}/{relative}".strip("/")
        uid, gid = (status.st_uid, status.st_gid) if as_is else (0, 0)
        mode = status.st_mode if as_is else _normal(status.st_mode)
        if stat.S_ISLNK(mode):
            yield Entry(name, stat.S_IFLNK | 0o777, link=str(path.readlink()), uid=uid, gid=gid)
        elif stat.S_ISDIR(mode):
            yield Entry(name, mode, uid=uid, gid=gid)
        elif stat.S_ISREG(mode):
            original = first.setdefault((status.st_dev, status.st_ino), name)
            link = "" if original == name else original
            yield Entry(name, mode, None if link else path, link=link, uid=uid, gid=gid)


def _normal(mode: int) -> int:
    executable = stat.S_ISDIR(mode) or mode & 0o111
    return stat.S_IFMT(mode) | (0o755 if executable else 0o644)


def write_layer(entries: Iterable[Entry], out: Path, title: str) -> Layer:
    """Write a layer's tar: sorted, each parent folder once and before its content, fixed times.

    Raises
    ------
    ValueError
        Two entries have the same name.
    """
    given = list(entries)
    names = [entry.name for entry in given]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"a layer cannot hold the same path twice: {', '.join(twice)}")
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as archive:
        for entry in sorted((*given, *_parents(names)), key=lambda entry: entry.name):
            _add(archive, entry)
    return Layer(out, f"sha256:{_file_hash(out)}", out.stat().st_size, title=title)


def _parents(names: Iterable[str]) -> Iterator[Entry]:
    present = set(names)
    missing = {str(parent) for name in names for parent in PurePosixPath(name).parents} - present - {"."}
    return (Entry(name, stat.S_IFDIR | 0o755) for name in sorted(missing))


def _add(archive: tarfile.TarFile, entry: Entry) -> None:
    info = tarfile.TarInfo(entry.name)
    info.mode = stat.S_IMODE(entry.mode)
    info.uid, info.gid, info.mtime = entry.uid, entry.gid, EPOCH
    if stat.S_ISDIR(entry.mode):
        info.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(entry.mode):
        info.type, info.linkname = tarfile.SYMTYPE, entry.link
    elif entry.link:
        info.type, info.linkname = tarfile.LNKTYPE, entry.link
    elif entry.source:
        info.size = entry.source.stat().st_size
        with entry.source.open("rb") as stream:
            archive.addfile(info, stream)
        return
    else:
        info.size = len(entry.data)
        archive.addfile(info, io.BytesIO(entry.data))
        return
    archive.addfile(info)


def _file_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _as_json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    """Return the OCI descriptor of a small blob."""
    return {
        "mediaType": media_type,
        "digest": f"sha256:{hashlib.sha256(blob).hexdigest()}",
        "size": len(blob),
    }


def image_config(run: RunConfig, layers: tuple[Layer, ...], labels: dict[str, str]) -> bytes:
    """Return the OCI image configuration, as its canonical bytes."""
    return _as_json(
        {
            "created": CREATED,
            "architecture": ARCHITECTURE,
            "os": "linux",
            "config": run.as_oci(labels),
            "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
            "history": [{"created": CREATED, "created_by": layer.title} for layer in layers],
        }
    )


def image_manifest(config: bytes, layers: Iterable[dict[str, Any]]) -> bytes:
    """Return the OCI manifest over a configuration and its layers' descriptors."""
    return _as_json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(CONFIG, config),
            "layers": list(layers),
        }
    )


def write_image(
    reference: str, run: RunConfig, layers: tuple[Layer, ...], labels: dict[str, str], out: Path
) -> None:
    """Write an image as one tar that is an OCI image layout and a Docker archive at once.

    containerd reads ``index.json``; ``docker load``, ``kind load image-archive`` and ``minikube image load`` read
    ``manifest.json``, which names the same blobs.
    """
    config = image_config(run, layers, labels)
    described = [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size} for layer in layers]
    manifest = image_manifest(config, described)
    annotations = {
        "io.containerd.image.name": reference,
        "org.opencontainers.image.ref.name": reference.rpartition(":")[2],
    }
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [descriptor(MANIFEST, manifest) | {"annotations": annotations}],
    }
    docker = [
        {
            "Config": _blob(descriptor(CONFIG, config)["digest"]),
            "RepoTags": [reference],
            "Layers": [_blob(layer.digest) for layer in layers],
        }
    ]
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as archive:
        _add_bytes(archive, "oci-layout", _as_json({"imageLayoutVersion": "1.0.0"}))
        _add_bytes(archive, "index.json", _as_json(index))
        _add_bytes(archive, "manifest.json", _as_json(docker))
        _add_bytes(archive, _blob(descriptor(CONFIG, config)["digest"]), config)
        _add_bytes(archive, _blob(descriptor(MANIFEST, manifest)["digest"]), manifest)
        for layer in dict.fromkeys(layers):
            with layer.open() as stream:
                _add_stream(archive, _blob(layer.digest), layer.size, stream)


def _blob(digest: str) -> str:
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    _add_stream(archive, name, len(data), io.BytesIO(data))


def _add_stream(archive: tarfile.TarFile, name: str, size: int, stream: BinaryIO) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = size, EPOCH
    archive.addfile(info, stream)


@dataclass(frozen=True)
class Image:
    """An image read back from its tar."""

    config: bytes
    layers: tuple[Layer, ...]


def read_image(tar: Path) -> Image:
    """Return the configuration and the layers of an image that ``write_image`` wrote, without unpacking it."""
    with tarfile.open(tar) as archive:
        index = json.loads(_read(archive, "index.json"))
        manifest = json.loads(_read(archive, _blob(index["manifests"][0]["digest"])))
        config = _read(archive, _blob(manifest["config"]["digest"]))
        titles = [line["created_by"] for line in json.loads(config)["history"]]
        layers = tuple(
            Layer(
                tar,
                layer["digest"],
                layer["size"],
                archive.getmember(_blob(layer["digest"])).offset_data,
                title,
            )
            for layer, title in zip(manifest["layers"], titles, strict=True)
        )
    return Image(config, layers)


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    stream = archive.extractfile(name)
    if stream is None:
        raise ValueError(f"{name} is not a file in {archive.name!r}")
    return stream.read()
