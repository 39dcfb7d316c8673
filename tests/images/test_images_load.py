"""Loading images into clusters by their own tools, and the command line around it."""

import io
from pathlib import Path

import pytest

from images.__main__ import main
from images.catalog import names, reference
from images.load import LoadError, load
from infra.progress import Progress


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, alone on PATH, of tools that write down how they were called."""
    for name in ("kind", "minikube", "docker", "ctr"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/calls\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("into", "call"),
    [
        ("kind", "kind load image-archive /x.tar --name kind"),
        ("kind:dev", "kind load image-archive /x.tar --name dev"),
        ("minikube:lab", "minikube image load /x.tar --profile lab"),
        ("docker", "docker load --input /x.tar"),
        ("ctr", "ctr --namespace k8s.io images import --local /x.tar"),
    ],
)
def test_each_kind_of_cluster_is_loaded_by_its_own_tool(into: str, call: str, tools: Path):
    load({"localhost/x:1": Path("/x.tar")}, into, Progress(io.StringIO()))
    assert (tools / "calls").read_text().splitlines() == [call]


def test_a_tool_that_fails_is_quoted(tools: Path):
    (tools / "kind").write_text("#!/bin/sh\necho no nodes found >&2\nexit 1\n")
    with pytest.raises(LoadError, match="kind load image-archive failed:\nno nodes found"):
        load({"localhost/x:1": Path("/x.tar")}, "kind", Progress(io.StringIO()))


def test_a_missing_tool_and_an_unknown_target_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LoadError, match="minikube is not installed"):
        load({"localhost/x:1": Path("/x.tar")}, "minikube", Progress(io.StringIO()))
    with pytest.raises(LoadError, match="there are: local, kind, minikube, docker, ctr"):
        load({}, "podman", Progress(io.StringIO()))


def test_the_list_shows_every_image_with_its_reference(cache: Path, capsys: pytest.CaptureFixture[str]):
    del cache
    assert main(["list", "--registry", "r.example.org/site"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [reference(name, "r.example.org/site") for name in names()]
    assert all("not built" in line for line in lines)


def test_an_unknown_image_ends_the_command_line_with_the_names_there_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        main(["build", "hbu"])
    assert "no image is called hbu; there are: base, hub, proxy" in capsys.readouterr().err


def test_an_operators_error_is_one_line_without_a_traceback(
    cache: Path, tools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    del cache
    monkeypatch.setenv("PATH", str(tools))
    assert main(["build", "pause"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert (
        error
        == "error: Go is not installed. Install Go 1.26 or newer (https://go.dev/dl) and put it on PATH."
    )


def test_building_prints_references_and_files_and_sbom_prints_the_document(
    cache: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["build", "pause"]) == 0
    tag = reference("pause").rpartition(":")[2]
    assert capsys.readouterr().out == f"{reference('pause')} {cache}/images/pause-{tag}/image.tar\n"
    assert main(["sbom", "pause"]) == 0
    assert '"spdxVersion": "SPDX-2.3"' in capsys.readouterr().out
