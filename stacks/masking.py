"""Showing and using values that contain secrets: `mask` for people, `reveal` for the cluster."""

from collections.abc import Iterator

from stacks.wire import UNKNOWN, Secret

SECRET = "[secret]"  # noqa: S105 - what is shown in place of one
"""Shown for every secret value: constant, because a generated secret differs from run to run."""

COMPUTED = "[computed]"
"""Shown for every value that only the real resource will have."""


def mask(value: object) -> object:
    """Return ``value`` with each secret leaf replaced by `SECRET` and each unknown one by `COMPUTED`.

    Keys and lengths of secret mappings and lists stay visible: those of a Kubernetes Secret are not secret.
    """
    if isinstance(value, Secret):
        return _masked(value.value)
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return COMPUTED if value is UNKNOWN else value


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return SECRET


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
