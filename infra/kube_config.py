"""How to reach a Kubernetes API server: kubeconfig files, with everything they may hold for signing in.

https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ and, for commands that print credentials,
https://kubernetes.io/docs/reference/config-api/client-authentication.v1/.
"""

import base64
import json
import os
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
import yaml


class KubeconfigError(Exception):
    """The kubeconfig cannot be used; the text says what to change in it."""


@dataclass(frozen=True)
class Login:
    """One context of a kubeconfig: a server, a person, and the namespace for objects that name none.

    Attributes
    ----------
    folder
        What relative paths in the kubeconfig are relative to.
    """

    server: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]
    namespace: str
    folder: Path

    def connect(self) -> tuple[urllib3.PoolManager, dict[str, str]]:
        """Return connections to the server, and the headers that authenticate each request.

        A command that prints credentials is run; call this again when the server no longer accepts them.
        """
        credentials = dict(self.user)
        if "exec" in self.user:
            credentials |= _run_plugin(self.user["exec"], self.cluster, self.folder)
        options: dict[str, Any] = {
            "ssl_context": _tls(self.cluster, credentials, self.folder),
            "assert_hostname": False if self.cluster.get("insecure-skip-tls-verify") else None,
            "server_hostname": self.cluster.get("tls-server-name"),
            "maxsize": 4,
        }
        if name := self.cluster.get("tls-server-name"):
            options["assert_hostname"] = name
        if proxy := self.cluster.get("proxy-url"):
            return urllib3.ProxyManager(proxy, **options), _headers(credentials, self.folder)
        return urllib3.PoolManager(**options), _headers(credentials, self.folder)


def load(kubeconfig: str | Path | None = None, context: str | None = None) -> Login:
    """Return one context of a kubeconfig.

    Parameters
    ----------
    kubeconfig
        A path, or the text itself; by default ``$KUBECONFIG``, else ``~/.kube/config``.
    context
        By default the file's current one.

    Raises
    ------
    KubeconfigError
        No such file, context, cluster or user.
    """
    text, folder, where = _read(kubeconfig)
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise KubeconfigError(f"{where} is not YAML") from error
    if not isinstance(config, dict) or "contexts" not in config:
        raise KubeconfigError(f"{where} is not a kubeconfig: it has no contexts")
    chosen = context or config.get("current-context")
    if not chosen:
        raise KubeconfigError(f"{where} has no current context: name one of {_names(config, 'contexts')}")
    entry = _find(config, "contexts", "context", chosen, where)
    cluster = _find(config, "clusters", "cluster", entry.get("cluster"), where)
    return Login(
        server=cluster["server"].rstrip("/"),
        cluster=cluster,
        user=_find(config, "users", "user", entry["user"], where) if entry.get("user") else {},
        namespace=entry.get("namespace") or "default",
        folder=folder,
    )


def _read(kubeconfig: str | Path | None) -> tuple[str, Path, str]:
    if isinstance(kubeconfig, str) and "\n" in kubeconfig.strip():
        return kubeconfig, Path.cwd(), "the given kubeconfig"
    default = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0] or "~/.kube/config"
    path = Path(kubeconfig or default).expanduser()
    try:
        return path.read_text(), path.parent, str(path)
    except OSError as error:
        raise KubeconfigError(f"cannot read the kubeconfig {path}: {error.strerror}") from error


def _names(config: Mapping[str, Any], section: str) -> str:
    return ", ".join(entry["name"] for entry in config.get(section) or ()) or "none, for there are none"


def _find(config: Mapping[str, Any], section: str, key: str, name: str | None, where: str) -> dict[str, Any]:
    for entry in config.get(section) or ():
        if entry["name"] == name:
            return entry.get(key) or {}
    raise KubeconfigError(f"{where} has no {key} {name}; it has {_names(config, section)}")


def _run_plugin(plugin: Mapping[str, Any], cluster: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the credentials that a command prints, by the names they have in a kubeconfig's user."""
    version = plugin.get("apiVersion", "client.authentication.k8s.io/v1")
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    if plugin.get("provideClusterInfo"):
        info["spec"]["cluster"] = {
            key: cluster[key] for key in cluster.keys() & {"server", "tls-server-name"}
        }
    given = {entry["name"]: entry["value"] for entry in plugin.get("env") or ()}
    command = plugin["command"]
    if os.sep in command:  # as client-go: a bare name is found on PATH, a path is relative to the file
        command = str(folder / command)
    try:
        ran = subprocess.run(
            [command, *(plugin.get("args") or ())],
            env={**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
            timeout=120,
        )
        status = json.loads(ran.stdout)["status"]
    except FileNotFoundError as error:
        hint = plugin.get("installHint") or "install it, or use another context"
        raise KubeconfigError(f"the kubeconfig signs in with {command}, which is not here: {hint}") from error
    except (subprocess.SubprocessError, ValueError, KeyError) as error:
        raise KubeconfigError(
            f"{command}, with which the kubeconfig signs in, gave no credentials"
        ) from error
    found = {"token": status.get("token")}
    for name, key in (("clientCertificateData", "certificate"), ("clientKeyData", "key")):
        if name in status:
            found[f"client-{key}-data"] = base64.b64encode(status[name].encode()).decode()
    return {key: value for key, value in found.items() if value}


def _headers(user: Mapping[str, Any], folder: Path) -> dict[str, str]:
    if user.get("token"):
        return {"Authorization": f"Bearer {user['token']}"}
    if user.get("tokenFile"):
        return {"Authorization": f"Bearer {(folder / user['tokenFile']).read_text().strip()}"}
    if user.get("username"):
        return urllib3.make_headers(basic_auth=f"{user['username']}:{user['password']}")
    return {}


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> ssl.SSLContext:
    """Return the TLS settings; the environment's certificate variables are for other servers than this one."""
    authority = _content(cluster, "certificate-authority", folder)
    context = ssl.create_default_context(cadata=authority.decode() if authority else None)
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate, key = (_content(user, f"client-{part}", folder) for part in ("certificate", "key"))
    if certificate and key:
        # OpenSSL reads both from one file, and only from a file; this one is the owner's alone and soon gone.
        with tempfile.NamedTemporaryFile() as file:
            file.write(certificate + b"\n" + key)
            file.flush()
            context.load_cert_chain(file.name)
    return context


def _content(entry: Mapping[str, Any], key: str, folder: Path) -> bytes | None:
    if entry.get(f"{key}-data"):
        return base64.b64decode(entry[f"{key}-data"])
    return (folder / Path(entry[key]).expanduser()).read_bytes() if entry.get(key) else None
