"""What is used on a site's volumes, and the limits that people are to be held to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from components.hub.manifests import token_secret
from components.objects import namespace_of, selector
from components.storage.limits import amounts, limits
from components.storage.spec import QuotasSpec
from components.storage.usage import USAGE
from infra.kube import Kube
from stacks.apply_errors import ApplyError
from stacks.journey.offer import Offer
from stacks.status import read_secret

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True, kw_only=True)
class Count:
    """The last count that was finished: when (seconds since 1970), and its folders as the counter says them."""

    at: int
    folders: Sequence[Mapping[str, Any]]


def groups_of_users(kube: Kube, site: str, record: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the groups of every user that the hub knows.

    Raises
    ------
    ApplyError
        The hub does not answer.
    """
    token = read_secret(kube, site, token_secret("status"))["token"]
    users: dict[str, list[str]] = {}
    try:
        with Offer.of(record).route.client(timeout=30) as client:
            while True:
                answer = client.get(
                    f"{record['url']}/hub/api/users?limit=200&offset={len(users)}",
                    headers={"Authorization": f"token {token}"},
                )
                answer.raise_for_status()
                page = answer.json()
                users |= {user["name"]: user["groups"] for user in page}
                if not page:
                    return users
    except (httpx.HTTPError, OSError) as error:
        raise ApplyError(f"the hub of {site} does not answer: {type(error).__name__}") from None


def site_limits(kube: Kube, site: str, record: Mapping[str, Any], spec: QuotasSpec) -> dict[str, Any]:
    """Return the limits of a site's volumes; the hub is asked only where groups have limits."""
    by_group = any(users and users.groups for users in (spec.homes, spec.scratch))
    return limits(spec, groups_of_users(kube, site, record) if by_group else {})


def last_count(log: str) -> Count | None:
    """Return the last count that a counter's log has whole, None where it has none."""
    found, folders = None, []
    for line in log.splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        if entry.get("counting") == "begins":
            folders = []
        elif entry.get("counting") == "ends":
            found = Count(at=entry["at"], folders=folders)
        elif "volume" in entry:
            folders.append(entry)
    return found


def counted(kube: Kube, site: str) -> Count:
    """Return what was last counted on a site.

    Raises
    ------
    ApplyError
        Nothing has been counted yet, or nothing ever is.
    """
    pods = kube.list("v1", "Pod", namespace_of(site), labels=selector(site, USAGE))
    counts = [last_count(kube.logs(pod["metadata"]["name"], namespace_of(site))) for pod in pods]
    newest = max((each for each in counts if each), key=lambda each: each.at, default=None)
    if newest is None:
        raise ApplyError(
            f"nothing has been counted on {site} yet: "
            + (
                "the first count is not finished"
                if pods
                else "set storage.usage in its site file, and bring it up"
            )
        )
    return newest


def shown(amount: int | None) -> str:
    """Return bytes for people: ``1.5 GiB``."""
    if amount is None:
        return "unknown"
    value, unit = float(amount), 0
    while value >= 1024 and unit < len(_UNITS) - 1:  # noqa: PLR2004 - bytes of a KiB
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if value >= 10 or not unit else f"{value:.1f} {_UNITS[unit]}"  # noqa: PLR2004


def unheld(count: Count, spec: QuotasSpec | None) -> list[Mapping[str, Any]]:
    """Return the folders that are to be held to a limit, and that the file system holds to none."""
    wanted = amounts(spec) if spec else {}
    return [each for each in count.folders if each["volume"] in wanted and each["limit"] is None]


def table(count: Count, spec: QuotasSpec | None) -> str:
    """Return a count for people, the largest first in each volume."""
    missing = unheld(count, spec)
    rows = [("", "used", "limit")]
    for each in sorted(count.folders, key=lambda each: (each["volume"], -(each["used"] or 0))):
        limit = "NOT HELD" if each in missing else "none" if each["limit"] is None else shown(each["limit"])
        used = shown(each["used"]) + ("" if each["complete"] else " or more")
        rows.append((f"{each['volume']}/{each['name']}", used, limit))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{name:<{widths[0]}}  {used:>{widths[1]}}  {limit:>{widths[2]}}" for name, used, limit in rows]
    if missing:
        lines.append(
            f"{len(missing)} folders are NOT HELD to their limit: docs/storage.md says how to hold them"
        )
    return "\n".join(lines)
