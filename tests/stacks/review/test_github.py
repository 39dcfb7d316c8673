"""One comment on GitHub, made once and then updated; artefacts that lie are refused."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.review.artefact import LIMIT, Artefact, ArtefactError, to_bytes
from stacks.review.comment import MARKER, Comment
from stacks.review.github import GitHub, unpacked
from stacks.review.http import ForgeError
from tests.support.forges import HEAD, REPOSITORY, TOKEN, GitHubFake, github, zipped

FORK = "stranger/platform"
NEWER = "c" * 40


def content(number: int = 12, head: str = HEAD, headline: str = "No changes: 3 sites.") -> bytes:
    return to_bytes(Artefact(number, head, Comment("b" * 40, headline)))


def run(*, repository: str = REPOSITORY, head: str = HEAD, branch: str = "change") -> dict[str, Any]:
    return {"id": 1, "head_sha": head, "head_branch": branch, "head_repository": {"full_name": repository}}


@pytest.fixture
def fake() -> Iterator[GitHubFake]:
    with github() as forge:
        forge.pull(12)
        forge.artefacts[1] = zipped(review_json=content())
        yield forge


def comment(fake: GitHubFake, **source: str) -> str:
    return GitHub(fake.root, TOKEN, REPOSITORY).comment_on(run(**source))


def test_a_comment_is_made_once_and_then_updated(fake: GitHubFake):
    assert comment(fake) == "created the comment on pull request 12"
    fake.artefacts[1] = zipped(review_json=content(headline="1 site: 1 rolls pods."))
    assert comment(fake) == "updated the comment on pull request 12"
    (one,) = fake.comments
    assert one["body"].startswith(MARKER)
    assert "1 site: 1 rolls pods." in one["body"]


def test_a_comment_beyond_the_first_page_is_found(fake: GitHubFake):
    for _ in range(150):
        fake.comment(12, "talk", login="someone")
    fake.comment(12, f"{MARKER}\nold")
    comment(fake)
    assert fake.writes == ["PATCH /repos/observatory/platform/issues/comments/151"]


def test_someone_elses_comment_with_our_mark_is_left_alone(fake: GitHubFake):
    fake.comment(12, f"{MARKER}\nplanted", login="stranger")
    assert comment(fake) == "created the comment on pull request 12"
    assert fake.comments[0]["body"] == f"{MARKER}\nplanted"


def test_the_token_does_not_go_to_where_artefacts_are_kept(fake: GitHubFake):
    comment(fake)
    assert fake.kept is not None
    (headers,) = fake.kept.seen
    assert "authorization" not in headers


def test_a_fork_is_commented_on_as_well(fake: GitHubFake):
    fake.pull(12, repository=FORK)
    assert comment(fake, repository=FORK) == "created the comment on pull request 12"
    assert "from a fork" not in fake.comments[0]["body"]


def test_of_a_fork_that_changes_code_reviewers_are_told_so(fake: GitHubFake):
    fake.pull(12, repository=FORK)
    fake.files[12] = [
        {"filename": "stacks/Pulumi.boreal.yaml"},
        {"filename": "stacks/gates/@all.py"},
        {"filename": "docs/a.md", "previous_filename": "stacks/plan.py"},
    ]
    comment(fake, repository=FORK)
    assert (
        "> **This comes from a fork and changes code**: stacks/gates/@\u200ball.py and 1 more. What follows was made "
        "by that code: read it before you trust this.\n" in fake.comments[0]["body"]
    )


def test_a_fork_that_changes_more_files_than_are_told_is_taken_to_change_code(fake: GitHubFake):
    fake.pull(12, repository=FORK)
    fake.files[12] = [{"filename": f"docs/{number}.md"} for number in range(3000)]
    comment(fake, repository=FORK)
    assert "changes code**: 3000 files." in fake.comments[0]["body"]


def test_the_artefact_of_another_commit_is_refused(fake: GitHubFake):
    fake.artefacts[1] = zipped(review_json=content(head=NEWER))
    with pytest.raises(ArtefactError, match=f"the artefact is of {NEWER}, and the run of {HEAD}"):
        comment(fake)
    assert fake.writes == []


@pytest.mark.parametrize("source", [{"repository": FORK}, {"branch": "other"}], ids=["repository", "branch"])
def test_the_number_of_someone_elses_pull_request_is_refused(fake: GitHubFake, source: dict[str, str]):
    with pytest.raises(ArtefactError, match="the run is of another branch than pull request 12"):
        comment(fake, **source)
    assert fake.writes == []


def test_a_pull_request_whose_fork_is_gone_is_nobodys(fake: GitHubFake):
    fake.pulls[12]["head"]["repo"] = None
    with pytest.raises(ArtefactError, match="another branch"):
        comment(fake)


def test_a_number_that_does_not_exist_is_refused(fake: GitHubFake):
    fake.artefacts[1] = zipped(review_json=content(number=99))
    with pytest.raises(ForgeError, match="GET /repos/observatory/platform/pulls/99: 404: Not Found"):
        comment(fake)


@pytest.mark.parametrize("change", [{"head": NEWER}, {"state": "closed"}], ids=["a newer commit", "closed"])
def test_nothing_is_written_about_what_is_no_longer_so(fake: GitHubFake, change: dict[str, str]):
    fake.pull(12, **change)
    assert comment(fake) == f"pull request 12 has moved on: nothing is written about {HEAD[:12]}"
    assert fake.writes == []


def test_a_run_without_a_comparison_is_no_fault_of_this_one(fake: GitHubFake):
    fake.artefacts.clear()
    assert comment(fake) == "the run has left no comparison: its log says why"


def test_a_refused_token_is_told_and_not_shown(fake: GitHubFake):
    with pytest.raises(ForgeError, match="401: Bad credentials") as refused:
        GitHub(fake.root, "another", REPOSITORY).comment_on(run())
    assert "another" not in str(refused.value)


def test_a_forge_that_is_not_there_is_named():
    with pytest.raises(ForgeError, match=r"http://127\.0\.0\.1:9 cannot be reached: .*refused"):
        GitHub("http://127.0.0.1:9", TOKEN, REPOSITORY).comment_on(run())


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("review.json", b" " * 200_000_000)
    return out.getvalue()


def test_an_archive_that_unpacks_to_far_more_is_not_unpacked():
    archive = bomb()
    assert len(archive) < LIMIT
    assert len(unpacked(archive)) == LIMIT + 1


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"PK no archive", "is no archive that can be read: BadZipFile"),
        (zipped(other_json=b"{}"), r"holds something else than review\.json"),
        (zipped(review_json=b"{}", more_json=b"{}"), r"holds something else than review\.json"),
        (zipped(**{"../review_json": b"{}"}), r"holds something else than review\.json"),
    ],
)
def test_other_archives_are_refused(archive: bytes, why: str):
    with pytest.raises(ArtefactError, match=why):
        unpacked(archive)


def test_an_archive_that_is_too_large_is_not_fetched_whole(fake: GitHubFake):
    fake.artefacts[1] = b"x" * (LIMIT + 1)
    with pytest.raises(ForgeError, match=f"more than {LIMIT} bytes"):
        comment(fake)
