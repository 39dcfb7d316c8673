"""Running restic: its messages read, its failures put into an operator's words, its locks waited for."""

import json
import os
import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from backup_report import BackupError, say
from backup_settings import Settings

INCOMPLETE = 3
NO_REPOSITORY = 10
LOCKED = 11
WRONG_PASSWORD = 12
"""Exit codes of restic (https://restic.readthedocs.io/en/stable/075_scripting.html)."""

OPENING_SECONDS = 90
"""How long a store may take to answer at first: restic itself would try for a quarter of an hour."""

LOCK_SECONDS = 40 * 60
"""How long a lock is waited for: one that a killed run left is stale after half an hour, and then removed."""

LOCK_PAUSE = 60

FULL = (
    "no space left|quota exceeded|quotaexceeded|storage ?full|insufficient ?storage|entitytoolarge|\\b507\\b"
)
_EXPLANATIONS = {
    FULL: "the store is full: give it more room, or keep fewer snapshots (backup.retention) and run the upkeep",
    "bucket does not exist|nosuchbucket": "the bucket does not exist: create it, or mend backup.to.bucket",
    "invalidaccesskeyid|signaturedoesnotmatch|access key id you provided does not exist": (
        "the store refuses the credentials: set the secrets backupAccessKey and backupSecretKey anew"
    ),
    "access ?denied|forbidden|\\b403\\b": (
        "the store refuses access: may this key list, read, write and delete below the bucket's prefix?"
    ),
    "no such host|server misbehaving": "the name in backup.to.endpoint is not known to the cluster's DNS",
    "x509|certificate": (
        "the store's certificate is not trusted: mend backup.to.endpoint, or set backup.to.caCertificate"
    ),
    "refused|timeout|timed out|no route|unreachable|deadline": (
        "the store does not answer: are backup.to.endpoint right, and backup.to.cidr the network that it is in?"
    ),
    "read-only file system|permission denied": "the store's volume may not be written by user 1000",
}
"""What restic and its stores say, as patterns, and what that means."""


@dataclass
class Outcome:
    """How a run of restic ended.

    Attributes
    ----------
    code
        Exit code; None where it was ended because it took too long.
    text
        The last lines that were not messages, and the fatal message.
    messages
        The messages that were not handed on.
    """

    code: int | None
    text: str
    messages: list[dict[str, Any]] = field(default_factory=list)


class Restic:
    """Runs restic on one source's repository.

    Parameters
    ----------
    settings
        The site's.
    source
        Name of the source.
    environment
        Has the password and the store's credentials.
    """

    def __init__(self, settings: Settings, source: str, environment: Mapping[str, str] = os.environ) -> None:
        self.source = source
        self.store = settings.repository(source)
        self.environment = {**environment, "RESTIC_PROGRESS_FPS": "0.2"}
        self._options = ["--json", "--repo", self.store]
        if settings.ca_certificate:
            self._options += ["--cacert", settings.ca_certificate]

    def command(self, *arguments: str) -> list[str]:
        """Return the command line."""
        return ["restic", *self._options, *arguments]

    def call(
        self,
        *arguments: str,
        on_message: Callable[[Mapping[str, Any]], None] | None = None,
        timeout: float | None = None,
        folder: str = "/",
    ) -> Outcome:
        """Run it; messages are collected unless ``on_message`` takes them."""
        texts: deque[str] = deque(maxlen=20)
        outcome = Outcome(None, "")
        with ended_with_us(
            subprocess.Popen(
                self.command(*arguments),
                env=self.environment,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ),
            timeout,
        ) as process:
            for message in _messages(process, texts):
                if message.get("message_type") == "exit_error":
                    texts.append(message["message"])
                elif on_message:
                    on_message(message)
                else:
                    outcome.messages.append(message)
        # Ended by our own timer, it has no exit code of its own.
        outcome.code = None if process.returncode < 0 and timeout else process.returncode
        outcome.text = "\n".join(texts)
        return outcome

    def require(self, *arguments: str, **options: Any) -> Outcome:  # noqa: ANN401 - those of `call`
        """Run it; raise `BackupError` unless it succeeds."""
        outcome = self.call(*arguments, **options)
        if outcome.code != 0:
            raise self.failure(outcome)
        return outcome

    def patiently(self, *arguments: str, **options: Any) -> Outcome:  # noqa: ANN401 - those of `call`
        """Run it, waiting for the locks of others; a stale one is removed."""
        end = time.monotonic() + LOCK_SECONDS
        while True:
            outcome = self.call(*arguments, **options)
            if outcome.code != LOCKED or time.monotonic() > end:
                return outcome
            say(
                f"{self.source}: locked by another run, or by one that was killed up to 30 minutes ago; waiting"
            )
            time.sleep(LOCK_PAUSE)
            self.require("unlock")

    def exists(self) -> bool:
        """Return whether there is a repository that the password opens; raise `BackupError` on any other answer."""
        outcome = self.call("cat", "config", "--no-lock", timeout=OPENING_SECONDS)
        if outcome.code == NO_REPOSITORY and not _says(outcome.text, "bucket does not exist|nosuchbucket"):
            return False
        if outcome.code != 0:
            raise self.failure(outcome)
        return True

    def require_repository(self) -> None:
        """Raise `BackupError` where there are no backups of the source."""
        if not self.exists():
            raise BackupError(f"there are no backups of {self.source} at {self.store}")

    def failure(self, outcome: Outcome) -> BackupError:
        """Return the error of a run that did not end well."""
        return BackupError(f"{self.source}: {explanation(outcome, self.store)}")


def explanation(outcome: Outcome, store: str) -> str:
    """Return why restic did not succeed, and what to do."""
    if outcome.code == WRONG_PASSWORD:
        return f"the secret backupPassword is not the one that the backups at {store} were made with"
    if outcome.code == LOCKED:
        return "the repository is still locked by another run: see `stacks status`, and run it again"
    if outcome.code == NO_REPOSITORY and not _says(outcome.text, "bucket"):
        return f"there are no backups at {store}"
    for pattern, meaning in _EXPLANATIONS.items():
        if _says(outcome.text, pattern):
            return f"{meaning} ({store})"
    # The last line only, and cut: what restic says may hold a path.
    last = next((line for line in reversed(outcome.text.splitlines()) if line.strip()), "it said nothing")
    return f"restic ended with {outcome.code}: {last.strip()[:300]} ({store})"


def _says(text: str, pattern: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _messages(process: subprocess.Popen[str], texts: deque[str]) -> Iterator[dict[str, Any]]:
    """Yield restic's messages as they come; other lines are added to ``texts``."""
    assert process.stdout is not None  # noqa: S101 - tells the type checker
    for line in process.stdout:
        message: Any = None
        with suppress(json.JSONDecodeError):
            message = json.loads(line)
        if isinstance(message, dict):
            yield message
        elif isinstance(message, list):
            yield from message
        elif line.strip():
            texts.append(line.strip())


@contextmanager
def ended_with_us(
    process: subprocess.Popen[Any], timeout: float | None = None
) -> Iterator[subprocess.Popen[Any]]:
    """End a process when this one is told to end, so that restic removes its lock, or after a time."""

    def end(*_: int | FrameType | None) -> None:
        process.terminate()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    if timeout is not None:
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        with process:
            yield process
    finally:
        if timeout is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
