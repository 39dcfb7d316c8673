"""Taking the time."""

import time
from collections.abc import Callable


def seconds(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes."""
    started = time.monotonic()
    action()
    return time.monotonic() - started
