"""What users and project spaces may have, as one document for where limits are set and for where they are counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.storage.spec import FolderQuotaSpec, QuotasSpec
from infra.fields import bytes_of
from infra.spec import Purpose


def _of_user(name: str, groups: Sequence[str], spec: FolderQuotaSpec) -> int:
    if name in spec.users:
        return bytes_of(spec.users[name])
    mine = [bytes_of(limit) for group, limit in spec.groups.items() if group in groups]
    return max(mine, default=bytes_of(spec.default))


def limits(spec: QuotasSpec, groups: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the limits of every volume in bytes: of a folder that is not named, and of those that are.

    Parameters
    ----------
    groups
        The groups of every user that the hub knows.
    """
    result: dict[str, Any] = {}
    for volume, users in (("homes", spec.homes), ("scratch", spec.scratch)):
        if users is not None:
            named = {name: _of_user(name, groups.get(name, ()), users) for name in {*groups, *users.users}}
            default = bytes_of(users.default)
            others = {name: limit for name, limit in sorted(named.items()) if limit != default}
            result[volume] = {"default": default, "limits": others}
    if spec.projects is not None:
        spaces = {name: bytes_of(limit) for name, limit in sorted(spec.projects.spaces.items())}
        result["projects"] = {"default": bytes_of(spec.projects.default), "limits": spaces}
    return result


def amounts(spec: QuotasSpec) -> dict[Purpose, list[int]]:
    """Return, by volume, all limits in bytes that a folder may be held to."""
    given: dict[Purpose, list[str]] = {}
    by_user: tuple[tuple[Purpose, FolderQuotaSpec | None], ...]
    by_user = (("homes", spec.homes), ("scratch", spec.scratch))
    for volume, users in by_user:
        if users is not None:
            given[volume] = [users.default, *users.groups.values(), *users.users.values()]
    if spec.projects is not None:
        given["projects"] = [spec.projects.default, *spec.projects.spaces.values()]
    return {volume: sorted({bytes_of(each) for each in found}) for volume, found in given.items()}
