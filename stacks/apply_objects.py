"""What is sent to the cluster, what is compared, and what comes back: pure functions on manifests."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.masking import reveal
from stacks.paths import Path, carried_over, parse, without
from stacks.wire import UNKNOWN, Secret

Object = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """Which object in the cluster, whatever the version of its API."""

    group: str
    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        """Return what a person would call it: ``Deployment science-demo/hub``."""
        return f"{self.kind} {self.namespace + '/' if self.namespace else ''}{self.name}"


def identity(manifest: Mapping[str, Any], namespace: str | None) -> Identity:
    """Return which object ``manifest`` describes, in ``namespace`` (None: it has none)."""
    group = manifest["apiVersion"].rpartition("/")[0]
    return Identity(group, manifest["kind"], namespace, manifest["metadata"]["name"])


def prepared(inputs: Mapping[str, object], namespace: str | None) -> Object:
    """Return the manifest to apply: secrets in the clear, no nulls, ``stringData`` of Secrets encoded.

    The API server does the same to ``stringData``, and never gives it back: encoded, it can be compared.
    """
    manifest: Any = _without_nulls(reveal(dict(inputs)))
    if namespace:
        manifest["metadata"] = {**manifest["metadata"], "namespace": namespace}
    if is_secret(manifest) and "stringData" in manifest:
        texts = manifest.pop("stringData")
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        manifest["data"] = {**(manifest.get("data") or {}), **encoded}
    return manifest


def is_secret(manifest: Mapping[str, Any]) -> bool:
    """Return whether this is a Secret of Kubernetes' own."""
    return manifest["apiVersion"] == "v1" and manifest["kind"] == "Secret"


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def unknown_paths(value: object, path: str = "") -> list[str]:
    """Return where ``value`` holds what is not known."""
    if value is UNKNOWN:
        return [path]
    if isinstance(value, Secret):
        return unknown_paths(value.value, path)
    if isinstance(value, dict):
        return [
            found for key, item in value.items() for found in unknown_paths(item, f"{path}.{key}".lstrip("."))
        ]
    if isinstance(value, list):
        return [found for at, item in enumerate(value) for found in unknown_paths(item, f"{path}[{at}]")]
    return []


def ignored_paths(manifest: Mapping[str, Any], ignore_changes: Iterable[str]) -> tuple[Path, ...]:
    """Return the paths of ``ignore_changes`` in a prepared manifest."""
    found = [parse(text) for text in ignore_changes]
    if is_secret(manifest):
        found = [("data", *path[1:]) if path[0] == "stringData" else path for path in found]
    return tuple(found)


def kept(manifest: Object, ignored: Iterable[Path], live: Object) -> Object:
    """Return the manifest with what ``live`` has at the ignored paths.

    It has to be sent again: server-side apply removes what its manager owned and no longer sends.
    """
    for path in ignored:
        manifest = carried_over(manifest, path, live)
    return manifest


def compared(manifest: Object, ignored: Iterable[Path]) -> Object:
    """Return the part of the manifest whose changes count."""
    for path in ignored:
        manifest = without(manifest, path)
    return manifest


def digest(value: object) -> str:
    """Return a hash of any JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def projected(live: Any, wanted: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the part of a live object that ``wanted`` speaks of, as the API server writes it.

    Compared with the same part as it was just after it had been applied, it shows what someone changed since;
    what the server and its controllers add does not show.
    """
    if isinstance(live, dict) and isinstance(wanted, dict):
        return {key: projected(live.get(key), item) for key, item in wanted.items()}
    if isinstance(live, list) and isinstance(wanted, list) and len(live) == len(wanted):
        return [projected(there, here) for there, here in zip(live, wanted, strict=True)]
    return live


def outputs(live: Object, inputs: Mapping[str, object], secret: Iterable[str] = ()) -> dict[str, object]:
    """Return the live object as the resource's outputs.

    What was secret among the inputs stays secret, and so does the content of every Secret; ``stringData`` is
    what it was, as far as it still is so.

    Parameters
    ----------
    secret
        Further top-level properties that are secret.
    """
    shown = dict(live)
    shown["metadata"] = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    if is_secret(live):
        data = live.get("data") or {}
        texts = _texts(reveal(inputs.get("stringData")), data)
        return {**shown, "data": Secret(data), **({"stringData": Secret(texts)} if texts else {})}
    wrapped = {key: hidden(value, inputs.get(key)) for key, value in shown.items()}
    return {key: Secret(reveal(value)) if key in secret else value for key, value in wrapped.items()}


def _texts(given: object, data: Mapping[str, str]) -> dict[str, str]:
    keys = given.keys() & data.keys() if isinstance(given, dict) else ()
    return {key: base64.b64decode(data[key]).decode() for key in sorted(keys)}


def hidden(live: object, given: object) -> object:
    """Return ``live``, secret wherever ``given`` was."""
    if isinstance(given, Secret):
        return Secret(live)
    if isinstance(live, dict) and isinstance(given, dict):
        return {key: hidden(value, given.get(key)) for key, value in live.items()}
    if isinstance(live, list) and isinstance(given, list):
        if len(live) == len(given):
            return [hidden(there, here) for there, here in zip(live, given, strict=True)]
        # Which item is which cannot be told any more.
        return Secret(live) if reveal(given) != given else live
    return live
