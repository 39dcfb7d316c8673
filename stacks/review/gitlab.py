"""Comments on GitLab, from a scheduled pipeline of the default branch: no pipeline of a merge request has the token."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from stacks.review import artefact
from stacks.review.artefact import ArtefactError
from stacks.review.caution import caution
from stacks.review.comment import MARKER, to_markdown
from stacks.review.http import Api, ForgeError

JOB = "diff"
"""Name of the job that compares."""

_FILE = f"review/{artefact.NAME}"
_ENDED = ("success", "failed")
_NOT_FOUND = (403, 404)


class GitLab:
    """A project on GitLab.

    Parameters
    ----------
    root
        ``CI_API_V4_URL``.
    project
        Its number, or its path.
    """

    def __init__(self, root: str, token: str, project: str) -> None:
        self._api = Api(root, {"PRIVATE-TOKEN": token})
        self._at = f"/projects/{quote(project, safe='')}"

    def comment_on_all(self) -> Iterator[str]:
        """Comment on every open merge request whose newest state has been compared; yield what was done.

        What a stranger's pipeline has left and is no comparison is told and otherwise left alone: it must not
        keep the other merge requests from theirs.

        Raises
        ------
        stacks.review.http.ForgeError
            GitLab refuses.
        """
        author = self._api.get("/user")["id"]
        for request in self._api.pages(f"{self._at}/merge_requests", state="opened"):
            try:
                done = self._comment_on(request, author)
            except ArtefactError as error:
                done = f"refused: {error}"
            yield f"!{request['iid']}: {done}"

    def _comment_on(self, request: Mapping[str, Any], author: int) -> str:
        content = self._artefact(request)
        if content is None:
            return "not compared yet"
        found = artefact.from_bytes(content)
        if found.number != request["iid"]:
            raise ArtefactError(f"the artefact is of merge request {found.number}")
        if found.head != request["sha"]:
            return f"has moved on since {found.head[:12]}"
        text = to_markdown(found.comment, caution=self._caution(request))
        at = f"{self._at}/merge_requests/{request['iid']}/notes"
        for each in self._api.pages(at):
            if each["author"]["id"] == author and each["body"].startswith(MARKER):
                if each["body"].rstrip() == text.rstrip():
                    return "unchanged"
                self._api.send("PUT", f"{at}/{each['id']}", {"body": text})
                return "updated"
        self._api.send("POST", at, {"body": text})
        return "created"

    def _artefact(self, request: Mapping[str, Any]) -> bytes | None:
        """Return the file of the newest pipeline that has compared; None where there is none, or none for us."""
        pipelines = self._api.get(f"{self._at}/merge_requests/{request['iid']}/pipelines")
        for pipeline in sorted(pipelines, key=lambda each: -each["id"]):
            if pipeline.get("source", "merge_request_event") != "merge_request_event":
                continue
            project = f"/projects/{int(pipeline['project_id'])}"
            try:
                jobs = self._api.get(f"{project}/pipelines/{int(pipeline['id'])}/jobs")
                (job,) = [each for each in jobs if each["name"] == JOB and each["status"] in _ENDED] or [None]
                if job is None:
                    return None
                return self._api.content(f"{project}/jobs/{int(job['id'])}/artifacts/{_FILE}", artefact.LIMIT)
            except ForgeError as error:
                if (
                    error.status in _NOT_FOUND
                ):  # a fork that shows its pipelines to nobody, or a job without a file
                    return None
                raise
        return None

    def _caution(self, request: Mapping[str, Any]) -> str:
        if request["source_project_id"] == request["target_project_id"]:
            return ""
        changes = self._api.pages(f"{self._at}/merge_requests/{request['iid']}/diffs")
        return caution(name for each in changes for name in (each["new_path"], each["old_path"]))
