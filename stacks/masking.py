"""Showing and using values that contain secrets: `mask` for people, `reveal` for the cluster."""

import hmac
import json
from collections.abc import Iterator

from stacks.wire import UNKNOWN, Secret

SECRET = "[secret]"  # noqa: S105 - what is shown in place of one
"""Shown for every secret value: constant, because a generated secret differs from run to run."""

_FINGERPRINT = "#"

COMPUTED = "[computed]"
"""Shown for every value that only the real resource will have."""


def mask(value: object, key: bytes | None = None) -> object:
    """Return ``value`` with each secret leaf replaced by `SECRET` and each unknown one by `COMPUTED`.

    Keys and lengths of secret mappings and lists stay visible: those of a Kubernetes Secret are not secret.

    Parameters
    ----------
    key
        Adds a keyed hash to each mask, by which two plans of one run can be compared: a key is made for the
        run and forgotten after it, and the hashes are never shown.
    """
    if isinstance(value, Secret):
        return _masked(value.value, key)
    if isinstance(value, dict):
        return {name: mask(item, key) for name, item in value.items()}
    if isinstance(value, list):
        return [mask(item, key) for item in value]
    return COMPUTED if value is UNKNOWN else value


def _masked(value: object, key: bytes | None) -> object:
    if isinstance(value, dict):
        return {name: _masked(item, key) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, key) for item in value]
    if key is None or value is UNKNOWN:
        return SECRET
    plain = json.dumps(reveal(value)).encode()
    return f"{SECRET}{_FINGERPRINT}{hmac.digest(key, plain, 'sha256').hex()[:32]}"


def is_masked(value: object) -> bool:
    """Return whether this stands for a secret, with a fingerprint or without."""
    return isinstance(value, str) and (value == SECRET or value.startswith(SECRET + _FINGERPRINT))


def reveal(value: object) -> object:
    """Return ``value`` with each `Secret` replaced by what it holds: only ever to be sent to the cluster."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def plain_text(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield ``(path, text)`` of every string, and every key, of ``value`` that is not inside a secret."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, str(key)
            yield from plain_text(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from plain_text(item, f"{path}[{position}]")
