"""The pipelines are well formed, and no linter of theirs finds anything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from images.golang import GoModule, build
from infra.paths import ROOT
from infra.progress import Progress

WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
ACTIONLINT = GoModule(Path(__file__).parent / "actionlint", 20)
BIN = Path(sys.executable).parent


def said(*command: str | Path) -> tuple[int, str]:
    """Return how a linter ends and what it says."""
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", WORKFLOWS)
def test_github_would_take_it(name: str):
    assert said(build(ACTIONLINT, Progress()) / "actionlint", WORKFLOWS[name]) == (0, "")


def test_github_would_not_take_what_is_wrong(tmp_path: Path):
    path = tmp_path / "wrong.yml"
    path.write_text(
        WORKFLOWS["review.yml"].read_text().replace("github.event.pull_request.number", "githib.x")
    )
    code, text = said(build(ACTIONLINT, Progress()) / "actionlint", path)
    assert code == 1
    assert 'undefined variable "githib"' in text


def test_nothing_in_them_is_known_to_be_unsafe():
    code, text = said(BIN / "zizmor", "--offline", "--no-progress", "--quiet", ".github")
    assert code == 0, text


def test_what_is_unsafe_is_found(tmp_path: Path):
    path = tmp_path / "unsafe.yml"
    text = WORKFLOWS["review.yml"].read_text()
    path.write_text(text.replace('"$NUMBER"', "${{ github.event.pull_request.title }}"))
    code, text = said(BIN / "zizmor", "--offline", "--no-progress", "--quiet", path)
    assert code != 0
    assert "template-injection" in text


def test_gitlab_would_take_it():
    assert gitlab_says(ROOT / ".gitlab-ci.yml") == (0, "ok -- validation done\n")


def test_gitlab_would_not_take_what_is_wrong(tmp_path: Path):
    path = tmp_path / "wrong.yml"
    path.write_text((ROOT / ".gitlab-ci.yml").read_text().replace("resource_group:", "resource_groop:"))
    code, text = gitlab_says(path)
    assert code == 1
    assert "resource_groop" in text


def gitlab_says(path: Path) -> tuple[int, str]:
    options = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    return said(BIN / "check-jsonschema", *options, path)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_to_commits_that_say_their_version(name: str):
    used = re.findall(r"uses: (.*)", WORKFLOWS[name].read_text())
    assert used
    for each in used:
        assert re.fullmatch(
            r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/actions/prepare", each
        )


OWN = "github.event.pull_request.head.repo.full_name == github.repository"


def test_what_a_fork_starts_has_no_secret():
    starts = {name: path.read_text() for name, path in WORKFLOWS.items()}
    named = {name: text for name, text in starts.items() if "  pull_request:" in text and "secrets." in text}
    assert list(named) == ["preview.yml"]
    assert f"    if: vars.SCIENCE_PLATFORM_DEPLOYS == 'true' && {OWN}\n" in named["preview.yml"]
