"""The idle culler, as the hub starts it."""

import signal
import subprocess
import sys
import time

from jupyterhub.scopes import scope_definitions
from jupyterhub_idle_culler import IdleCuller

from culling import ROLE, START_LATER, culler_service
from site_document import Culling

API = "http://127.0.0.1:8081/hub/api"
COMMON = [
    sys.executable,
    "-c",
    START_LATER,
    "300",
    "--timeout=600",
    "--cull-every=60",
    f"--url={API}",
]


def test_the_service_without_a_maximum_age():
    assert culler_service(Culling(idle=600, maximum_age=None, every=60), API) == {
        "name": "idle-culler",
        "command": COMMON,
        "display": False,
    }


def test_the_service_with_a_maximum_age():
    service = culler_service(Culling(idle=600, maximum_age=86400, every=60), API)
    assert service["command"] == [*COMMON, "--max-age=86400"]


def test_the_culler_starts_after_its_pause():
    command = [*COMMON[:3], "0.1", "--help"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "--timeout=" in text


def test_the_culler_ends_at_once_while_it_pauses():
    process = subprocess.Popen([*COMMON[:3], "60"], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) != 0


def test_the_culler_understands_its_command_and_leaves_users():
    service = culler_service(Culling(idle=600, maximum_age=86400, every=60), API)
    culler = IdleCuller()
    culler.parse_command_line(service["command"][4:])
    assert {
        "timeout": culler.timeout,
        "every": culler.cull_every,
        "age": culler.max_age,
        "url": culler.url,
        "users": culler.cull_users,
        "named": culler.cull_named_servers,
    } == {"timeout": 600, "every": 60, "age": 86400, "url": API, "users": False, "named": True}


def test_its_scopes_stop_servers_and_nothing_else():
    assert set(ROLE["scopes"]) <= set(scope_definitions)
    assert ROLE == {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
