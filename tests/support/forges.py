"""GitHub and GitLab as far as comments need them, on loopback: as their documentation says they answer."""

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-of-the-job"
REPOSITORY = "observatory/platform"
PROJECT = 7
HEAD = "a" * 40
BOT = "github-actions[bot]"

Answer = tuple[int, object]
Route = Callable[..., Answer]


@dataclass
class Forge:
    """What both have in common: a list of routes, and what was asked for."""

    root: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path with query, in order."""

    def routes(self) -> dict[str, Route]:
        """Return what answers, by ``METHOD path-pattern``."""
        raise NotImplementedError

    def allowed(self, headers: dict[str, str]) -> bool:
        """Return whether the request has the token."""
        raise NotImplementedError

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Return status and content; bytes are sent as they are, a text with 302 is where to look."""
        self.asked.append((method, target))
        if not self.allowed(headers):
            return 401, {"message": "Bad credentials"}
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        for pattern, route in self.routes().items():
            verb, path = pattern.split(" ")
            found = re.fullmatch(path, parts.path) if verb == method else None
            if found:
                extra = {"body": json.loads(body)} if body else {}
                return route(*found.groups(), query=query, **extra)
        return 404, {"message": "Not Found"}

    @property
    def writes(self) -> list[str]:
        """Return ``METHOD path`` of everything that changed something."""
        return [f"{method} {target}" for method, target in self.asked if method != "GET"]


def page(items: list[Any], query: dict[str, str]) -> Answer:
    """Return one page of a list."""
    size, number = int(query.get("per_page", 20)), int(query.get("page", 1))
    return 200, items[(number - 1) * size : number * size]


def zipped(**files: bytes) -> bytes:
    """Return an archive; ``review_json`` is ``review.json``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


@dataclass
class GitHubFake(Forge):
    """One repository with pull requests, comments and artefacts of runs."""

    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    files: dict[int, list[dict[str, str]]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    artefacts: dict[int, bytes] = field(default_factory=dict)
    """Archives by run."""
    issues: list[dict[str, Any]] = field(default_factory=list)
    storage: str = ""
    """Address of the server that keeps them."""
    kept: "Storage | None" = None

    def allowed(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def pull(
        self, number: int, *, repository: str = REPOSITORY, head: str = HEAD, state: str = "open"
    ) -> None:
        """Add a pull request from a repository's branch ``change``."""
        self.pulls[number] = {
            "number": number,
            "state": state,
            "head": {"sha": head, "ref": "change", "repo": {"full_name": repository}},
            "base": {"repo": {"full_name": REPOSITORY}},
        }
        self.files.setdefault(number, [{"filename": "stacks/Pulumi.boreal.yaml"}])

    def routes(self) -> dict[str, Route]:
        at = f"/repos/{REPOSITORY}"
        return {
            rf"GET {at}/actions/runs/(\d+)/artifacts": self._listed,
            rf"GET {at}/actions/artifacts/(\d+)/zip": lambda run, **_: (302, f"{self.storage}/{run}"),
            rf"GET {at}/pulls/(\d+)": self._pull,
            rf"GET {at}/pulls/(\d+)/files": lambda number, query: page(self.files[int(number)], query),
            rf"GET {at}/issues/(\d+)/comments": self._comments,
            rf"POST {at}/issues/(\d+)/comments": self._post,
            rf"PATCH {at}/issues/comments/(\d+)": self._patch,
            f"GET {at}/issues": self._issues,
            f"POST {at}/issues": self._open,
            rf"PATCH {at}/issues/(\d+)": self._change,
        }

    def _issues(self, query: dict[str, str]) -> Answer:
        asked = (query["state"], query["creator"])
        return page([each for each in self.issues if (each["state"], each["user"]["login"]) == asked], query)

    def _open(self, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        self.issue(body["title"], body["body"])
        return 201, self.issues[-1]

    def issue(self, title: str, body: str | None, login: str = BOT) -> None:
        """Add an open issue."""
        self.issues.append(
            {
                "number": len(self.issues) + 1,
                "title": title,
                "body": body,
                "state": "open",
                "user": {"login": login},
            }
        )

    def _change(self, number: str, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        self.issues[int(number) - 1].update(body)
        return 200, self.issues[int(number) - 1]

    def _listed(self, run: str, query: dict[str, str]) -> Answer:
        there = int(run) in self.artefacts and query.get("name") == "review"
        return 200, {"total_count": int(there), "artifacts": [{"id": int(run)}] if there else []}

    def _pull(self, number: str, query: dict[str, str]) -> Answer:
        del query
        found = self.pulls.get(int(number))
        return (200, found) if found else (404, {"message": "Not Found"})

    def _comments(self, number: str, query: dict[str, str]) -> Answer:
        return page([each for each in self.comments if each["issue"] == int(number)], query)

    def _post(self, number: str, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        self.comment(int(number), body["body"])
        return 201, self.comments[-1]

    def comment(self, issue: int, body: str, login: str = BOT) -> None:
        """Add a comment."""
        self.comments.append(
            {"id": len(self.comments) + 1, "issue": issue, "body": body, "user": {"login": login}}
        )

    def _patch(self, comment: str, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        found = self.comments[int(comment) - 1]
        found["body"] = body["body"]
        return 200, found


@dataclass
class Storage(Forge):
    """Where GitHub keeps archives: at another address, with one of its own credentials in it."""

    artefacts: dict[int, bytes] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)
    """Headers of the requests."""

    def allowed(self, headers: dict[str, str]) -> bool:
        self.seen.append(headers)
        return True

    def routes(self) -> dict[str, Route]:
        return {r"GET /(\d+)": lambda run, **_: (200, self.artefacts[int(run)])}


@dataclass
class GitLabFake(Forge):
    """One project with merge requests, and the pipelines of it and of its forks."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    pipelines: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """By merge request."""
    jobs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """By pipeline."""
    files: dict[int, bytes] = field(default_factory=dict)
    """By job."""
    diffs: dict[int, list[dict[str, str]]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    """Projects that the token may not see."""

    ME: ClassVar[int] = 42

    def allowed(self, headers: dict[str, str]) -> bool:
        return headers.get("private-token") == TOKEN

    def request(self, iid: int, content: bytes | None, *, project: int = PROJECT, head: str = HEAD) -> None:
        """Add a merge request from a project, compared in a pipeline of that project."""
        self.requests.append(
            {"iid": iid, "sha": head, "source_project_id": project, "target_project_id": PROJECT}
        )
        self.pipelines[iid] = [
            {"id": iid * 10, "project_id": project, "source": "merge_request_event"},
            {"id": iid * 10 + 1, "project_id": project, "source": "push"},
        ]
        self.jobs[iid * 10] = [{"id": iid * 100, "name": "diff", "status": "success"}]
        self.diffs[iid] = [{"new_path": "stacks/Pulumi.boreal.yaml", "old_path": "stacks/Pulumi.boreal.yaml"}]
        if content is not None:
            self.files[iid * 100] = content

    def routes(self) -> dict[str, Route]:
        at, one = f"/api/v4/projects/{PROJECT}", r"merge_requests/(\d+)"
        return {
            "GET /api/v4/user": lambda **_: (200, {"id": self.ME}),
            f"GET {at}/merge_requests": lambda query: page(self.requests, query),
            f"GET {at}/{one}/pipelines": lambda iid, **_: (200, self.pipelines[int(iid)]),
            f"GET {at}/{one}/diffs": lambda iid, query: page(self.diffs[int(iid)], query),
            f"GET {at}/{one}/notes": self._notes,
            f"POST {at}/{one}/notes": self._post,
            rf"PUT {at}/{one}/notes/(\d+)": self._put,
            f"GET {at}/issues": self._issues,
            f"POST {at}/issues": self._open,
            rf"PUT {at}/issues/(\d+)": self._change,
            rf"POST {at}/issues/(\d+)/notes": self._say,
            r"GET /api/v4/projects/(\d+)/pipelines/(\d+)/jobs": self._jobs,
            r"GET /api/v4/projects/(\d+)/jobs/(\d+)/artifacts/review/review\.json": self._file,
        }

    def _issues(self, query: dict[str, str]) -> Answer:
        asked = (query["state"], int(query["author_id"]))
        return page([each for each in self.issues if (each["state"], each["author"]["id"]) == asked], query)

    def _open(self, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        iid = len(self.issues) + 1
        self.issues.append({"iid": iid, "state": "opened", "author": {"id": self.ME}, "said": [], **body})
        return 201, self.issues[-1]

    def _change(self, iid: str, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        found = self.issues[int(iid) - 1]
        if body.pop("state_event", None) == "close":
            found["state"] = "closed"
        found.update(body)
        return 200, found

    def _say(self, iid: str, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        self.issues[int(iid) - 1]["said"].append(body["body"])
        return 201, {}

    def _jobs(self, project: str, pipeline: str, query: dict[str, str]) -> Answer:
        del query
        if int(project) in self.hidden:
            return 404, {"message": "404 Project Not Found"}
        return 200, self.jobs.get(int(pipeline), [])

    def _file(self, project: str, job: str, query: dict[str, str]) -> Answer:
        del project, query
        found = self.files.get(int(job))
        return (200, found) if found is not None else (404, {"message": "404 Not Found"})

    def _notes(self, iid: str, query: dict[str, str]) -> Answer:
        return page([each for each in self.notes if each["iid"] == int(iid)], query)

    def note(self, iid: int, body: str, author: int) -> None:
        """Add a comment."""
        self.notes.append({"id": len(self.notes) + 1, "iid": iid, "body": body, "author": {"id": author}})

    def _post(self, iid: str, query: dict[str, str], body: dict[str, str]) -> Answer:
        del query
        self.note(int(iid), body["body"], self.ME)
        return 201, self.notes[-1]

    def _put(self, iid: str, note: str, query: dict[str, str], body: dict[str, str]) -> Answer:
        del iid, query
        found = self.notes[int(note) - 1]
        found["body"] = body["body"]
        return 200, found


@contextmanager
def served(forge: Forge) -> Iterator[None]:
    """Serve a forge on loopback; its `root` says where."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = forge.answer(self.command, self.path, headers, self.rfile.read(length))
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if isinstance(content, str):
                self.send_header("Location", content)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _handle  # noqa: N815 - as http.server calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server calls it
            """Write nothing: `asked` has it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    forge.root = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def github() -> Iterator[GitHubFake]:
    """Serve GitHub, and the storage of its artefacts at another address."""
    forge = GitHubFake()
    storage = Storage(artefacts=forge.artefacts)
    with served(storage), served(forge):
        forge.storage, forge.kept = storage.root, storage
        yield forge


@contextmanager
def gitlab() -> Iterator[GitLabFake]:
    """Serve GitLab."""
    forge = GitLabFake()
    with served(forge):
        yield forge
