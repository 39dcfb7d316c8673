"""Lists the snapshots of every source, oldest first: ``backup_list.py``."""

import sys
from typing import Any

import backup_settings
from backup_report import BackupError, amount, run
from backup_restic import Restic
from backup_settings import Settings


def snapshots(restic: Restic) -> list[dict[str, Any]]:
    """Return the snapshots of a repository, oldest first; none where there is no repository."""
    if not restic.exists():
        return []
    found = restic.require("snapshots", "--no-lock").messages
    return sorted(found, key=lambda snapshot: snapshot["time"])


def line(source: str, snapshot: dict[str, Any]) -> str:
    """Return a snapshot for people: source, identifier, time (UTC), site, and what is in it."""
    summary = snapshot.get("summary", {})
    content = (
        f"{summary.get('total_files_processed', 0)} files, {amount(summary.get('total_bytes_processed', 0))}"
    )
    when = snapshot["time"][:19].replace("T", " ")
    return f"{source:<12} {snapshot['short_id']}  {when} UTC  {snapshot['hostname']:<16} {content}"


def show(settings: Settings) -> dict[str, Any]:
    """Print the snapshots of every source; return how many there are.

    Raises
    ------
    BackupError
        One of the repositories cannot be read.
    """
    counts = {}
    failures = []
    for name in settings.sources:
        try:
            found = snapshots(Restic(settings, name))
        except BackupError as error:
            failures.append(str(error))
            continue
        counts[name] = len(found)
        print("\n".join(line(name, each) for each in found) or f"{name:<12} no snapshot", flush=True)
    if failures:
        raise BackupError("; ".join(failures))
    return {"snapshots": counts}


def main() -> int:
    """Print the list; return the exit status."""
    return run(lambda: show(backup_settings.load()))


if __name__ == "__main__":
    sys.exit(main())
