"""What the hub talks to in its cluster: Kubernetes' pods and events, and the proxy's routes."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

QUOTA = {
    "kind": "Status",
    "status": "Failure",
    "reason": "Forbidden",
    "code": 403,
    "message": 'pods "jupyter-bob" is forbidden: exceeded quota: servers',
}


class FakeCluster:
    """Takes pods, which then wait for a node for ever; ``full`` makes it refuse them."""

    def __init__(self) -> None:
        self.pods: dict[str, dict[str, Any]] = {}
        self.full = False
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def kubeconfig(self) -> str:
        """Return a configuration of clients (JSON is YAML)."""
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "fake",
                "clusters": [{"name": "fake", "cluster": {"server": self.url}}],
                "users": [{"name": "fake", "user": {}}],
                "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "fake"}}],
            }
        )

    def create(self, pod: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take a pod, or refuse it."""
        if self.full:
            return 403, QUOTA
        pod["metadata"] |= {"uid": "1", "resourceVersion": "1"}
        pod["status"] = {"phase": "Pending"}
        self.pods[pod["metadata"]["name"]] = pod
        return 201, pod

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self, status: int, body: object) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if "watch" in parse_qs(url.query):
                    self.send_response(200)
                    self.end_headers()
                    cluster._closing.wait()
                elif url.path == "/api/routes":
                    self._answer(200, {})
                else:
                    items = list(cluster.pods.values()) if url.path.endswith("/pods") else []
                    self._answer(200, {"metadata": {"resourceVersion": "1"}, "items": items})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(*(cluster.create(body) if self.path.endswith("/pods") else (201, {})))

            def do_DELETE(self) -> None:
                cluster.pods.pop(self.path.rsplit("/", 1)[-1], None)
                self._answer(200, {})

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        return Handler
