"""An OpenID Connect provider on this machine, whose answers a test decides."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt


class FakeProvider:
    """Answers discovery, token and userinfo requests; ``answers`` replaces them, path by path, in order."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "1", "preferred_username": "alice", "groups": ["staff"]}
        self.id_token: dict[str, Any] = {}
        self.answers: dict[str, list[tuple[int, object]]] = {}
        self.requests: list[tuple[str, dict[str, list[str]]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def metadata(self) -> dict[str, Any]:
        """Return the discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def tokens(self) -> dict[str, Any]:
        """Return the answer of the token endpoint."""
        claims = {"iss": self.issuer, "aud": "hub", "exp": time.time() + 600, "sub": self.claims["sub"]}
        token = jwt.encode({**claims, **self.id_token}, "k" * 32, algorithm="HS256")
        return {"access_token": "a", "refresh_token": "r", "token_type": "bearer", "id_token": token}

    def _answer(self, path: str) -> tuple[int, object]:
        if self.answers.get(path):
            return self.answers[path].pop(0)
        own = {
            "/.well-known/openid-configuration": self.metadata,
            "/token": self.tokens,
            "/userinfo": lambda: self.claims,
        }
        return 200, own[path]()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                path = self.path.split("?")[0]
                provider.requests.append((path, parse_qs(form)))
                status, body = provider._answer(path)
                self.send_response(status)
                self.end_headers()
                self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

            do_POST = do_GET  # noqa: N815 - named by http.server

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        return Handler
