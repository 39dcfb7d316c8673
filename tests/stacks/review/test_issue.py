"""One issue for a report: opened, updated, closed when there is nothing to report any more."""

from pathlib import Path

import pytest

from stacks.review.issue import GitHubIssues, GitLabIssues, kept, main
from tests.support.forges import PROJECT, REPOSITORY, TOKEN, github, gitlab

TITLE = "Sites are not as their files say"
MARKER = f"<!-- science-platform report: {TITLE} -->"
NOT_SET = "is not set: this runs in a pipeline (docs/rollout.md)"
OVER = "That is over: it is as it should be again."


def test_an_issue_on_github_is_opened_updated_and_closed():
    with github() as fake:
        fake.issue(TITLE, f"{MARKER}\nplanted", login="stranger")
        fake.issue(TITLE, None)
        issues = GitHubIssues(fake.root, TOKEN, REPOSITORY)
        done = [kept(issues, TITLE, text) for text in ("", "one moved", "two moved", "\n", "again")]
    assert done == [
        "nothing to report, and no issue is open",
        "opened an issue",
        "updated issue 3",
        "closed issue 3",
        "opened an issue",
    ]
    assert [(each["state"], each["body"]) for each in fake.issues] == [
        ("open", f"{MARKER}\nplanted"),
        ("open", None),
        ("closed", f"{MARKER}\ntwo moved"),
        ("open", f"{MARKER}\nagain"),
    ]
    assert [(each["issue"], each["body"]) for each in fake.comments] == [(3, OVER)]


def test_an_issue_on_gitlab_is_opened_updated_and_closed():
    with gitlab() as fake:
        issues = GitLabIssues(f"{fake.root}/api/v4", TOKEN, str(PROJECT))
        done = [kept(issues, TITLE, text) for text in ("", "one moved", "two moved", "")]
    assert done == [
        "nothing to report, and no issue is open",
        "opened an issue",
        "updated issue 1",
        "closed issue 1",
    ]
    (issue,) = fake.issues
    assert (issue["state"], issue["description"], issue["said"]) == ("closed", f"{MARKER}\ntwo moved", [OVER])


def test_another_report_has_an_issue_of_its_own():
    with github() as fake:
        issues = GitHubIssues(fake.root, TOKEN, REPOSITORY)
        assert [kept(issues, title, "text") for title in ("a", "b", "a")] == [
            "opened an issue",
            "opened an issue",
            "updated issue 1",
        ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["github"], 2, "usage: python3 -m stacks.review.issue github|gitlab TITLE FILE\n"),
        (["bitbucket", "t", "f"], 2, "usage: python3 -m stacks.review.issue github|gitlab TITLE FILE\n"),
        (
            ["gitlab", "t", "f"],
            2,
            "the variable 'CI_API_V4_URL' is not set: this runs in a pipeline (docs/rollout.md)\n",
        ),
    ],
)
def test_asked_in_a_wrong_way_it_says_how(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments, {}) == code
    assert capsys.readouterr().err == said


def test_a_report_that_was_not_written_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with github() as fake:
        given = {"GITHUB_API_URL": fake.root, "GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY}
        assert main(["github", TITLE, str(tmp_path / "none.md")], given) == 1
    assert "No such file" in capsys.readouterr().err
    assert fake.writes == []
