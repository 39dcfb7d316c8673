"""``python3 -m stacks.review.issue github|gitlab TITLE FILE``: one issue for a report, updated, and closed at its end.

An empty report is its end. For reports that come again and again, such as what moved over night. It runs in a job
that has a token and needs nothing installed.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from stacks.review.github import BOT, github_api
from stacks.review.http import Api, ForgeError
from stacks.review.post import AUTHOR, TOKEN

MARKER = "<!-- science-platform report: {} -->"
_OVER = "That is over: it is as it should be again."


class Issues(Protocol):
    """The issues of one repository."""

    def find(self, marker: str) -> int | None:
        """Return the open issue of ours whose text begins with a marker."""
        ...

    def open(self, title: str, text: str) -> None:
        """Open one."""
        ...

    def update(self, number: int, text: str) -> None:
        """Replace the text of one."""
        ...

    def close(self, number: int, comment: str) -> None:
        """Close one with a last comment."""
        ...


def kept(issues: Issues, title: str, text: str) -> str:
    """Make the one issue of a title say what a report says; return what was done.

    Parameters
    ----------
    text
        The report as Markdown; nothing where there is nothing to report.
    """
    marker = MARKER.format(title)
    number = issues.find(marker)
    whole = f"{marker}\n{text}"
    if not text.strip():
        if number is None:
            return "nothing to report, and no issue is open"
        issues.close(number, _OVER)
        return f"closed issue {number}"
    if number is None:
        issues.open(title, whole)
        return "opened an issue"
    issues.update(number, whole)
    return f"updated issue {number}"


class GitHubIssues:
    """The issues of a repository on GitHub; ``author`` is the login of whom the token belongs to."""

    def __init__(self, root: str, token: str, repository: str, author: str = BOT) -> None:
        self._api = github_api(root, token)
        self._at = f"/repos/{quote(repository)}/issues"
        self._author = author

    def find(self, marker: str) -> int | None:
        """Return the open issue of ours whose text begins with a marker."""
        for each in self._api.pages(self._at, state="open", creator=self._author):
            if each["user"]["login"] == self._author and (each["body"] or "").startswith(marker):
                return int(each["number"])
        return None

    def open(self, title: str, text: str) -> None:
        """Open one."""
        self._api.send("POST", self._at, {"title": title, "body": text})

    def update(self, number: int, text: str) -> None:
        """Replace the text of one."""
        self._api.send("PATCH", f"{self._at}/{number}", {"body": text})

    def close(self, number: int, comment: str) -> None:
        """Close one with a last comment."""
        self._api.send("POST", f"{self._at}/{number}/comments", {"body": comment})
        self._api.send("PATCH", f"{self._at}/{number}", {"state": "closed"})


class GitLabIssues:
    """The issues of a project on GitLab."""

    def __init__(self, root: str, token: str, project: str) -> None:
        self._api = Api(root, {"PRIVATE-TOKEN": token})
        self._at = f"/projects/{quote(project, safe='')}/issues"

    def find(self, marker: str) -> int | None:
        """Return the open issue of ours whose text begins with a marker."""
        author = self._api.get("/user")["id"]
        for each in self._api.pages(self._at, state="opened", author_id=author):
            if each["author"]["id"] == author and (each["description"] or "").startswith(marker):
                return int(each["iid"])
        return None

    def open(self, title: str, text: str) -> None:
        """Open one."""
        self._api.send("POST", self._at, {"title": title, "description": text})

    def update(self, number: int, text: str) -> None:
        """Replace the text of one."""
        self._api.send("PUT", f"{self._at}/{number}", {"description": text})

    def close(self, number: int, comment: str) -> None:
        """Close one with a last comment."""
        self._api.send("POST", f"{self._at}/{number}/notes", {"body": comment})
        self._api.send("PUT", f"{self._at}/{number}", {"state_event": "close"})


def of(forge: str, environment: Mapping[str, str]) -> Issues:
    """Return the issues of the repository that a pipeline runs for."""
    if forge == "github":
        return GitHubIssues(
            environment["GITHUB_API_URL"],
            environment["GITHUB_TOKEN"],
            environment["GITHUB_REPOSITORY"],
            environment.get(AUTHOR, BOT),
        )
    return GitLabIssues(environment["CI_API_V4_URL"], environment[TOKEN], environment["CI_PROJECT_ID"])


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Keep the issue; return 0, 1 where the forge refuses, 2 where it was asked for in a wrong way."""
    if len(arguments) != 3 or arguments[0] not in ("github", "gitlab"):  # noqa: PLR2004 - as the usage says
        print("usage: python3 -m stacks.review.issue github|gitlab TITLE FILE", file=sys.stderr)
        return 2
    forge, title, report = arguments
    try:
        print(kept(of(forge, environment), title, Path(report).read_text(encoding="utf-8")))
    except KeyError as error:
        print(f"the variable {error} is not set: this runs in a pipeline (docs/rollout.md)", file=sys.stderr)
        return 2
    except (ForgeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
