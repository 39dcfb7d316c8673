"""What an image's parts put into its layers."""

import io
import os
import stat
import tarfile
from pathlib import Path

import pytest

from images import debian, golang, parts
from images.catalog import CATALOG, Debian, Files, Links, Programs
from images.oci import Entry, Layer, write_layer
from images.parts import Workshop, make
from infra.progress import Progress


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """Return a workshop over a base of one file."""
    base = write_layer([Entry("etc/os", stat.S_IFREG | 0o640, data=b"os")], tmp_path / "base", "base")
    (tmp_path / "scratch").mkdir()
    return Workshop(CATALOG["lab"], tmp_path / "scratch", (base,), Progress(io.StringIO()))


def paths(layer: Layer) -> list[str]:
    with layer.open() as stream, tarfile.open(fileobj=stream) as archive:
        return [member.name for member in archive if not member.isdir()]


def test_links_files_and_programs_each_become_a_layer(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "files/etc/profile.d").mkdir(parents=True)
    (tmp_path / "files/etc/profile.d/x.sh").touch()
    (tmp_path / "files/etc/profile.d/__pycache__").mkdir()
    (tmp_path / "files/etc/profile.d/__pycache__/x.pyc").touch()
    (tmp_path / "built").mkdir()
    (tmp_path / "built/tool").write_text("ELF")
    monkeypatch.setattr(parts, "ROOT", tmp_path)
    monkeypatch.setattr(golang, "build", lambda *_: tmp_path / "built")
    monkeypatch.setattr(
        golang, "describe", lambda binary: f"{binary}: go1.26.8\n\tdep\texample.org/a\tv1.0.0\n"
    )
    for part in (
        Links((("bin/sh", "/usr/bin/busybox"),)),
        Files("files"),
        Programs("module", 1, into="usr/bin"),
    ):
        make(part, shop)
    assert [paths(layer) for layer in shop.layers] == [["bin/sh"], ["etc/profile.d/x.sh"], ["usr/bin/tool"]]
    assert [layer.title for layer in shop.layers] == ["links", "files of files", "programs of module"]
    assert [(package.name, package.version) for package in shop.packages] == [
        ("stdlib", "1.26.8"),
        ("example.org/a", "v1.0.0"),
    ]


def test_the_root_holds_the_base_and_the_layers_so_far(shop: Workshop):
    shop.add([Entry("opt/x", stat.S_IFREG | 0o644, data=b"x")], "first")
    assert (shop.root / "etc/os").read_text() == "os"
    assert stat.S_IMODE((shop.root / "etc/os").stat().st_mode) == 0o640
    assert (shop.root / "opt/x").read_text() == "x"


def _lock(tmp_path: Path, text: str) -> Debian:
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra/packages.in").write_text("nano\n")
    (tmp_path / "extra/packages.lock").write_text(text)
    return Debian("extra", how="install")


def _status(root: Path, *names: str) -> None:
    (root / "var/lib/dpkg").mkdir(parents=True, exist_ok=True)
    (root / "var/lib/dpkg/status").write_text("".join(f"Package: {name}\nVersion: 1\n\n" for name in names))


def test_added_packages_make_a_layer_of_what_changed_and_drift_is_said(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    _status(shop.root, "base-files")

    def install(root: Path, packages: tuple[str, ...]) -> None:
        assert packages == ("nano",)
        _status(root, "base-files", "nano", "libncurses")
        (root / "usr/bin").mkdir(parents=True)
        (root / "usr/bin/nano").write_text("ELF")
        os.utime(root / "usr")

    monkeypatch.setattr(parts, "ROOT", tmp_path)
    monkeypatch.setattr(debian, "require_host", lambda _: None)
    monkeypatch.setattr(debian, "install", install)
    make(_lock(tmp_path, "nano 1\nlibncurses 0\n"), shop)

    assert paths(shop.layers[0]) == ["usr/bin/nano", "var/lib/dpkg/status"]
    said = shop.progress.out.getvalue()  # pyright: ignore[reportAttributeAccessIssue] - a StringIO here
    assert "libncurses 0 → 1" in said
    assert "nano 1" not in said
    assert "python -m images lock lab" in said


def test_packages_that_remove_files_of_the_base_are_refused(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parts, "ROOT", tmp_path)
    monkeypatch.setattr(debian, "require_host", lambda _: None)
    monkeypatch.setattr(debian, "install", lambda root, _: (root / "etc/os").unlink())
    with pytest.raises(debian.DebianError, match="removed files of the base: etc/os"):
        make(_lock(tmp_path, ""), shop)
