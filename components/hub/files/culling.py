"""The idle culler, as a service that the hub runs."""

import sys
from typing import Any

from server_environment import activity_interval
from site_document import Culling

SERVICE = "idle-culler"

START_LATER = """
import runpy, sys, time
time.sleep(float(sys.argv.pop(1)))
runpy.run_module("jupyterhub_idle_culler", run_name="__main__", alter_sys=True)
"""
"""Starts the culler after so many seconds; unlike a shell, it ends at once when the hub does."""

ROLE: dict[str, Any] = {
    "name": SERVICE,
    "services": [SERVICE],
    # What its documentation asks for to stop servers and leave users.
    "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
}


def culler_service(culling: Culling, api_url: str) -> dict[str, Any]:
    """Return the service that stops idle servers, and those beyond the maximum age.

    While the hub is down nobody can report activity, so the culler waits until every server had time to.

    Parameters
    ----------
    api_url
        The hub's API as its own pod reaches it.
    """
    command = [
        sys.executable,
        "-c",
        START_LATER,
        str(2 * activity_interval(culling.idle)),
        f"--timeout={culling.idle}",
        f"--cull-every={culling.every}",
        f"--url={api_url}",
    ]
    if culling.maximum_age is not None:
        command.append(f"--max-age={culling.maximum_age}")
    return {"name": SERVICE, "command": command, "display": False}
