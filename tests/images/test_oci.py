"""Layers and images: the same tree gives the same bytes, and the bytes are what the OCI specification says."""

import hashlib
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from images.oci import EPOCH, Entry, Layer, RunConfig, file_entry, read_image, tree, write_image, write_layer

RUN = RunConfig(entrypoint=("/bin/hello",), cmd=("world",), env={"PATH": "/bin"}, ports=(8080,))
LABELS = {"org.opencontainers.image.title": "hello"}
REFERENCE = "localhost/science-platform/hello:0123"


def a_tree(root: Path, names: list[str]) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    (root / "bin/tool").chmod(0o755)
    (root / "bin/link").symlink_to("tool")
    return root


def members(layer: Layer) -> list[tuple[str, bytes, int, int, int | float, str]]:
    with layer.open() as stream, tarfile.open(fileobj=stream) as archive:
        return [(m.name, m.type, m.mode, m.uid, m.mtime, m.linkname) for m in archive]


def test_the_same_files_give_the_same_layer_whatever_their_times_owners_umask_and_order(tmp_path: Path):
    one = a_tree(tmp_path / "one", ["bin/tool", "etc/conf", "etc/conf.d/a"])
    before = os.umask(0o077)
    try:
        two = a_tree(tmp_path / "two", ["etc/conf.d/a", "etc/conf", "bin/tool"])
    finally:
        os.umask(before)
    os.utime(two / "etc/conf", (1, 1))
    (two / "bin/tool").chmod(0o700)

    first = write_layer(tree(one), tmp_path / "1.layer", "files")
    second = write_layer(reversed(list(tree(two))), tmp_path / "2.layer", "files")

    assert first.digest == second.digest
    assert (tmp_path / "1.layer").read_bytes() == (tmp_path / "2.layer").read_bytes()


def test_a_layer_is_sorted_roots_and_of_one_time_and_brings_the_folders_above_its_files(tmp_path: Path):
    root = a_tree(tmp_path / "root", ["bin/tool"])
    layer = write_layer(
        [*tree(root, prefix="opt/app"), Entry("etc/motd", stat.S_IFREG | 0o644, data=b"hello\n")],
        tmp_path / "layer",
        "files",
    )
    assert members(layer) == [
        ("etc", tarfile.DIRTYPE, 0o755, 0, EPOCH, ""),
        ("etc/motd", tarfile.REGTYPE, 0o644, 0, EPOCH, ""),
        ("opt", tarfile.DIRTYPE, 0o755, 0, EPOCH, ""),
        ("opt/app", tarfile.DIRTYPE, 0o755, 0, EPOCH, ""),
        ("opt/app/bin", tarfile.DIRTYPE, 0o755, 0, EPOCH, ""),
        ("opt/app/bin/link", tarfile.SYMTYPE, 0o777, 0, EPOCH, "tool"),
        ("opt/app/bin/tool", tarfile.REGTYPE, 0o755, 0, EPOCH, ""),
    ]


def test_as_is_keeps_modes_such_as_a_sticky_tmp(tmp_path: Path):
    (tmp_path / "root/tmp").mkdir(parents=True)
    (tmp_path / "root/tmp").chmod(0o1777)
    layer = write_layer(tree(tmp_path / "root", as_is=True), tmp_path / "layer", "files")
    assert [mode for _, _, mode, *_ in members(layer)] == [0o1777]


def test_a_hard_linked_file_is_stored_once(tmp_path: Path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "git").write_bytes(b"x" * 50_000)
    (root / "git-again").hardlink_to(root / "git")
    layer = write_layer(tree(root), tmp_path / "layer", "files")
    assert [(name, kind, link) for name, kind, _, _, _, link in members(layer)] == [
        ("git", tarfile.REGTYPE, ""),
        ("git-again", tarfile.LNKTYPE, "git"),
    ]
    assert layer.size < 80_000


def test_a_path_twice_in_a_layer_is_an_error_that_names_it(tmp_path: Path):
    entry = Entry("etc/motd", stat.S_IFREG | 0o644)
    with pytest.raises(ValueError, match="etc/motd"):
        write_layer([entry, entry], tmp_path / "layer", "files")


def test_an_image_is_an_oci_layout_and_a_docker_archive_over_the_same_blobs(tmp_path: Path):
    binary = tmp_path / "hello"
    binary.write_bytes(b"ELF")
    base = write_layer([Entry("etc/os", stat.S_IFREG | 0o644, data=b"os")], tmp_path / "base", "base")
    layer = write_layer([file_entry("bin/hello", binary, executable=True)], tmp_path / "app", "app")
    write_image(REFERENCE, RUN, (base, layer), LABELS, tmp_path / "image.tar")

    with tarfile.open(tmp_path / "image.tar") as archive:
        blobs = {m.name: (archive.extractfile(m) or pytest.fail(m.name)).read() for m in archive}
    index = json.loads(blobs["index.json"])
    manifest_digest = index["manifests"][0]["digest"].removeprefix("sha256:")
    manifest = json.loads(blobs[f"blobs/sha256/{manifest_digest}"])
    config_digest = manifest["config"]["digest"].removeprefix("sha256:")
    config_blob = blobs[f"blobs/sha256/{config_digest}"]

    assert json.loads(blobs["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    assert index == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": f"sha256:{hashlib.sha256(blobs[f'blobs/sha256/{manifest_digest}']).hexdigest()}",
                "size": len(blobs[f"blobs/sha256/{manifest_digest}"]),
                "annotations": {
                    "io.containerd.image.name": REFERENCE,
                    "org.opencontainers.image.ref.name": "0123",
                },
            }
        ],
    }
    assert manifest == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": f"sha256:{hashlib.sha256(config_blob).hexdigest()}",
            "size": len(config_blob),
        },
        "layers": [
            {
                "mediaType": "application/vnd.oci.image.layer.v1.tar",
                "digest": each.digest,
                "size": each.size,
            }
            for each in (base, layer)
        ],
    }
    assert json.loads(config_blob) == {
        "created": "2026-01-01T00:00:00Z",
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "User": "1000:1000",
            "Env": ["PATH=/bin"],
            "Entrypoint": ["/bin/hello"],
            "Cmd": ["world"],
            "WorkingDir": "/",
            "ExposedPorts": {"8080/tcp": {}},
            "Labels": {"org.opencontainers.image.title": "hello"},
        },
        "rootfs": {"type": "layers", "diff_ids": [base.digest, layer.digest]},
        "history": [
            {"created": "2026-01-01T00:00:00Z", "created_by": "base"},
            {"created": "2026-01-01T00:00:00Z", "created_by": "app"},
        ],
    }
    assert json.loads(blobs["manifest.json"]) == [
        {
            "Config": f"blobs/sha256/{config_digest}",
            "RepoTags": [REFERENCE],
            "Layers": [f"blobs/sha256/{each.digest.removeprefix('sha256:')}" for each in (base, layer)],
        }
    ]
    for each in (base, layer):
        digest = each.digest.removeprefix("sha256:")
        assert hashlib.sha256(blobs[f"blobs/sha256/{digest}"]).hexdigest() == digest


def test_layers_read_back_from_an_image_can_be_the_base_of_another(tmp_path: Path):
    entry = Entry("etc/os", stat.S_IFREG | 0o644, data=b"os")
    base = write_layer([entry], tmp_path / "base", "base")
    write_image(REFERENCE, RUN, (base,), LABELS, tmp_path / "one.tar")
    image = read_image(tmp_path / "one.tar")
    write_image(REFERENCE, RUN, image.layers, LABELS, tmp_path / "two.tar")

    assert [(layer.digest, layer.size, layer.title) for layer in image.layers] == [
        (base.digest, base.size, "base")
    ]
    assert json.loads(image.config)["config"]["User"] == "1000:1000"
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
