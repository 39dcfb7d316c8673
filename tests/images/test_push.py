"""Pushing to a real registry (Debian's docker-registry), with and without a password."""

import gzip
import hashlib
import io
import json
import os
import shutil
import socket
import stat
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from images.oci import Entry, Image, RunConfig, read_image, write_image, write_layer
from images.push import Pusher, compress
from images.registry import Reference, RegistryError
from infra.progress import Progress

# bcrypt of "correct horse", the only kind of hash that the registry reads.
HTPASSWD = "ada:$2b$05$adXOkbfex4SYnWRkKFEcr.yioarlC2HjnAfWbHrlm7RVpoxKE4FJi\n"


@pytest.fixture(scope="session")
def registry_program() -> str:
    """Return the registry server, from Debian if it is not there."""
    if found := shutil.which("docker-registry"):
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip("docker-registry is not installed, and only root on Debian can install it")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "docker-registry"]):
        subprocess.run(["apt-get", "-qq", *command], check=True, env=environment, capture_output=True)
    return shutil.which("docker-registry") or pytest.fail("docker-registry was installed and is not on PATH")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serve(registry_program: str, tmp_path: Path) -> Iterator[Callable[[dict[str, object]], str]]:
    """Return a function that starts a registry and returns its address."""
    running = []

    def start(extra: dict[str, object]) -> str:
        host = f"127.0.0.1:{_free_port()}"
        config = {
            "version": "0.1",
            "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(tmp_path / "storage")}},
            "http": {"addr": host},
            **extra,
        }
        (tmp_path / "registry.json").write_text(json.dumps(config))
        running.append(subprocess.Popen([registry_program, "serve", tmp_path / "registry.json"]))
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(host.partition(":")[2]))) == 0:
                    return host
            time.sleep(0.05)
        pytest.fail("the registry does not answer")

    yield start
    for process in running:
        process.terminate()
        process.wait()


def image(folder: Path, text: str = "hello") -> Image:
    folder.mkdir(exist_ok=True)
    base = write_layer([Entry("etc/os", stat.S_IFREG | 0o644, data=b"os" * 99_999)], folder / "base", "base")
    app = write_layer([Entry("app", stat.S_IFREG | 0o644, data=text.encode())], folder / "app", "app")
    write_image("localhost/x:1", RunConfig(), (base, app), {}, folder / "image.tar")
    return read_image(folder / "image.tar")


def push(reference: str, what: Image, scratch: Path) -> bool:
    scratch.mkdir(exist_ok=True)
    return Pusher(scratch, Progress(io.StringIO())).push(reference, what)


def get(url: str, accept: str = "*/*") -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers={"Accept": accept})) as answer:  # noqa: S310 - loopback
        return answer.read()


def test_a_pushed_image_can_be_pulled_and_is_the_same_image(serve, tmp_path: Path):  # noqa: ANN001 - a fixture
    host, sent = serve({}), image(tmp_path / "image")
    assert push(f"{host}/site/hub:1", sent, tmp_path / "scratch") is True

    base = f"http://{host}/v2/site/hub"
    manifest = json.loads(get(f"{base}/manifests/1", "application/vnd.oci.image.manifest.v1+json"))
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert get(f"{base}/blobs/{manifest['config']['digest']}") == sent.config
    unpacked = [gzip.decompress(get(f"{base}/blobs/{layer['digest']}")) for layer in manifest["layers"]]
    diff_ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in unpacked]
    assert diff_ids == json.loads(sent.config)["rootfs"]["diff_ids"]
    assert [layer["mediaType"] for layer in manifest["layers"]] == [
        "application/vnd.oci.image.layer.v1.tar+gzip"
    ] * 2


def test_pushing_again_has_nothing_to_do(serve, tmp_path: Path):  # noqa: ANN001 - a fixture
    host, sent = serve({}), image(tmp_path / "image")
    assert push(f"{host}/site/hub:1", sent, tmp_path / "a") is True
    assert push(f"{host}/site/hub:1", sent, tmp_path / "b") is False
    assert list((tmp_path / "b").iterdir()) == []


def test_a_tag_that_stands_for_another_image_is_not_moved(serve, tmp_path: Path):  # noqa: ANN001 - a fixture
    host = serve({})
    push(f"{host}/site/hub:1", image(tmp_path / "one", "one"), tmp_path / "a")
    with pytest.raises(RegistryError, match="already there with other content"):
        push(f"{host}/site/hub:1", image(tmp_path / "two", "two"), tmp_path / "b")


def test_with_a_password_only_its_owner_may_push(
    serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: ANN001 - a fixture
):  # fmt: skip
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    host = serve({"auth": {"htpasswd": {"realm": "site", "path": str(tmp_path / "htpasswd")}}})
    sent = image(tmp_path / "image")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with pytest.raises(RegistryError, match=f"docker login {host}"):
        push(f"{host}/site/hub:1", sent, tmp_path / "a")

    monkeypatch.setenv("REGISTRY_USER", "ada")
    monkeypatch.setenv("REGISTRY_PASSWORD", "wrong horse")
    with pytest.raises(RegistryError) as refused:
        push(f"{host}/site/hub:1", sent, tmp_path / "b")
    assert "wrong horse" not in str(refused.value)

    monkeypatch.setenv("REGISTRY_PASSWORD", "correct horse")
    assert push(f"{host}/site/hub:1", sent, tmp_path / "c") is True


def test_a_registry_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(RegistryError, match=r"cannot reach 127\.0\.0\.1"):
        push(f"127.0.0.1:{_free_port()}/site/hub:1", image(tmp_path / "image"), tmp_path / "a")


def test_a_compressed_layer_is_the_same_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    layer = image(tmp_path / "image").layers[0]
    first = compress(layer, tmp_path / "1")
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000)
    assert compress(layer, tmp_path / "2").digest == first.digest
    assert first.size < layer.size / 10


def test_references_are_taken_apart():
    assert Reference.parse("r.example.org:5000/a/b:1") == Reference("r.example.org:5000", "a/b", "1")
    assert Reference.parse("docker.io/site/hub:1") == Reference("registry-1.docker.io", "site/hub", "1")
    with pytest.raises(RegistryError, match="is not a registry, a path and a tag"):
        Reference.parse("hub:1")
