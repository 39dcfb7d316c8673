"""The project's one Kubernetes client: dictionaries in, dictionaries out, any kind the server knows.

    kube = Kube.from_kubeconfig("~/.kube/config", context="science")
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}}, manager="science-platform")
    kube.wait("apps/v1", "Deployment", "hub", "demo", until=is_available, timeout=60)

What the Kubernetes API promises is documented at
https://kubernetes.io/docs/reference/using-api/api-concepts/.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

import urllib3

from infra.kube_config import Login, load
from infra.kube_errors import KubeError, NoSuchKindError, refusal

Object = dict[str, Any]
"""A Kubernetes object as JSON has it."""

_TOO_OLD = 410
_NOT_FOUND = 404
_UNAUTHORIZED = 401
_REFUSED = 400
_PAGE = 500

# Everything here may be asked twice: applying is idempotent, and a second deletion finds nothing.
_RETRY = urllib3.Retry(
    total=4,
    backoff_factor=0.2,
    status_forcelist=(429, 503, 504),
    allowed_methods=("GET", "PATCH", "DELETE"),
    raise_on_status=False,
)


@dataclass(frozen=True)
class _Resource:
    """How a kind is addressed."""

    path: str
    namespaced: bool


class Kube:
    """A connection to one cluster as one user."""

    def __init__(self, login: Login) -> None:
        self.login = login
        self._http, self._headers = login.connect()
        self._kinds: dict[str, dict[str, _Resource]] = {}

    @classmethod
    def from_kubeconfig(cls, kubeconfig: str | Path | None = None, context: str | None = None) -> "Kube":
        """Connect by a kubeconfig: a path, its text, or by default the user's own; see `infra.kube_config.load`."""
        return cls(load(kubeconfig, context))

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """Return one object, or None where there is none."""
        try:
            return self._ask(
                "GET", self._path(api_version, kind, namespace, name), f"get {kind} {name}", kind
            )
        except KubeError as error:
            if error.status == _NOT_FOUND and not isinstance(error, NoSuchKindError):
                return None
            raise

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | str = "",
        fields: str = "",
    ) -> list[Object]:
        """Return the objects of a kind, of one namespace or of all.

        Parameters
        ----------
        labels
            Labels to match, or a selector in Kubernetes' syntax: ``app in (hub, proxy),!canary``.
        fields
            A field selector, such as ``spec.nodeName=node-1``.
        """
        query = {"labelSelector": _selector(labels), "fieldSelector": fields, "limit": _PAGE}
        path = self._path(api_version, kind, namespace)
        items: list[Object] = []
        while True:
            answer = self._ask("GET", path, f"list {kind}", kind, query=query)
            # The items of a list do not say what they are; elsewhere an object does.
            items += [{"apiVersion": api_version, "kind": kind, **item} for item in answer.get("items") or ()]
            if not (more := answer["metadata"].get("continue")):
                return items
            query["continue"] = more

    def apply(self, manifest: Object, *, manager: str, force: bool = False, dry_run: bool = False) -> Object:
        """Create the object or change it into what ``manifest`` says, and return it as it is then.

        Server-side apply: fields that ``manifest`` no longer names are removed, if ``manager`` owned them;
        fields of other managers are left alone, and one that both name is a conflict (409) unless ``force``.
        """
        query = {"fieldManager": manager, "force": _flag(force), "dryRun": "All" if dry_run else ""}
        return self._send("PATCH", manifest, "apply", query, content="application/apply-patch+yaml")

    def create(self, manifest: Object, *, manager: str, dry_run: bool = False) -> Object:
        """Create an object that must not exist (409 ``AlreadyExists``)."""
        query = {"fieldManager": manager, "dryRun": "All" if dry_run else ""}
        return self._send("POST", manifest, "create", query)

    def replace(self, manifest: Object, *, manager: str) -> Object:
        """Write the whole object; 409 where its ``resourceVersion`` is no longer the present one."""
        return self._send("PUT", manifest, "replace", {"fieldManager": manager})

    def merge(self, api_version: str, kind: str, name: str, namespace: str | None, patch: Object) -> Object:
        """Change some fields (JSON merge patch, RFC 7396): None removes a key."""
        path = self._path(api_version, kind, namespace, name)
        what = f"change {kind} {name}"
        return self._ask("PATCH", path, what, kind, body=patch, content="application/merge-patch+json")

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        propagation: Literal["Background", "Foreground", "Orphan"] = "Background",
    ) -> bool:
        """Begin to delete an object; return whether there was one.

        Parameters
        ----------
        propagation
            What becomes of the objects it owns: deleted afterwards, deleted first, or left.
        """
        path = self._path(api_version, kind, namespace, name)
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        try:
            self._ask("DELETE", path, f"delete {kind} {name}", kind, body=body)
        except KubeError as error:
            if error.status == _NOT_FOUND:
                return False
            raise
        return True

    def watch(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | str = "",
        fields: str = "",
        since: str = "",
        timeout: float = 300,
    ) -> Iterator[tuple[str, Object]]:
        """Yield ``(ADDED | MODIFIED | DELETED, object)`` as things happen, for ``timeout`` seconds.

        Parameters
        ----------
        since
            The ``resourceVersion`` after which to begin; without it, what exists comes first, as ``ADDED``. A
            version that is too old is a `KubeError` of status 410: list again.
        """
        query = {
            "watch": "true",
            "labelSelector": _selector(labels),
            "fieldSelector": fields,
            "resourceVersion": since,
            "timeoutSeconds": max(1, round(timeout)),
        }
        what = f"watch {kind}"
        path = self._path(api_version, kind, namespace)
        response = self._respond("GET", path, what, kind, query=query, stream=True, patience=timeout + 10)
        try:
            for line in _lines(response):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise refusal(
                        what, event["object"].get("code", 500), json.dumps(event["object"]).encode()
                    )
                yield event["type"], event["object"]
        except urllib3.exceptions.HTTPError:
            return  # the connection broke; what has happened since is for the caller to list
        finally:
            response.close()

    def wait(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        until: Callable[[Object | None], bool],
        timeout: float,
    ) -> Object | None:
        """Return the object (None: it is gone) as soon as ``until`` says so of it.

        Raises
        ------
        TimeoutError
            ``timeout`` seconds have passed.
        """
        end = time.monotonic() + timeout
        if self.resource(api_version, kind).namespaced:
            namespace = namespace or self.login.namespace  # a watch without one would be of all of them
        while True:
            found = self.get(api_version, kind, name, namespace)
            if until(found):
                return found
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"waited {timeout:.0f} s in vain for {kind} {name}")
            since = found["metadata"]["resourceVersion"] if found else ""
            fields = f"metadata.name={name}"
            try:
                for event, changed in self.watch(
                    api_version, kind, namespace, fields=fields, since=since, timeout=left
                ):
                    now = None if event == "DELETED" else changed
                    if until(now):
                        return now
            except KubeError as error:
                if error.status != _TOO_OLD:
                    raise

    def logs(
        self,
        pod: str,
        namespace: str,
        *,
        container: str = "",
        tail: int | None = None,
        previous: bool = False,
    ) -> str:
        """Return what a pod's container has written: its last ``tail`` lines, or all.

        Parameters
        ----------
        container
            May be left out where the pod has one.
        previous
            The run before the present one, after a crash.
        """
        query = {"container": container, "previous": _flag(previous), "tailLines": tail}
        path = self._path("v1", "Pod", namespace, pod) + "/log"
        return self._respond("GET", path, f"read the log of {pod}", "Pod", query=query).data.decode(
            errors="replace"
        )

    def knows(self, api_version: str, kind: str) -> bool:
        """Return whether the server has this kind now; asked anew where it had not before."""
        try:
            self.resource(api_version, kind)
        except NoSuchKindError:
            return False
        return True

    def namespace_of(self, manifest: Object) -> str | None:
        """Return the namespace that the object is or would be in; None for those of the whole cluster."""
        if not self.resource(manifest["apiVersion"], manifest["kind"]).namespaced:
            return None
        return manifest["metadata"].get("namespace") or self.login.namespace

    def version(self) -> str:
        """Return the server's version, such as ``v1.37.0``."""
        return self._ask("GET", "/version", "ask for the version", "")["gitVersion"]

    def resource(self, api_version: str, kind: str) -> _Resource:
        """Return how a kind is addressed; `NoSuchKindError` where the server does not have it."""
        if kind not in self._kinds.get(api_version, {}):
            self._discover(api_version)
        try:
            return self._kinds[api_version][kind]
        except KeyError:
            text = f"the cluster has no kind {kind} in {api_version}: is the CRD that defines it installed?"
            raise NoSuchKindError(text, _NOT_FOUND, "NoKindMatch") from None

    def _discover(self, api_version: str) -> None:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            found = self._ask("GET", root, f"discover {api_version}", "")["resources"]
        except KubeError as error:
            if error.status != _NOT_FOUND:
                raise
            found = []
        self._kinds[api_version] = {
            entry["kind"]: _Resource(f"{root}/{{}}{entry['name']}", entry["namespaced"])
            for entry in found
            if "/" not in entry["name"]  # subresources, such as deployments/scale
        }

    def _path(self, api_version: str, kind: str, namespace: str | None, name: str = "") -> str:
        resource = self.resource(api_version, kind)
        # One object of a namespaced kind is in some namespace; a list without one is of all of them.
        if resource.namespaced and name:
            namespace = namespace or self.login.namespace
        within = f"namespaces/{quote(namespace)}/" if resource.namespaced and namespace else ""
        return resource.path.format(within) + (f"/{quote(name)}" if name else "")

    def _send(
        self,
        method: str,
        manifest: Object,
        verb: str,
        query: Mapping[str, Any],
        content: str = "application/json",
    ) -> Object:
        kind, metadata = manifest["kind"], manifest["metadata"]
        namespace = self.namespace_of(manifest)
        path = self._path(manifest["apiVersion"], kind, namespace)
        if method != "POST":
            path += f"/{quote(metadata['name'])}"
        what = f"{verb} {kind} {namespace + '/' if namespace else ''}{metadata['name']}"
        return self._ask(method, path, what, kind, query=query, body=manifest, content=content)

    def _ask(self, method: str, path: str, what: str, kind: str, **request: Any) -> Object:  # noqa: ANN401 - as below
        return self._respond(method, path, what, kind, **request).json()

    def _respond(
        self,
        method: str,
        path: str,
        what: str,
        kind: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Object | None = None,
        content: str = "application/json",
        stream: bool = False,
        patience: float = 60,
    ) -> urllib3.BaseHTTPResponse:
        given = {key: value for key, value in (query or {}).items() if value not in ("", None)}
        url = f"{self.login.server}{path}" + (f"?{urlencode(given)}" if given else "")
        data = json.dumps(body).encode() if body is not None else None
        response = self._once(method, url, data, content, stream=stream, patience=patience)
        if response.status == _UNAUTHORIZED:  # perhaps the credentials have expired
            self._http, self._headers = self.login.connect()
            response = self._once(method, url, data, content, stream=stream, patience=patience)
        if response.status >= _REFUSED:
            raise refusal(what, response.status, response.data, secret=kind == "Secret")
        return response

    def _once(
        self, method: str, url: str, data: bytes | None, content: str, *, stream: bool, patience: float
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._http.request(
                method,
                url,
                body=data,
                headers={**self._headers, "Accept": "application/json", "Content-Type": content},
                preload_content=not stream,
                retries=_RETRY,
                timeout=urllib3.Timeout(connect=10, read=patience),
            )
        except urllib3.exceptions.HTTPError as error:
            why = error.reason if isinstance(error, urllib3.exceptions.MaxRetryError) else error
            raise KubeError(f"cannot reach the cluster at {self.login.server}: {why}", 0) from error


def _flag(value: bool) -> str:
    return "true" if value else ""


def _selector(labels: Mapping[str, str] | str) -> str:
    return labels if isinstance(labels, str) else ",".join(f"{key}={value}" for key, value in labels.items())


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    rest = b""
    for chunk in response.stream(amt=None, decode_content=True):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
