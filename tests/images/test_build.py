"""Building images: once, the same bytes each time, safe beside another build."""

import hashlib
import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from images import build as build_module
from images import sbom
from images.build import build, differences, folder_of, labels, sbom_of
from images.catalog import CATALOG, reference, tag
from images.oci import read_image
from infra.progress import Progress


def quietly(*names: str) -> dict[str, Path]:
    return build(names, Progress(io.StringIO()))


def test_an_image_built_twice_from_nothing_is_the_same_to_the_byte(cache: Path):
    seen = set()
    for _ in range(2):
        tar = quietly("pause")["pause"]
        seen.add((hashlib.sha256(tar.read_bytes()).hexdigest(), sbom_of("pause").read_bytes()))
        shutil.rmtree(cache)
    assert len(seen) == 1


def test_an_image_is_built_once_and_kept_under_its_tag(cache: Path):
    out = io.StringIO()
    first = build(["pause"], Progress(out))
    said = out.getvalue()
    assert "building image pause" in said
    assert build(["pause"], Progress(out)) == first
    assert out.getvalue() == said
    assert first == {"pause": cache / f"images/pause-{tag('pause')}/image.tar"}
    assert sorted(path.name for path in folder_of("pause").iterdir()) == ["image.tar", "sbom.spdx.json"]


def test_builds_beside_each_other_agree_and_leave_nothing_behind(cache: Path):
    with ThreadPoolExecutor(3) as pool:
        tars = list(pool.map(lambda _: quietly("pause")["pause"], range(3)))
    assert set(tars) == {cache / f"images/pause-{tag('pause')}/image.tar"}
    assert [path.name for path in (cache / "images").iterdir()] == [f"pause-{tag('pause')}"]


def test_of_old_builds_the_newest_are_kept_and_other_images_left_alone(cache: Path):
    for number in range(5):
        old = cache / f"images/pause-00000000000{number}"
        old.mkdir(parents=True)
        os.utime(old, (number, number))
    (cache / "images/pause-more-000000000000").mkdir()
    quietly("pause")
    assert sorted(path.name for path in (cache / "images").iterdir()) == sorted(
        ["pause-000000000003", "pause-000000000004", "pause-more-000000000000", f"pause-{tag('pause')}"]
    )


def test_a_failed_build_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(build_module, "write_image", fail)
    with pytest.raises(OSError, match="no space"):
        quietly("pause")
    assert list((cache / "images").iterdir()) == []


def test_an_image_says_how_it_runs_and_what_it_is(cache: Path):
    del cache
    image = read_image(quietly("pause")["pause"])
    assert json.loads(image.config)["config"] == {
        "User": "65535:65535",
        "Env": [],
        "Entrypoint": ["/usr/local/bin/pause"],
        "Cmd": [],
        "WorkingDir": "/",
        "ExposedPorts": {},
        "Labels": {
            "org.opencontainers.image.description": "Holds the namespaces of a pod",
            "org.opencontainers.image.title": "pause",
            "org.opencontainers.image.vendor": "science-platform",
            "org.opencontainers.image.version": tag("pause"),
        },
    }
    assert labels(CATALOG["pause"]) == json.loads(image.config)["config"]["Labels"]
    assert reference("pause").endswith(tag("pause"))


def test_drift_from_the_lock_files_is_found_in_the_sbom(cache: Path):
    locked = [
        sbom.Package("deb", name, version)
        for name, version in build_module.debian.read_lock(
            build_module.ROOT / "images/base/packages.lock"
        ).items()
    ]
    folder_of("hub").mkdir(parents=True)
    sbom_of("hub").write_bytes(
        sbom.document("hub", tag("hub"), [*locked, sbom.Package("pypi", "jupyterhub", "6")])
    )
    assert cache.is_dir()
    assert differences("hub") == ()

    sbom_of("hub").write_bytes(
        sbom.document("hub", tag("hub"), [*locked[1:], sbom.Package("deb", "new", "1")])
    )
    assert differences("hub") == (
        *(f"{package.name} {package.version} → (none)" for package in locked[:1]),
        "new (none) → 1",
    )
