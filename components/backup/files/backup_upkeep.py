"""Looks after the repositories: drops snapshots beyond the retention, frees their room, reads some data back."""

import sys
import time
from collections.abc import Mapping
from typing import Any

import backup_settings
from backup_report import BackupError, run, say
from backup_restic import Restic
from backup_settings import Settings


def look_after(settings: Settings, name: str) -> dict[str, Any]:
    """Forget, prune and check one repository.

    Raises
    ------
    BackupError
        It did not work, or the check found damage.
    """
    restic = Restic(settings, name)
    if not restic.exists():
        say(f"{name}: no backups yet")
        return {"kept": 0, "removed": 0}
    started = time.monotonic()
    rules = [f"--keep-{period}={count}" for period, count in settings.keep.items() if count]
    # One group: a restored site goes on with the snapshots of the one before.
    outcome = restic.patiently("forget", "--group-by", "", "--prune", *rules)
    if outcome.code != 0:
        raise restic.failure(outcome)
    groups = [message for message in outcome.messages if "keep" in message]
    kept = sum(len(group["keep"] or ()) for group in groups)
    removed = sum(len(group["remove"] or ()) for group in groups)
    say(f"{name}: {kept} snapshots kept, {removed} dropped")
    _check(restic, settings.check)
    say(f"{name}: sound, {settings.check} of the data read back; {time.monotonic() - started:.1f} s")
    return {"kept": kept, "removed": removed}


def _check(restic: Restic, subset: str) -> None:
    outcome = restic.patiently("check", f"--read-data-subset={subset}")
    if outcome.code != 0 and any(message.get("num_errors") for message in outcome.messages):
        raise BackupError(
            f"{restic.source}: the store's data is DAMAGED: keep what there is, and see docs/restore.md, "
            f"“A damaged store” ({restic.store})"
        )
    if outcome.code != 0:
        raise restic.failure(outcome)


def look_after_all(settings: Settings) -> Mapping[str, Any]:
    """Look after every repository, also after one has failed.

    Raises
    ------
    BackupError
        With all that went wrong.
    """
    results, failures = {}, []
    for name in settings.sources:
        try:
            results[name] = look_after(settings, name)
        except BackupError as error:
            say(str(error))
            failures.append(str(error))
    if failures:
        raise BackupError("; ".join(failures))
    return results


def main() -> int:
    """Look after every repository; return the exit status."""
    return run(lambda: look_after_all(backup_settings.load()))


if __name__ == "__main__":
    sys.exit(main())
