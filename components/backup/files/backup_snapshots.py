"""Which snapshot is restored."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from backup_list import snapshots
from backup_report import BackupError
from backup_restic import Restic


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One snapshot; times as restic has them (RFC 3339)."""

    identifier: str
    time: str

    @property
    def words(self) -> str:
        """For people: ``c18645d9 of 2026-03-01 02:00:07 UTC``."""
        return f"{self.identifier[:8]} of {self.time[:19].replace('T', ' ')} UTC"

    @property
    def stamp(self) -> str:
        """For names of files: ``20260301-0200``."""
        return self.time[:16].replace("-", "").replace(":", "").replace("T", "-")

    @staticmethod
    def nanoseconds(time: str) -> int:
        """Return a time of restic's, which has up to nine decimals, in nanoseconds since 1970."""
        match = re.fullmatch(r"(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", time)
        if match is None:
            raise ValueError(time)
        whole = datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00"))
        return int(whole.timestamp()) * 10**9 + int((match[2] or "").ljust(9, "0")[:9])


def pick(restic: Restic, name: str, before: str) -> Snapshot:
    """Return the snapshot of a name, or the newest; with ``before`` (ISO 8601, else UTC), the newest until then.

    Raises
    ------
    BackupError
        There is none.
    """
    found = [Snapshot(identifier=each["id"], time=each["time"]) for each in snapshots(restic)]
    if before:
        limit = _moment(before)
        found = [each for each in found if Snapshot.nanoseconds(each.time) <= limit]
    if name != "latest":
        found = [each for each in found if each.identifier.startswith(name)]
    if not found or (name != "latest" and len(found) > 1):
        asked = "" if name == "latest" else f" {name}"
        until = f" until {before}" if before else ""
        raise BackupError(
            f"{restic.source} has {'several snapshots' if found else 'no snapshot'}{asked}{until}: python -m stacks "
            "backup SITE --list"
        )
    return found[-1]


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BackupError(f"{text!r} is not a time such as 2026-03-01 or 2026-03-01T02:00") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 10**9)
