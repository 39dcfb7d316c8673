"""Comments on GitHub, from a workflow that runs after the one of the pull request."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from stacks.review import artefact
from stacks.review.artefact import ArtefactError
from stacks.review.caution import caution
from stacks.review.comment import MARKER, to_markdown
from stacks.review.http import Api, ForgeError

ARTEFACT = "review"
"""Name of the artefact that holds the file."""

BOT = "github-actions[bot]"
"""Whom the workflow's own token belongs to."""

_GONE = 410


def github_api(root: str, token: str) -> Api:
    """Return GitHub's interface as it was at a date, which it keeps."""
    return Api(
        root,
        {"Authorization": f"Bearer {token}"},
        {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    )


class GitHub:
    """A repository on GitHub.

    Parameters
    ----------
    repository
        ``owner/name``.
    author
        Login of whom the token belongs to: only its comments are updated.
    """

    def __init__(self, root: str, token: str, repository: str, author: str = BOT) -> None:
        self._api = github_api(root, token)
        self._at = f"/repos/{quote(repository)}"
        self._author = author

    def comment_on(self, run: Mapping[str, Any]) -> str:
        """Comment on the pull request that a run of the review workflow has compared; return what was done.

        Parameters
        ----------
        run
            The ``workflow_run`` of the event, which is GitHub's word: what the artefact says is held against it.

        Raises
        ------
        ArtefactError
            The artefact is of something else than the run.
        stacks.review.http.ForgeError
            GitHub refuses.
        """
        content = self._artefact(int(run["id"]))
        if content is None:
            return "the run has left no comparison: its log says why"
        found = artefact.from_bytes(content)
        pull = self._api.get(f"{self._at}/pulls/{found.number}")
        if found.head != run["head_sha"]:
            raise ArtefactError(f"the artefact is of {found.head}, and the run of {run['head_sha']}")
        if _source(pull["head"]) != (run["head_repository"]["full_name"], run["head_branch"]):
            raise ArtefactError(f"the run is of another branch than pull request {found.number}")
        if pull["state"] != "open" or pull["head"]["sha"] != run["head_sha"]:
            return f"pull request {found.number} has moved on: nothing is written about {found.head[:12]}"
        text = to_markdown(found.comment, caution=self._caution(pull))
        return f"{self._write(found.number, text)} the comment on pull request {found.number}"

    def _artefact(self, run: int) -> bytes | None:
        """Return the file of a run's artefact; None where it has left none."""
        listed = self._api.get(f"{self._at}/actions/runs/{run}/artifacts", name=ARTEFACT, per_page=1)
        if not listed["artifacts"]:
            return None
        (one,) = listed["artifacts"]
        try:
            archive = self._api.content(f"{self._at}/actions/artifacts/{one['id']}/zip", artefact.LIMIT)
        except ForgeError as error:
            if error.status == _GONE:  # it has expired
                return None
            raise
        return unpacked(archive)

    def _caution(self, pull: Mapping[str, Any]) -> str:
        if pull["head"]["repo"]["full_name"] == pull["base"]["repo"]["full_name"]:
            return ""
        changed = self._api.pages(f"{self._at}/pulls/{pull['number']}/files")
        return caution(
            name
            for each in changed
            for name in (each["filename"], each.get("previous_filename", each["filename"]))
        )

    def _write(self, number: int, text: str) -> str:
        at = f"{self._at}/issues/{number}/comments"
        for each in self._api.pages(at):
            if each["user"]["login"] == self._author and each["body"].startswith(MARKER):
                self._api.send("PATCH", f"{self._at}/issues/comments/{each['id']}", {"body": text})
                return "updated"
        self._api.send("POST", at, {"body": text})
        return "created"


def _source(head: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return repository and branch of a pull request's head; no repository where the fork is gone."""
    return (head["repo"] or {}).get("full_name"), head["ref"]


def unpacked(archive: bytes) -> bytes:
    """Return the one file of an archive, which is never unpacked onto a disk.

    Raises
    ------
    ArtefactError
        It holds anything else, or more than the file may be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            if opened.namelist() != [artefact.NAME]:
                raise ArtefactError(f"the artefact holds something else than {artefact.NAME}")
            with opened.open(artefact.NAME) as file:
                # What a header says of the size may be a lie: no more than this is ever unpacked.
                return file.read(artefact.LIMIT + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ArtefactError(f"the artefact is no archive that can be read: {type(error).__name__}") from None
