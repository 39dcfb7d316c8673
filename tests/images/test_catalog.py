"""References: a tag stands for its inputs, all of them and nothing else."""

import json
import re
import shutil
import timeit
from dataclasses import replace
from pathlib import Path

import pytest

from images import catalog
from images.catalog import CATALOG, names, reference, tag
from infra.paths import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of every input of every image."""
    for image in CATALOG.values():
        for part in image.parts:
            for path in part.inputs(ROOT):
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, tmp_path / path)
    return tmp_path


DOORS = ("webdav", "s3")


def inputs(name: str) -> list[str]:
    return [path for part in CATALOG[name].parts for path in part.inputs(ROOT)]


def test_the_images_of_a_site_and_of_a_local_cluster():
    assert names("platform") == (
        "base",
        "hub",
        "proxy",
        "lab",
        "edge",
        "postgres",
        "tap",
        "webdav",
        "s3",
        "backup",
    )
    assert names("cluster") == ("pause", "coredns", "local-path")


def test_each_image_is_made_of_these_files():
    laid_over = [path for path in inputs("lab") if path.startswith("images/lab/files/")]
    sources = [path for path in inputs("webdav") if path.startswith("services/")]
    assert {"services/go.mod", "services/tree/tree.go", "services/webdav/listing.html"} <= {*sources}
    assert not any(path.endswith("_test.go") for path in sources)
    assert "images/lab/files/etc/profile.d/science-platform.sh" in laid_over
    assert {name: [path for path in inputs(name) if path not in laid_over] for name in names()} == {
        "base": ["images/base/packages.in", "images/base/packages.lock"],
        "hub": ["images/hub/requirements.lock"],
        "proxy": ["images/proxy/package-lock.json", "images/proxy/package.json"],
        "lab": [
            "images/lab/packages.in",
            "images/lab/packages.lock",
            "images/lab/requirements.lock",
        ],
        "edge": ["images/gomod/caddy/go.mod", "images/gomod/caddy/go.sum"],
        "postgres": [
            "images/postgres/files/etc/dpkg/dpkg.cfg.d/no-compiled-queries",
            "images/postgres/files/etc/postgresql-common/createcluster.conf",
            "images/postgres/files/etc/ssl/certs/ssl-cert-snakeoil.pem",
            "images/postgres/files/etc/ssl/private/ssl-cert-snakeoil.key",
            "images/postgres/packages.in",
            "images/postgres/packages.lock",
        ],
        "tap": ["images/tap/packages.in", "images/tap/packages.lock", "images/tap/requirements.lock"],
        "webdav": sources,
        "s3": sources,
        "backup": ["images/backup/packages.in", "images/backup/packages.lock"],
        "pause": ["images/gomod/pause/go.mod", "images/gomod/pause/main.go"],
        "coredns": ["infra/local/gomod/coredns/go.mod", "infra/local/gomod/coredns/go.sum"],
        "local-path": [
            "images/local-path/packages.in",
            "images/local-path/packages.lock",
            "infra/local/gomod/local-path-provisioner/go.mod",
            "infra/local/gomod/local-path-provisioner/go.sum",
        ],
    }


@pytest.mark.parametrize("name", names())
def test_the_same_inputs_elsewhere_have_the_same_tag(name: str, checkout: Path):
    assert tag(name, checkout) == tag(name)


@pytest.mark.parametrize("name", names())
def test_a_change_in_any_input_changes_the_tag_and_only_of_what_is_made_of_it(name: str, checkout: Path):
    before = {each: tag(each, checkout) for each in names()}
    for path in inputs(name):
        original = (checkout / path).read_bytes()
        (checkout / path).write_bytes(original + b"\n")
        changed = {each for each in names() if tag(each, checkout) != before[each]}
        (checkout / path).write_bytes(original)
        # The programs of one Go module are built together.
        together = {"base": {*names("platform")} - {*DOORS}, **{door: {*DOORS} for door in DOORS}}
        assert changed == together.get(name, {name})


def test_other_files_times_and_estimates_leave_the_tag_alone(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    before = tag("hub", checkout), tag("lab", checkout)
    (checkout / "images/hub/requirements.in").write_text("# a comment\n")
    (checkout / "images/hub/requirements.lock").touch()
    (checkout / "images/lab/files/etc/__pycache__").mkdir()
    (checkout / "images/lab/files/etc/__pycache__/x.pyc").touch()
    monkeypatch.setitem(CATALOG, "hub", replace(CATALOG["hub"], estimate=1000))
    assert (tag("hub", checkout), tag("lab", checkout)) == before


@pytest.mark.parametrize("constant", ["BUILD_VERSION", "SUITE", "UV_VERSION", "EPOCH", "ARCHITECTURE"])
def test_how_images_are_built_is_part_of_the_tag(constant: str, monkeypatch: pytest.MonkeyPatch):
    before = tag("pause")
    monkeypatch.setattr(catalog, constant, "another")
    assert tag("pause") != before


def test_how_an_image_runs_is_part_of_its_tag(monkeypatch: pytest.MonkeyPatch):
    before = tag("hub")
    run = replace(CATALOG["hub"].run, user="0:0")
    monkeypatch.setitem(CATALOG, "hub", replace(CATALOG["hub"], run=run))
    assert tag("hub") != before


def test_a_reference_names_registry_image_and_tag():
    assert reference("hub") == f"localhost/science-platform/hub:{tag('hub')}"
    assert reference("hub", "registry.example.org/site") == f"registry.example.org/site/hub:{tag('hub')}"
    assert re.fullmatch(r"[0-9a-f]{12}", tag("hub"))


def test_a_reference_is_had_in_milliseconds():
    assert min(timeit.repeat(lambda: reference("lab"), number=1, repeat=5)) < 0.05


def test_an_unknown_image_is_an_error_that_lists_those_there_are():
    with pytest.raises(KeyError, match="no image is called 'hbu'; there are: base, hub, proxy"):
        reference("hbu")


def test_nothing_runs_as_root():
    assert {name: image.run.user for name, image in CATALOG.items() if image.run.user.startswith("0")} == {}


def _pins(file: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", (ROOT / file).read_text(), re.MULTILINE)
    )


def test_hub_and_lab_have_the_same_jupyterhub():
    pins = [_pins(f"images/{name}/requirements.lock")["jupyterhub"] for name in ("hub", "lab")]
    assert pins[0] == pins[1]


@pytest.mark.parametrize("name", ["hub", "lab"])
def test_what_is_asked_for_is_what_is_locked(name: str):
    locked = _pins(f"images/{name}/requirements.lock")
    asked = _pins(f"images/{name}/requirements.in")
    assert asked
    assert {package: locked[package] for package in asked} == asked


@pytest.mark.parametrize("name", ["hub", "lab"])
def test_every_python_package_is_locked_with_hashes(name: str):
    entries = re.split(r"\n(?=[A-Za-z])", (ROOT / f"images/{name}/requirements.lock").read_text())
    unhashed = [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
    assert len(entries) > 50
    assert unhashed == []


def test_every_npm_package_is_locked_with_a_sha512():
    lock = json.loads((ROOT / "images/proxy/package-lock.json").read_text())["packages"]
    weak = [path for path, entry in lock.items() if path and not entry["integrity"].startswith("sha512-")]
    assert len(lock) > 10
    assert weak == []


def test_uv_is_the_one_of_requirements_txt():
    assert _pins("requirements.txt")["uv"] == catalog.UV_VERSION
