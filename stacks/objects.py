"""Small facts about Kubernetes objects as dictionaries."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def has_name(manifest: Mapping[str, Any]) -> bool:
    """Return whether the object is given a name."""
    return bool((manifest.get("metadata") or {}).get("name"))


def with_name(manifest: Mapping[str, object], name: str, urn: str) -> dict[str, object]:
    """Return ``manifest`` with a name made of the resource's and a hash of its URN.

    Pulumi's engine takes a random suffix and remembers it; this one has to be the same on every run.
    """
    metadata: Mapping[str, Any] = manifest.get("metadata") or {}  # type: ignore[assignment] - by the API's schema
    prefix = metadata.get("generateName") or f"{name}-"
    full = f"{prefix}{sha256(urn.encode()).hexdigest()[:8]}"
    others = {key: value for key, value in metadata.items() if key != "generateName"}
    return {**manifest, "metadata": {**others, "name": full}}


def object_id(manifest: Mapping[str, Any]) -> str:
    """Return ``namespace/name``, or ``name`` where the object has no namespace: Pulumi's ID of it."""
    metadata = manifest["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]
