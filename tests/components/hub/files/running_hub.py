"""The real JupyterHub, started as its pod starts it, beside a cluster that only takes pods."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.components.hub.files.example import FILES
from tests.components.hub.files.fake_cluster import FakeCluster

USERS, ADMINS = "for-all-users", "for-administrators-only-0123456789abcdef"
SECRETS = {
    "CONFIGPROXY_AUTH_TOKEN": "a1" * 32,
    "JPY_COOKIE_SECRET": "b2" * 32,
    "JUPYTERHUB_CRYPT_KEY": "c3" * 32,
    "SERVICE_TOKEN_METRICS": "d4" * 32,
    "USER_PASSWORD": USERS,
    "ADMIN_PASSWORD": ADMINS,
    "OIDC_CLIENT_SECRET": "e5" * 32,
}
WRAPPER = """
import sys
sys.path.insert(0, {folder!r})
import hub_settings
hub_settings.PORT = {port}
load_subconfig({folder!r} + "/jupyterhub_config.py")
c = get_config()
c.JupyterHub.db_url = "sqlite:///" + {database!r}
c.JupyterHub.hub_connect_url = "http://127.0.0.1:{port}"
c.ConfigurableHTTPProxy.api_url = {cluster!r}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class RunningHub:
    """Where a hub is, what it runs pods in, and what it logs."""

    url: str
    cluster: FakeCluster
    log: Path


class Browser:
    """A person's browser."""

    def __init__(self, hub: str, name: str = "", password: str = USERS) -> None:
        self.hub, self.name, self.session = hub, name, requests.Session()
        if name:
            self.answer = self.post("/hub/login", username=name, password=password)

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.hub}{path}")

    def xsrf(self, path: str) -> str:
        self.get(path)
        return self.session.cookies.get("_xsrf", path="/hub/") or ""

    def post(self, path: str, **form: str) -> requests.Response:
        data = {**form, "_xsrf": self.xsrf(path)}
        return self.session.post(f"{self.hub}{path}", data=data, allow_redirects=False)

    def api(self, method: str, path: str, body: object = None) -> requests.Response:
        headers = {"X-XSRFToken": self.xsrf("/hub/token")}
        return self.session.request(method, f"{self.hub}/hub/api{path}", json=body, headers=headers)


def _configure(folder: Path, url: str, port: int, document: dict[str, Any], cluster: FakeCluster) -> Path:
    for path in FILES.iterdir():
        if path.suffix in (".py", ".html"):
            shutil.copy(path, folder)
    (folder / "site.json").write_text(json.dumps({**document, "url": url}))
    (folder / "kubeconfig").write_text(cluster.kubeconfig())
    wrapper = folder / "wrapper.py"
    wrapper.write_text(
        WRAPPER.format(
            folder=str(folder), port=port, database=str(folder / "hub.sqlite"), cluster=cluster.url
        )
    )
    return wrapper


@contextmanager
def running_hub(folder: Path, document: dict[str, Any]) -> Iterator[RunningHub]:
    """Run the hub of a ``site.json``, flat in a folder as in its pod."""
    port, cluster, log = free_port(), FakeCluster(), folder / "hub.log"
    url = f"http://127.0.0.1:{port}"
    wrapper = _configure(folder, url, port, document, cluster)
    environment = {**os.environ, **SECRETS, "KUBECONFIG": str(folder / "kubeconfig")}
    command = [sys.executable, "-m", "jupyterhub", "--config", str(wrapper)]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        wait(url, process, log)
        yield RunningHub(url=url, cluster=cluster, log=log)
    finally:
        process.terminate()
        process.wait(20)
        cluster.close()


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            if requests.get(f"{url}/hub/health", timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def settle(condition) -> None:
    for _ in range(100):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError
