"""What a comparison starts from: the base, its checkout, its environment."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.progress import Progress
from stacks.diff.base import BaseError, both_sides, interpreter, resolved, worktree

Git = Callable[..., str]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    run(folder, "init", "--initial-branch=main")
    commit(folder, "first")
    return folder


def run(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, text: str, name: str = "file") -> str:
    (folder / name).write_text(text)
    run(folder, "add", name)
    run(folder, "commit", "--quiet", "--message", text)
    return run(folder, "rev-parse", "HEAD")


def test_the_base_is_where_the_branch_left_main(repo: Path):
    left = run(repo, "rev-parse", "HEAD")
    run(repo, "switch", "--quiet", "--create", "change")
    commit(repo, "change")
    run(repo, "switch", "--quiet", "main")
    commit(repo, "later")
    run(repo, "switch", "--quiet", "change")
    assert resolved(None, repo) == left


def test_the_remotes_main_comes_first(repo: Path):
    first = run(repo, "rev-parse", "HEAD")
    run(repo, "update-ref", "refs/remotes/origin/main", first)
    commit(repo, "not pushed yet")
    assert resolved(None, repo) == first


def test_without_a_main_the_base_is_the_last_commit(repo: Path):
    run(repo, "branch", "--move", "trunk")
    assert resolved(None, repo) == run(repo, "rev-parse", "HEAD")


def test_a_base_that_is_given_is_taken(repo: Path):
    first = run(repo, "rev-parse", "HEAD")
    commit(repo, "second")
    assert resolved("HEAD~1", repo) == first


def test_an_unknown_base_is_refused_in_words(repo: Path):
    with pytest.raises(BaseError, match="git knows no 'nowhere' here: git fetch it, or give another --base"):
        resolved("nowhere", repo)


def test_a_folder_without_git_is_refused_in_words(tmp_path: Path):
    with pytest.raises(BaseError, match="is no git checkout with a commit"):
        resolved(None, tmp_path)


def test_a_worktree_has_the_base_and_is_gone_afterwards_whatever_happens(repo: Path):
    first = run(repo, "rev-parse", "HEAD")
    commit(repo, "second")
    seen = []

    def fail() -> None:
        with worktree(first, repo) as tree:
            seen.append(((tree / "file").read_text(), tree))
            (tree / "left behind").touch()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    ((text, tree),) = seen
    assert (text, tree.parent.exists()) == ("first", False)
    assert len(run(repo, "worktree", "list").splitlines()) == 1


def test_a_base_without_a_comparison_of_its_own_is_said_to_be_too_old(repo: Path):
    (repo / "stacks/diff").mkdir(parents=True)
    (repo / "stacks/diff/side.py").write_text('print(\'{"format": 1, "plans": {}, "errors": {}}\')')
    sides = both_sides([], base=None, progress=Progress(), root=repo)
    assert sides.base_error == (
        "its code is older than this comparison (it has no stacks/diff/side.py): give a later --base"
    )
    assert (sides.base, sides.before.plans) == (run(repo, "rev-parse", "HEAD"), {})


def test_a_base_whose_code_fails_says_its_last_word(repo: Path):
    side = repo / "stacks/diff/side.py"
    side.parent.mkdir(parents=True)
    commit(repo, "raise LookupError('no such thing')", "stacks/diff/side.py")
    side.write_text('print(\'{"format": 1, "plans": {}, "errors": {}}\')')
    sides = both_sides([], base=None, progress=Progress(), root=repo)
    assert sides.base_error == "LookupError: no such thing"


def test_a_working_tree_whose_code_fails_is_an_error(repo: Path):
    (repo / "stacks/diff").mkdir(parents=True)
    commit(repo, 'print(\'{"format": 1, "plans": {}, "errors": {}}\')', "stacks/diff/side.py")
    (repo / "stacks/diff/side.py").write_text("raise LookupError('no such thing')")
    with pytest.raises(BaseError, match="LookupError: no such thing"):
        both_sides([], base=None, progress=Progress(), root=repo)


def wheel(folder: Path) -> Path:
    """Make the smallest package that can be installed without an index."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "here = True")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr("tiny-1.0.dist-info/WHEEL", tags)
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


class Silent(Progress):
    """Counts what it would say."""

    def say(self, text: str) -> None:
        self.said = [*getattr(self, "said", []), text]


def test_the_same_requirements_need_no_environment(repo: Path, tree: Path):
    for folder in (repo, tree):
        (folder / "requirements.txt").write_text("tiny==1.0")
    assert interpreter(tree, repo, Progress()) == sys.executable


def test_other_requirements_get_an_environment_that_is_made_once(repo: Path, tree: Path):
    (repo / "requirements.txt").write_text("tiny==2.0")
    (tree / "requirements.txt").write_text(str(wheel(tree)))
    (tree / "constraints.txt").write_text("tiny==1.0")
    progress = Silent()
    python = interpreter(tree, repo, progress)
    assert progress.said[0] == "installing the base's own requirements (about 1 min 00 s) …"
    found = subprocess.run(
        [python, "-c", "import tiny; print(tiny.here)"], check=True, capture_output=True, text=True
    )
    assert found.stdout == "True\n"
    again = Silent()
    assert interpreter(tree, repo, again) == python
    assert not hasattr(again, "said")


def test_requirements_that_cannot_be_installed_are_told_and_leave_nothing(
    repo: Path, tree: Path, tmp_path: Path
):
    (repo / "requirements.txt").write_text("")
    (tree / "requirements.txt").write_text(str(tree / "missing-1.0-py3-none-any.whl"))
    with pytest.raises(BaseError, match=r"the base's requirements cannot be installed: .*missing"):
        interpreter(tree, repo, Silent())
    assert list((tmp_path / "cache").rglob("*python*")) == []
