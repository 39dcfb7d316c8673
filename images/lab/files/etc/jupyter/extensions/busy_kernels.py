"""A server whose kernel computes is in use, even if the computation says nothing for hours.

Jupyter Server counts what kernels say as activity, not that they work: without this, a long silent computation is
taken for idleness and the server is stopped under it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tornado.ioloop import PeriodicCallback

EVERY_MS = 5_000
SETTING = "busy_kernel_last_activity"
"""Jupyter Server takes every setting whose name ends like this for the time of some activity."""


def works(states: Iterable[str | None]) -> bool:
    """Return whether one of the kernels, by their execution states, is computing."""
    return any(state == "busy" for state in states)


def _load_jupyter_server_extension(serverapp: Any) -> None:  # noqa: ANN401 - the server is not installed here
    settings, kernels = serverapp.web_app.settings, serverapp.kernel_manager

    def look() -> None:
        states = (kernels.get_kernel(each).execution_state for each in kernels.list_kernel_ids())
        if works(states):
            settings[SETTING] = datetime.now(UTC)

    PeriodicCallback(look, EVERY_MS).start()


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "busy_kernels"}]
