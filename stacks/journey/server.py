"""A running single-user server: kernels (Jupyter messaging protocol 5.3) and files (contents API)."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from stacks.journey.errors import KernelError, RefusedError
from stacks.journey.route import Route

_OPENING, _ONE_TRY = 30, 5
"""Seconds for the channels of a kernel to open, and for one try of it."""


class Kernel:
    """A kernel of a server, reached with whatever connection it takes at the time.

    Parameters
    ----------
    server
        Where it runs.
    kernel_id
        Its identifier.
    """

    def __init__(self, server: "UserServer", kernel_id: str) -> None:
        self.server = server
        self.id = kernel_id

    def run(self, code: str, *, timeout: float = 60) -> str:
        """Execute ``code`` and return what it prints and evaluates to.

        Parameters
        ----------
        timeout
            Seconds for all of it. A kernel that dies says nothing more, so this is also how that shows.

        Raises
        ------
        KernelError
            The code raised, or did not finish in time.
        """
        deadline = time.monotonic() + timeout
        message = uuid.uuid4().hex
        try:
            with self.server.channel(self.id, timeout=timeout) as channel:
                channel.send(_execute_request(message, code))
                return _collect(channel, message, deadline)
        except TimeoutError:
            raise KernelError(f"no result after {timeout:g} s") from None
        except (WebSocketException, OSError) as error:
            raise KernelError(f"the connection to the kernel broke: {error}") from error

    def start(self, code: str, *, timeout: float = 30) -> None:
        """Start ``code`` and return as soon as the kernel is busy with it."""
        message = uuid.uuid4().hex
        with self.server.channel(self.id, timeout=timeout) as channel:
            channel.send(_execute_request(message, code))
            while True:
                kind, content = _next(channel, message, time.monotonic() + timeout)
                if kind == "status" and content["execution_state"] == "busy":
                    return


class UserServer:
    """One user's server, with the token of whoever asks.

    Parameters
    ----------
    route
        The way to the site.
    url
        The server's URL, with a slash at its end.
    token
        A hub token; secret.
    """

    def __init__(self, route: Route, url: str, token: str) -> None:
        self.route = route
        self.url = url
        self._headers = {"Authorization": f"token {token}"}
        self.http = route.client(timeout=60)
        self.http.headers.update(self._headers)

    def close(self) -> None:
        """Close all connections."""
        self.http.close()

    def request(self, method: str, path: str, **options: object) -> httpx.Response:
        """Call the server's API below its URL.

        Raises
        ------
        RefusedError
            It answers with an error, or sends to the sign-in page.
        """
        answer = self.http.request(method, f"{self.url}{path}", follow_redirects=False, **options)  # type: ignore[arg-type] # httpx checks
        if answer.is_error or answer.is_redirect:
            raise RefusedError(answer.text[:300] or answer.headers.get("location", ""), answer.status_code)
        return answer

    # -- kernels ------------------------------------------------------------------------------------------

    def channel(self, kernel_id: str, *, timeout: float) -> ClientConnection:
        """Open the channels of a kernel.

        Jupyter Server asks the kernel for a sign of life before it answers, and sometimes misses it where the last
        connection has only just gone: then another try is answered at once.
        """
        deadline = time.monotonic() + min(timeout, _OPENING)
        while True:
            left = deadline - time.monotonic()
            try:
                return self.route.websocket(
                    f"{self.url}api/kernels/{kernel_id}/channels",
                    self._headers,
                    timeout=max(0.1, min(left, _ONE_TRY)),
                )
            except TimeoutError:
                if left <= _ONE_TRY:
                    raise

    def start_kernel(self) -> Kernel:
        """Start a kernel that runs until it is shut down."""
        return Kernel(self, self.request("POST", "api/kernels", json={"name": "python3"}).json()["id"])

    def shut_down(self, kernel: Kernel) -> None:
        """Shut a kernel down."""
        self.request("DELETE", f"api/kernels/{kernel.id}")

    @contextmanager
    def kernel(self) -> Iterator[Kernel]:
        """Start a kernel for as long as the body runs."""
        kernel = self.start_kernel()
        try:
            yield kernel
        finally:
            self.shut_down(kernel)

    def run(self, code: str, *, timeout: float = 60) -> str:
        """Execute ``code`` in a kernel of its own; see `Kernel.run`."""
        with self.kernel() as kernel:
            return kernel.run(code, timeout=timeout)

    # -- files --------------------------------------------------------------------------------------------

    def read(self, path: str) -> str:
        """Return the text of a file, by its path below the home directory."""
        return self.request("GET", _contents(path), params={"type": "file", "format": "text"}).json()[
            "content"
        ]

    def write(self, path: str, text: str) -> None:
        """Write a text file; its folder must be there."""
        self.request("PUT", _contents(path), json={"type": "file", "format": "text", "content": text})

    def names(self, folder: str = "") -> list[str]:
        """Return the names in a folder, in their order; hidden ones are not among them."""
        listed = self.request("GET", _contents(folder), params={"type": "directory"}).json()["content"]
        return sorted(entry["name"] for entry in listed)


def _contents(path: str) -> str:
    return f"api/contents/{quote(path)}"


def _execute_request(message: str, code: str) -> str:
    """Return an ``execute_request`` for the shell channel."""
    return json.dumps(
        {
            "header": {
                "msg_id": message,
                "username": "journey",
                "session": uuid.uuid4().hex,
                "msg_type": "execute_request",
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {},
            "channel": "shell",
            "buffers": [],
            "content": {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            },
        }
    )


def _next(channel: ClientConnection, message: str, deadline: float) -> tuple[str, dict]:
    """Return the kind and content of the next answer to ``message``."""
    while True:
        received = json.loads(channel.recv(timeout=max(0.0, deadline - time.monotonic())))
        if received["parent_header"].get("msg_id") == message:
            return received["header"]["msg_type"], received["content"]


def _collect(channel: ClientConnection, message: str, deadline: float) -> str:
    """Gather the output of an execution until the kernel is idle again."""
    output = ""
    while True:
        kind, content = _next(channel, message, deadline)
        if kind == "stream":
            output += content["text"]
        elif kind in ("execute_result", "display_data"):
            output += content["data"].get("text/plain", "")
        elif kind == "error":
            raise KernelError(f"{content['ename']}: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            return output
