"""The supervisor with real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.supervisor import Component, accepts, next_delay, trim
from infra.paths import ROOT

RUN = """\
import sys
from pathlib import Path
from infra.local.supervisor import Supervisor
Supervisor(Path(sys.argv[1]), Path(sys.argv[2]), {"PATH": "/usr/bin:/bin"}, ("/usr/bin/env", "HOST=yes")).run()
"""


class Node:
    """A supervisor in a process of its own, with its folders."""

    def __init__(self, folder: Path) -> None:
        self.components, self.logs = folder / "components", folder / "logs"
        self.components.mkdir()
        self.logs.mkdir()
        self.own_log = folder / "own.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *components: Component) -> None:
        for component in components:
            component.write(self.components)
        with self.own_log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, str(self.components), str(self.logs)], cwd=ROOT, stdout=log
            )

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)

    def pids(self, name: str) -> list[int]:
        """Return the numbers that ``name`` has written into its log, one for each start."""
        log = self.logs / f"{name}.log"
        return [int(line) for line in log.read_text().split()] if log.exists() else []


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path)
    yield node
    node.stop()


def lasting(name: str, **more: object) -> Component:
    """Return a component that writes its number and stays."""
    return Component(name, ("/bin/sh", "-c", "echo $$; exec sleep 60"), **more)  # type: ignore[arg-type] - after, host_network


def eventually(condition: Callable[[], object], within: float = 10) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_component_is_started_again_and_the_others_are_left_alone(node: Node):
    node.start(lasting("one"), lasting("two"))
    eventually(lambda: node.pids("one") and node.pids("two"))
    os.kill(node.pids("one")[0], signal.SIGKILL)
    eventually(lambda: len(node.pids("one")) == 2, within=2)
    first, second = node.pids("one")
    assert not alive(first)
    assert alive(second)
    assert len(node.pids("two")) == 1
    assert "one ended with signal 9" in node.own_log.read_text()


def test_a_component_that_ends_at_once_is_started_ever_more_slowly(node: Node):
    node.start(Component("short", ("/bin/sh", "-c", "echo $$; exit 3")))
    eventually(lambda: "starting it again in 0.8 s" in node.own_log.read_text())
    waits = [line.split()[-2] for line in node.own_log.read_text().splitlines() if "exit status 3" in line]
    assert waits[:4] == ["0.1", "0.2", "0.4", "0.8"]


def test_a_program_that_is_not_there_is_tried_again_and_stops_nobody_else(node: Node, tmp_path: Path):
    missing = tmp_path / "late"
    node.start(Component("late", (str(missing),)), lasting("one"))
    eventually(lambda: node.pids("one") and "late does not start" in node.own_log.read_text())
    staging = tmp_path / "staging"
    staging.write_text("#!/bin/sh\necho $$; exec sleep 60\n")
    staging.chmod(0o755)
    staging.rename(missing)
    eventually(lambda: node.pids("late"))


def test_a_component_waits_for_the_sockets_it_needs(node: Node, tmp_path: Path):
    place = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as unix, socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        port = tcp.getsockname()[1]
        node.start(lasting("first"), lasting("after", after=(f"127.0.0.1:{port}", place)))
        eventually(lambda: node.pids("first"))
        tcp.listen()
        time.sleep(0.3)
        assert not node.pids("after")
        unix.bind(place)
        unix.listen()
        eventually(lambda: node.pids("after"))


def test_components_are_added_changed_and_removed_while_it_runs(node: Node):
    node.start(lasting("kept"), lasting("changed"), lasting("removed"))
    eventually(lambda: all(node.pids(name) for name in ("kept", "changed", "removed")))
    (node.components / "removed.json").unlink()
    Component("changed", ("/bin/sh", "-c", "echo $$; exec sleep 61")).write(node.components)
    lasting("added").write(node.components)
    node.signal(signal.SIGHUP)
    eventually(lambda: node.pids("added") and len(node.pids("changed")) == 2)
    eventually(lambda: not alive(node.pids("removed")[0]) and not alive(node.pids("changed")[0]))
    assert len(node.pids("kept")) == 1
    assert alive(node.pids("kept")[0])


def test_what_asks_for_the_hosts_network_is_run_through_the_command_that_enters_it(node: Node):
    node.start(
        Component("inside", ("/bin/sh", "-c", "echo 1${HOST:-no}; exec sleep 60")),
        Component("outside", ("/bin/sh", "-c", "echo 2$HOST; exec sleep 60"), host_network=True),
    )
    logs = [node.logs / "inside.log", node.logs / "outside.log"]
    eventually(lambda: all(log.exists() and log.read_text() for log in logs))
    assert [log.read_text() for log in logs] == ["1no\n", "2yes\n"]


def test_it_ends_what_it_started_when_it_is_asked_to_end(node: Node):
    node.start(lasting("one"), lasting("two"))
    eventually(lambda: node.pids("one") and node.pids("two"))
    node.stop()
    eventually(lambda: not any(alive(pid) for pid in node.pids("one") + node.pids("two")))


@pytest.mark.parametrize(
    ("delay", "lived", "expected"),
    [(0, 0.0, 0.1), (0.1, 0.0, 0.2), (4.0, 1.0, 5.0), (5.0, 9.9, 5.0), (5.0, 10.0, 0.1)],
)
def test_waits_double_to_a_limit_and_start_over_after_a_good_run(delay: float, lived: float, expected: float):
    assert next_delay(delay, lived) == expected


def test_a_component_survives_its_file(tmp_path: Path):
    component = Component("x", ("/bin/x", "--a=b"), ("127.0.0.1:1", "/run/x"), host_network=True)
    component.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    assert json.loads((tmp_path / "x.json").read_text()) == {
        "name": "x",
        "argv": ["/bin/x", "--a=b"],
        "after": ["127.0.0.1:1", "/run/x"],
        "host_network": True,
    }
    assert Component.read(tmp_path / "x.json") == component


def test_a_trimmed_log_keeps_its_end_and_takes_what_is_appended(tmp_path: Path):
    log = tmp_path / "x.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old" * 100 + b"newest")
        trim(log, 6)
        writer.write(b" and more")
    assert log.read_bytes() == b"newest and more"


def test_a_socket_that_nobody_listens_on_does_not_accept(tmp_path: Path):
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{tcp.getsockname()[1]}"
        assert not accepts(place)
        tcp.listen()
        assert accepts(place)
    assert not accepts(str(tmp_path / "none"))
