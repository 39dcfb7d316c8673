"""The few requests the cluster makes of its own API server while it comes up."""

import http.client
import json
import ssl
from pathlib import Path
from typing import Any

from infra.local.errors import LocalClusterError
from infra.local.rendering import API_PORT

_PLURALS = {
    "Namespace": "namespaces",
    "ServiceAccount": "serviceaccounts",
    "ConfigMap": "configmaps",
    "Service": "services",
    "Deployment": "deployments",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "StorageClass": "storageclasses",
}


class Api:
    """A connection to one API server as the cluster's administrator.

    Parameters
    ----------
    host
        Its address.
    pki
        Folder of ``ca.crt``, ``admin.crt`` and ``admin.key``.
    """

    def __init__(self, host: str, pki: Path) -> None:
        tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self._connection = http.client.HTTPSConnection(host, API_PORT, context=tls, timeout=10)

    def get(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON the server answers with
        """Return what is at ``path``, or None where there is nothing or nobody answers yet."""
        try:
            status, body = self._request("GET", path)
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return None
        return json.loads(body) if status == http.HTTPStatus.OK else None

    def ready(self) -> bool:
        """Return whether the server says that it is ready: its own roles exist, its caches are filled."""
        try:
            status, _ = self._request("GET", "/readyz")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return False
        return status == http.HTTPStatus.OK

    def apply(self, manifest: dict[str, Any]) -> None:
        """Apply an object server-side, taking over fields that others set."""
        path = f"{_path(manifest)}?fieldManager=science-local&force=true"
        status, body = self._request("PATCH", path, json.dumps(manifest))
        if status not in (http.HTTPStatus.OK, http.HTTPStatus.CREATED):
            message = json.loads(body).get("message", body.decode(errors="replace"))
            raise LocalClusterError(f"the API server refused {_path(manifest)}: {message}")

    def _request(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/apply-patch+yaml"} if body else {}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def _path(manifest: dict[str, Any]) -> str:
    version, metadata = manifest["apiVersion"], manifest["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    within = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"{root}{within}/{_PLURALS[manifest['kind']]}/{metadata['name']}"
