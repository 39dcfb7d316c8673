"""The pipelines that compare a pull request, run here: their own steps, a planted change, forges on loopback."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stacks.review.artefact import Artefact, to_bytes
from stacks.review.comment import MARKER, Comment
from tests.support.checkout import committed, copied, edit, git
from tests.support.forges import PROJECT, REPOSITORY, TOKEN, GitHubFake, github, gitlab, zipped
from tests.support.workflow import Ran, pipeline, run_github, run_gitlab, workflow

NUMBER = 12
FORK = "stranger/platform"
IMAGE = ("radio/imaging:2026.2", "radio/imaging:2026.3")
ROW = "| boreal | 🔵 rolls pods | 1 image |"
LINE = "~ image images.boreal.example.org/radio/imaging: 2026.2 → 2026.3 — rolls pods"


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what GitHub checks out for a pull request: its merge, and what it merges into; nothing else is known."""
    origin = tmp_path_factory.mktemp("origin") / "platform"
    copied(origin)
    committed(origin)
    git(origin, "checkout", "--quiet", "-b", "change")
    edit(origin / "stacks/Pulumi.boreal.yaml", *IMAGE)
    committed(origin, "newer imaging")
    git(origin, "checkout", "--quiet", "main")
    (origin / "docs/meanwhile.md").write_text("Meanwhile.\n")
    committed(origin, "meanwhile")
    git(origin, "merge", "--quiet", "--no-ff", "--message", "merge", "change")
    shallow = origin.parent / "shallow"
    git(origin, "clone", "--quiet", "--depth", "2", f"file://{origin}", str(shallow))
    (shallow / ".venv").symlink_to(Path(sys.prefix).resolve())
    return shallow


@pytest.fixture
def checkout(merged: Path) -> Path:
    """Give that checkout as it was checked out."""
    git(merged, "checkout", "--quiet", "--force", ".")
    git(merged, "clean", "--quiet", "--force", "-d", "--exclude=.venv")
    return merged


def head_of(checkout: Path) -> str:
    return git(checkout, "rev-parse", "HEAD^2").strip()


def nothing(_: Mapping[str, Any]) -> None:
    """Do nothing: what the action would do is already so."""


def compared(checkout: Path, fake: GitHubFake, tmp_path: Path) -> Ran:
    """Run the job that compares, which leaves its artefact with GitHub as run 1."""

    def upload(given: Mapping[str, Any]) -> None:
        assert given["name"] == "review"
        fake.artefacts[1] = zipped(review_json=(checkout / given["path"]).read_bytes())

    job = workflow("review.yml")["jobs"]["diff"]
    pull = {"number": NUMBER, "head": {"sha": head_of(checkout)}}
    return run_github(
        job,
        checkout,
        context={"github": {"event": {"pull_request": pull}}},
        # The environment has all that is needed: pip looks, and changes nothing.
        environment={"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), "PIP_DRY_RUN": "1"},
        actions={
            "actions/checkout": nothing,
            "actions/setup-python": nothing,
            "actions/upload-artifact": upload,
        },
    )


def commented(checkout: Path, fake: GitHubFake, tmp_path: Path, *, repository: str) -> Ran:
    """Run the job that comments, in a checkout of its own with nothing but what it asks for."""
    folder = tmp_path / "trusted"
    event = tmp_path / "event.json"
    run = {
        "id": 1,
        "event": "pull_request",
        "head_sha": head_of(checkout),
        "head_branch": "change",
        "head_repository": {"full_name": repository},
    }
    event.write_text(json.dumps({"workflow_run": run}))

    def check_out(given: Mapping[str, Any]) -> None:
        assert "ref" not in given, "the default branch, never the pull request's"
        if not folder.exists():
            git(checkout, "clone", "--quiet", "--no-checkout", f"file://{checkout}", str(folder))
            git(folder, "sparse-checkout", "set", given["sparse-checkout"])
            git(folder, "checkout", "--quiet", "HEAD^1")

    return run_github(
        workflow("review-comment.yml")["jobs"]["comment"],
        folder,
        context={"github": {"token": TOKEN}},
        environment={
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_API_URL": fake.root,
            "GITHUB_REPOSITORY": REPOSITORY,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        },
        actions={"actions/checkout": check_out},
    )


@pytest.mark.parametrize("repository", [REPOSITORY, FORK], ids=["a branch", "a fork"])
def test_github_compares_a_change_and_comments_once(checkout: Path, tmp_path: Path, repository: str):
    with github() as fake:
        fake.pull(NUMBER, repository=repository, head=head_of(checkout))
        ran = compared(checkout, fake, tmp_path)
        assert not ran.failed, ran.out
        assert LINE in ran.out["Compare every site"]
        assert ROW in (tmp_path / "summary.md").read_text()
        assert "meanwhile" not in (tmp_path / "summary.md").read_text()
        for done in ("created", "updated"):
            ran = commented(checkout, fake, tmp_path, repository=repository)
            assert ran.out == {"Comment": f"{done} the comment on pull request {NUMBER}\n"}
        (comment,) = fake.comments
    assert comment["body"].startswith(MARKER)
    assert ROW in comment["body"]
    assert LINE in comment["body"]


def test_github_refuses_an_artefact_that_lies(checkout: Path, tmp_path: Path):
    with github() as fake:
        head = head_of(checkout)
        fake.pull(NUMBER, head=head)
        fake.artefacts[1] = zipped(review_json=to_bytes(Artefact(NUMBER, head, Comment(head, "Fine."))))
        ran = commented(checkout, fake, tmp_path, repository=FORK)
    assert ran.failed
    assert ran.out["Comment"] == "the run is of another branch than pull request 12\n"
    assert fake.comments == []


def test_what_loses_data_or_cannot_be_planned_fails_the_check_and_is_commented(
    checkout: Path, tmp_path: Path
):
    edit(checkout / "stacks/Pulumi.boreal.yaml", "csi-manila-cephfs", "csi-cinder-ssd")
    edit(checkout / "stacks/Pulumi.local.yaml", "    title:", "    titel:")
    with github() as fake:
        fake.pull(NUMBER, head=head_of(checkout))
        ran = compared(checkout, fake, tmp_path)
        assert ran.failed
        assert ran.steps[-2:] == ["Show it", "actions/upload-artifact"]
        assert not commented(checkout, fake, tmp_path, repository=REPOSITORY).failed
        (comment,) = fake.comments
    assert "| boreal | ⛔ BLOCKED, loses data |" in comment["body"]
    assert "- **Blocked** data-loss: PersistentVolumeClaim/homes: " in comment["body"]
    assert "| local | ⛔ cannot be compared |  |" in comment["body"]


def test_gitlab_compares_a_change_and_comments_once(checkout: Path):
    head = head_of(checkout)
    base = git(checkout, "rev-parse", "HEAD^1").strip()
    jobs = pipeline()
    given = {
        "CI_MERGE_REQUEST_IID": str(NUMBER),
        # A pipeline of the merge: these two are empty in one of the branch alone.
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": head,
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": base,
        "CI_COMMIT_SHA": git(checkout, "rev-parse", "HEAD").strip(),
        "PIP_DRY_RUN": "1",
    }
    ran = run_gitlab(jobs["diff"], checkout, given)
    assert not ran.failed, ran.out
    assert LINE in ran.out["script"]
    with gitlab() as fake:
        fake.request(NUMBER, (checkout / "review/review.json").read_bytes(), head=head)
        variables = {
            "CI_API_V4_URL": f"{fake.root}/api/v4",
            "CI_PROJECT_ID": str(PROJECT),
            "SCIENCE_PLATFORM_GITLAB_TOKEN": TOKEN,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }
        for done in ("created", "unchanged"):
            ran = run_gitlab(jobs["comments"], checkout, variables)
            assert (ran.failed, ran.out) == (False, {"script": f"!{NUMBER}: {done}\n"})
        (note,) = fake.notes
    assert ROW in note["body"]


def test_gitlab_compares_a_branch_with_where_it_left_its_target(checkout: Path):
    head = head_of(checkout)
    git(checkout, "fetch", "--quiet", "--unshallow")
    git(checkout, "checkout", "--quiet", head)
    given = {
        "CI_MERGE_REQUEST_IID": str(NUMBER),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(checkout, "rev-parse", "HEAD^").strip(),
        "CI_COMMIT_SHA": head,
        "PIP_DRY_RUN": "1",
    }
    ran = run_gitlab(pipeline()["diff"], checkout, given)
    git(checkout, "checkout", "--quiet", "-")
    assert not ran.failed, ran.out
    assert json.loads((checkout / "review/review.json").read_bytes())["head"] == head


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ([], {}, "usage: python3 -m stacks.review.post github|gitlab\n"),
        (["bitbucket"], {}, "usage: python3 -m stacks.review.post github|gitlab\n"),
        (
            ["gitlab"],
            {},
            "the variable 'CI_API_V4_URL' is not set: this runs in a pipeline (docs/review.md)\n",
        ),
    ],
)
def test_asked_in_a_wrong_way_it_says_how(arguments: list[str], environment: dict[str, str], said: str):
    done = subprocess.run(
        [sys.executable, "-m", "stacks.review.post", *arguments],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (2, said)
