"""What a pod of the backup says: lines for people, and at the end one document for programs.

The document goes to the container's termination message, where ``kubectl`` and ``stacks status`` find it. Neither
holds the name of any file but those that the operator asked for: logs travel further than homes.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

TERMINATION = "BACKUP_TERMINATION_LOG"
"""Variable that names another file than Kubernetes' own."""

_LONGEST = 4000
"""Bytes of a termination message that Kubernetes keeps are 4096."""

_LONGEST_ERROR = 1000
"""Characters, each of up to four bytes."""


class BackupError(Exception):
    """It did not work; the text tells an operator why and what to do."""


def say(text: str) -> None:
    """Print a line with the time (UTC)."""
    print(f"{time.strftime('%H:%M:%S', time.gmtime())}  {text}", flush=True)


def amount(size: float) -> str:
    """Return bytes for people: ``1.2 GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or unit == "TiB":  # noqa: PLR2004 - the step between the units
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError


def finish(document: Mapping[str, Any]) -> None:
    """Leave the document where Kubernetes keeps it."""
    path = Path(os.environ.get(TERMINATION, "/dev/termination-log"))
    text = json.dumps(document, ensure_ascii=False)
    if len(text.encode()) > _LONGEST:
        raise ValueError(f"{len(text)} characters do not fit into a termination message")
    path.write_text(text)


def run(action: Callable[[], Mapping[str, Any]]) -> int:
    """Do it, report how it went, and return the exit status."""
    try:
        result = action()
    except BackupError as error:
        print(f"FAILED: {error}", file=sys.stderr, flush=True)
        finish({"error": str(error)[:_LONGEST_ERROR]})
        return 1
    finish(result)
    return 0
