"""One comment on every merge request of GitLab, from a pipeline of the default branch."""

from collections.abc import Iterator

import pytest

from stacks.review.artefact import Artefact, to_bytes
from stacks.review.comment import MARKER, Comment
from stacks.review.gitlab import GitLab
from stacks.review.http import ForgeError
from tests.support.forges import HEAD, PROJECT, TOKEN, GitLabFake, gitlab

FORK = 8


def content(number: int, head: str = HEAD, headline: str = "No changes: 3 sites.") -> bytes:
    return to_bytes(Artefact(number, head, Comment("b" * 40, headline)))


@pytest.fixture
def fake() -> Iterator[GitLabFake]:
    with gitlab() as forge:
        yield forge


def comment(fake: GitLabFake) -> list[str]:
    return list(GitLab(f"{fake.root}/api/v4", TOKEN, str(PROJECT)).comment_on_all())


def test_a_comment_is_made_once_updated_when_it_differs_and_left_where_it_does_not(fake: GitLabFake):
    fake.request(3, content(3))
    assert comment(fake) == ["!3: created"]
    assert comment(fake) == ["!3: unchanged"]
    fake.files[300] = content(3, headline="1 site: 1 rolls pods.")
    assert comment(fake) == ["!3: updated"]
    (one,) = fake.notes
    assert one["body"].startswith(MARKER)
    assert "1 site: 1 rolls pods." in one["body"]


def test_forks_have_their_pipelines_in_their_own_project(fake: GitLabFake):
    fake.request(3, content(3), project=FORK)
    fake.diffs[3] = [{"new_path": "docs/a.md", "old_path": "stacks/plan.py"}]
    assert comment(fake) == ["!3: created"]
    assert "> **This comes from a fork and changes code**: stacks/plan.py. What" in fake.notes[0]["body"]


def test_a_fork_that_shows_its_pipelines_to_nobody_is_passed_over(fake: GitLabFake):
    fake.request(3, content(3), project=FORK)
    fake.request(4, content(4))
    fake.hidden = {FORK}
    assert comment(fake) == ["!3: not compared yet", "!4: created"]


def test_one_that_lies_does_not_keep_the_others_from_their_comments(fake: GitLabFake):
    fake.request(3, content(4))
    fake.request(4, content(4))
    fake.request(5, b"nonsense")
    assert comment(fake) == [
        "!3: refused: the artefact is of merge request 4",
        "!4: created",
        "!5: refused: review.json is not what the comparison writes (JSONDecodeError): was it made by another version?",
    ]


def test_nothing_is_written_of_what_is_no_longer_so(fake: GitLabFake):
    fake.request(3, content(3, head="c" * 40))
    assert comment(fake) == ["!3: has moved on since cccccccccccc"]


def test_a_job_that_still_runs_is_waited_for(fake: GitLabFake):
    fake.request(3, content(3))
    fake.jobs[30][0]["status"] = "running"
    assert comment(fake) == ["!3: not compared yet"]


def test_the_newest_pipeline_counts_and_one_without_a_job_that_compares_says_nothing(fake: GitLabFake):
    fake.request(3, content(3))
    fake.pipelines[3].append({"id": 99, "project_id": PROJECT, "source": "merge_request_event"})
    assert comment(fake) == ["!3: not compared yet"]


def test_a_merge_request_without_pipelines_is_not_compared(fake: GitLabFake):
    fake.request(3, None)
    fake.pipelines[3] = []
    assert comment(fake) == ["!3: not compared yet"]


def test_someone_elses_comment_with_our_mark_is_left_alone(fake: GitLabFake):
    fake.request(3, content(3))
    fake.note(3, f"{MARKER}\nplanted", author=1)
    assert comment(fake) == ["!3: created"]
    assert fake.notes[0]["body"] == f"{MARKER}\nplanted"


def test_a_refused_token_is_told(fake: GitLabFake):
    with pytest.raises(ForgeError, match="GET /user: 401"):
        list(GitLab(f"{fake.root}/api/v4", "another", str(PROJECT)).comment_on_all())
