"""The two sides of a comparison: the working tree, and the base in a worktree of its own."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from infra.paths import ROOT, cache_dir
from infra.progress import Progress
from stacks.diff.side import Side, from_document

REQUIREMENTS = ("requirements.txt", "constraints.txt")
_MAIN = ("origin/main", "main")


class BaseError(Exception):
    """There is nothing to compare with; the text says what to do."""


@dataclass(frozen=True)
class Sides:
    """Both sides; `base_error` says why there is no base, where that is so."""

    base: str
    before: Side
    after: Side
    base_error: str | None = None


def both_sides(sites: Sequence[str], *, base: str | None, progress: Progress, root: Path = ROOT) -> Sides:
    """Plan sites at the base and as they are in the working tree, at the same time.

    Parameters
    ----------
    sites
        Site files, relative to the checkout where they are in it; none for every committed one.
    base
        What to compare with, as git names it; by default the point at which this branch left main.

    Raises
    ------
    BaseError
        There is no such base, or the working tree itself cannot be planned at all.
    """
    commit = resolved(base, root)
    key = token_hex(32)
    with ThreadPoolExecutor() as pool, worktree(commit, root) as tree:
        after = pool.submit(_side, root, sys.executable, sites, key)
        try:
            _refuse_too_old(tree)
            python = interpreter(tree, root, progress)
            before, error = _side(tree, python, sites, key), None
        except BaseError as problem:
            before, error = Side(), str(problem)
        return Sides(base=commit, before=before, after=after.result(), base_error=error)


def resolved(base: str | None, root: Path) -> str:
    """Return the commit to compare with."""
    if base is not None:
        commit = _git(root, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}")
        if commit is None:
            raise BaseError(f"git knows no {base!r} here: git fetch it, or give another --base")
        return commit
    for name in _MAIN:
        commit = _git(root, "merge-base", "HEAD", name)
        if commit is not None:
            return commit
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        raise BaseError(f"{root.name} is no git checkout with a commit, so there is nothing to compare with")
    return commit


def _git(root: Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", "-C", str(root), *arguments], check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


@contextmanager
def worktree(commit: str, root: Path) -> Iterator[Path]:
    """Give a checkout of a commit in a folder of its own, gone afterwards whatever happens."""
    with tempfile.TemporaryDirectory(prefix="science-platform-base-") as folder:
        tree = Path(folder) / "tree"
        if _git(root, "worktree", "add", "--detach", str(tree), commit) is None:
            raise BaseError(
                f"git could not check {commit[:12]} out: git worktree add --detach <folder> {commit[:12]}"
            )
        try:
            yield tree
        finally:
            _git(root, "worktree", "remove", "--force", str(tree))
            shutil.rmtree(tree, ignore_errors=True)
            _git(root, "worktree", "prune")


def interpreter(tree: Path, root: Path, progress: Progress) -> str:
    """Return a Python that has what the checkout needs: this one, or one made for its requirements and kept."""
    wanted = _requirements(tree)
    if wanted == _requirements(root):
        return sys.executable
    folder = cache_dir() / "base-environments" / hashlib.sha256(wanted).hexdigest()[:16]
    python = folder / "bin/python"
    if not python.exists():
        with progress.step("installing the base's own requirements", 60):
            _make_environment(folder, tree)
    return str(python)


def _requirements(tree: Path) -> bytes:
    files = (tree / name for name in REQUIREMENTS)
    version = f"{sys.version_info.major}.{sys.version_info.minor}".encode()
    return b"\0".join([version, *(file.read_bytes() if file.exists() else b"" for file in files)])


def _make_environment(folder: Path, tree: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Under another name until it is complete, so that nothing half made is ever used.
    making = Path(tempfile.mkdtemp(dir=folder.parent, prefix="making-"))
    try:
        python = making / "bin/python"
        limits = tree / REQUIREMENTS[1]
        constraints = ["--constraint", str(limits)] if limits.exists() else []
        uv = [sys.executable, "-m", "uv"]
        for command in (
            [
                *uv,
                "venv",
                "--quiet",
                "--allow-existing",
                "--relocatable",
                "--python",
                sys.executable,
                str(making),
            ],
            [
                *uv,
                "pip",
                "install",
                "--quiet",
                "--python",
                str(python),
                "-r",
                str(tree / REQUIREMENTS[0]),
                *constraints,
            ],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                raise BaseError(f"the base's requirements cannot be installed: {_last(done.stderr)}")
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _refuse_too_old(tree: Path) -> None:
    if not (tree / "stacks/diff/side.py").exists():
        raise BaseError(
            "its code is older than this comparison (it has no stacks/diff/side.py): give a later --base"
        )


def _side(tree: Path, python: str, sites: Sequence[str], key: str) -> Side:
    done = subprocess.run(
        [python, "-m", "stacks.diff.side"],
        cwd=tree,
        input=json.dumps({"files": list(sites), "fingerprint": key}),
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BaseError(_last(done.stderr))
    try:
        return from_document(json.loads(done.stdout))
    except ValueError as error:
        raise BaseError(str(error)) from error


def _last(text: str) -> str:
    """Return the last line of an output, in which Python and uv say what is wrong."""
    return (text.strip().splitlines() or ["it failed without a word"])[-1]
