"""Commands inside a root file system: with our network settings and a file system of their own, leaving no trace."""

import os
from pathlib import Path

import pytest

from images.build import build
from images.catalog import CATALOG
from images.chroot import ChrootError, ca_bundle, run_in
from images.oci import read_image
from images.parts import Workshop
from infra.progress import Progress


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root file system with a shell: the local-path image, and the folders that mounts need."""
    if os.geteuid() != 0:
        pytest.skip("only root can change its root")
    image = read_image(build(["local-path"], Progress())["local-path"])
    shop = Workshop(CATALOG["local-path"], tmp_path, image.layers, Progress())
    for name in ("proc", "dev", "tmp", "etc", "usr/sbin"):
        (shop.root / name).mkdir(exist_ok=True)
    (shop.root / "etc/resolv.conf").touch()
    for applet in ("cat", "env", "sh", "ls"):
        (shop.root / "usr/bin" / applet).symlink_to("busybox")
    return shop.root


def mounts() -> list[str]:
    return Path("/proc/self/mounts").read_text().splitlines()


def test_a_command_sees_its_root_fresh_mounts_and_what_is_bound(root: Path, tmp_path: Path):
    (tmp_path / "given").write_text("given text")
    before = mounts()
    script = "cat /tmp/given; ls /; ls /proc/1/exe >/dev/null && : >/dev/null && umask"
    umask = os.umask(0o077)
    try:
        said = run_in(root, ["sh", "-c", script], binds={"/tmp/given": tmp_path / "given"})
    finally:
        os.umask(umask)
    assert said == "given textbin\ndev\netc\nproc\ntmp\nusr\nvar\n0022\n"
    assert mounts() == before
    assert list((root / "tmp").iterdir()) == []
    assert list((root / "dev").iterdir()) == []


def test_the_environment_is_clean_but_for_proxies_and_certificates(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    lines = dict(line.split("=", 1) for line in run_in(root, ["env"], env={"MORE": "1"}).splitlines())
    expected = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "SOURCE_DATE_EPOCH": "1767225600",
        "https_proxy": "http://proxy:3128",
        "MORE": "1",
    }
    if ca_bundle():
        expected["SSL_CERT_FILE"] = "/tmp/host-ca.pem"
    assert {
        name: value for name, value in lines.items() if name not in ("PWD", "SHLVL", "OLDPWD", "_")
    } == expected


def test_a_failing_command_is_quoted_with_its_status(root: Path):
    with pytest.raises(ChrootError, match=r"sh failed in .*exit status 7.*\n.*no such package"):
        run_in(root, ["sh", "-c", "echo no such package >&2; exit 7"])
