"""A small service for the edge to lead to, which says what reached it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

MARK = "X-Application"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the test's output is pytest's."""

    def _answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.headers.get("Upgrade") == "websocket":
            self._echo()
        elif path.endswith("/stream"):
            self._stream()
        elif path.endswith("/slow"):
            time.sleep(2)
            self._answer(b"slow but sure")
        elif path.endswith("/script.js"):
            self._answer(b"let a = 1;\n" * 1000, Content_Type="application/javascript")
        elif path.endswith("/own-503"):
            self._answer(b"own words", 503, **{MARK.replace("-", "_"): "1"})
        elif path.endswith("/made-up-503"):
            self._answer(b"made up", 503)
        else:
            seen = {"path": self.path, "headers": dict(self.headers), "host": self.headers["Host"]}
            self._answer(json.dumps(seen).encode(), Content_Type="application/json")

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Connection", "close")
        self.end_headers()
        for word in (b"first\n", b"second\n"):
            self.wfile.write(word)
            self.wfile.flush()
            time.sleep(1)
        self.close_connection = True

    def _echo(self) -> None:
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        while data := self.connection.recv(4096):
            self.connection.sendall(data)
        self.close_connection = True

    def do_PUT(self) -> None:
        """Count a body as it comes, and tell when its first part came."""
        left, first = int(self.headers["Content-Length"]), 0.0
        total = left
        while left:
            part = self.rfile.read(min(left, 65536))
            first = first or time.time()
            left -= len(part)
        self._answer(json.dumps({"size": total, "first": first, "last": time.time()}).encode())

    do_POST = do_PUT  # noqa: N815 - the name of the standard library's protocol


class Upstream:
    """The service, on a port of loopback, from construction to the end of the ``with``."""

    def __init__(self, port: int) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def __enter__(self) -> Self:
        """Return the service, which runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
