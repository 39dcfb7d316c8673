"""Checkouts of their own, with all that is in this one, to change and to commit to."""

import shutil
import subprocess
from pathlib import Path

from infra.paths import ROOT


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder as somebody, and return what it prints."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True
    ).stdout


def copied(folder: Path) -> None:
    """Copy all that is not ignored, committed or not."""
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def committed(folder: Path, message: str = "all") -> None:
    """Commit all of a folder on the branch ``main``, of a repository made for it if there is none."""
    if not (folder / ".git").is_dir():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", message)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that has to be in a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
