"""Node applications are what their lock file says, or are not installed."""

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from images import node
from images.node import NodePackage


def tarball(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def integrity(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def lock(**packages: Mapping[str, object]) -> str:
    return json.dumps({"lockfileVersion": 3, "packages": {"": {"name": "app"}, **packages}})


@pytest.fixture
def registry(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that serves as the npm registry; nothing fetched before is kept."""
    del cache
    monkeypatch.setenv("npm_config_registry", (tmp_path / "registry").as_uri())
    return tmp_path / "registry"


def publish(registry: Path, url: str, data: bytes) -> None:
    (registry / url).parent.mkdir(parents=True)
    (registry / url).write_bytes(data)


def test_a_lock_lists_what_is_needed_to_run_nested_scoped_and_aliased():
    entry = {"version": "1.0.0", "integrity": "sha512-x"}
    text = lock(
        **{
            "node_modules/a": entry,
            "node_modules/a/node_modules/@s/b": entry,
            "node_modules/alias": {**entry, "name": "real"},
            "node_modules/only-for-tests": {**entry, "dev": True},
        }
    )
    assert node.locked(text) == (
        NodePackage("node_modules/a", "a", "1.0.0", "sha512-x"),
        NodePackage("node_modules/a/node_modules/@s/b", "@s/b", "1.0.0", "sha512-x"),
        NodePackage("node_modules/alias", "real", "1.0.0", "sha512-x"),
    )


def test_a_registry_keeps_scoped_packages_under_their_short_name():
    package = NodePackage("node_modules/@s/b", "@s/b", "1.2.3", "sha512-x")
    assert package.url("https://npm.example.org/") == "https://npm.example.org/@s/b/-/b-1.2.3.tgz"


def test_packages_are_unpacked_whatever_their_top_folder_is_called(registry: Path, tmp_path: Path):
    data = tarball({"odd-name/index.js": "hello", "odd-name/lib/x.js": "x"})
    publish(registry, "a/-/a-1.0.0.tgz", data)
    node.install(
        lock(**{"node_modules/a": {"version": "1.0.0", "integrity": integrity(data)}}), tmp_path / "app"
    )
    files = {str(p.relative_to(tmp_path / "app")) for p in (tmp_path / "app").rglob("*") if p.is_file()}
    assert files == {"node_modules/a/index.js", "node_modules/a/lib/x.js"}


def test_another_tarball_than_the_locked_one_is_refused_and_not_kept(registry: Path, tmp_path: Path):
    publish(registry, "a/-/a-1.0.0.tgz", tarball({"package/index.js": "evil"}))
    text = lock(**{"node_modules/a": {"version": "1.0.0", "integrity": integrity(b"the real one")}})
    for _ in range(2):
        with pytest.raises(node.NodeError, match="its SHA-512 differs"):
            node.install(text, tmp_path / "app")
    assert not (tmp_path / "app").exists()


def test_a_tarball_does_not_write_outside_its_folder(registry: Path, tmp_path: Path):
    data = tarball({"package/../../../../escaped": "x"})
    publish(registry, "a/-/a-1.0.0.tgz", data)
    text = lock(**{"node_modules/a": {"version": "1.0.0", "integrity": integrity(data)}})
    with pytest.raises(tarfile.OutsideDestinationError):
        node.install(text, tmp_path / "app")
    assert not list(tmp_path.rglob("escaped"))


def test_a_weak_hash_is_an_error_that_says_how_to_lock_anew(registry: Path, tmp_path: Path):
    del registry
    text = lock(**{"node_modules/a": {"version": "1.0.0", "integrity": "sha1-x"}})
    with pytest.raises(node.NodeError, match="python -m images lock proxy"):
        node.install(text, tmp_path / "app")


def test_a_missing_package_is_an_error_that_names_its_url(registry: Path, tmp_path: Path):
    text = lock(**{"node_modules/a": {"version": "1.0.0", "integrity": integrity(b"")}})
    with pytest.raises(node.NodeError, match=f"cannot fetch {registry.as_uri()}/a/-/a-1.0.0.tgz"):
        node.install(text, tmp_path / "app")


def test_programs_are_those_of_the_bin_field(tmp_path: Path):
    (tmp_path / "proxy").mkdir()
    (tmp_path / "proxy/package.json").write_text('{"bin": {"run": "./bin/run.js"}}')
    assert node.programs(tmp_path / "proxy") == {"run": "bin/run.js"}
    (tmp_path / "proxy/package.json").write_text('{"bin": "cli.js"}')
    assert node.programs(tmp_path / "proxy") == {"proxy": "cli.js"}
