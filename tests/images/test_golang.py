"""Go programs are built once per set of inputs."""

import io
import subprocess
from pathlib import Path

import pytest

from images import golang
from images.golang import GoModule
from infra.progress import Progress

MAIN = 'package main\n\nfunc main() { println("hello") }\n'


@pytest.fixture
def module(cache: Path, tmp_path: Path) -> GoModule:
    """Return a module with one program of its own, and an empty cache."""
    del cache
    folder = tmp_path / "hello"
    folder.mkdir()
    (folder / "go.mod").write_text("module example/hello\n\ngo 1.26.0\n\ntool example/hello\n")
    (folder / "main.go").write_text(MAIN)
    return GoModule(folder, estimate=1)


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        (lambda folder: (folder / "go.mod").write_text("module other\n"), True),
        (lambda folder: (folder / "go.sum").write_text("a v1 h1:x=\n"), True),
        (lambda folder: (folder / "main.go").write_text(MAIN + "// more\n"), True),
        (lambda folder: (folder / "more.go").write_text("package main\n"), True),
        (lambda folder: (folder / "README").write_text("text"), False),
        (lambda folder: (folder / "main.go").touch(), False),
    ],
)
def test_the_key_follows_the_inputs(module: GoModule, change, changes: bool):  # noqa: ANN001 - a lambda
    before = module.key("go1.26.8")
    change(module.folder)
    assert (module.key("go1.26.8") != before) is changes


def test_the_key_follows_go_and_the_flags(module: GoModule):
    keys = {
        module.key("go1.26.8"),
        module.key("go1.26.9"),
        GoModule(module.folder, 1, cgo=True).key("go1.26.8"),
        GoModule(module.folder, 1, tags="netgo").key("go1.26.8"),
        GoModule(module.folder, 1, ldflags="-s").key("go1.26.8"),
    }
    assert len(keys) == 5
    assert GoModule(module.folder, estimate=99).key("go1.26.8") == module.key("go1.26.8")


def test_a_program_is_built_once_and_says_what_it_is_made_of(module: GoModule):
    out = io.StringIO()
    first = golang.build(module, Progress(out))
    said = out.getvalue()
    assert golang.build(module, Progress(out)) == first
    assert out.getvalue() == said
    hello = subprocess.run([first / "hello"], check=True, capture_output=True, text=True)
    assert hello.stderr == "hello\n"
    assert "mod\texample/hello\t(devel)" in golang.describe(first / "hello")


def test_a_program_that_does_not_build_leaves_nothing_and_shows_the_compiler(module: GoModule, cache: Path):
    (module.folder / "main.go").write_text("package main\n\nfunc main() { nonsense() }\n")
    with pytest.raises(golang.GoError, match="undefined: nonsense"):
        golang.build(module, Progress(io.StringIO()))
    assert list((cache / "go").iterdir()) == []


def test_without_go_the_error_says_where_it_comes_from(module: GoModule, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(golang.GoError, match=r"go\.dev/dl"):
        golang.build(module, Progress(io.StringIO()))
