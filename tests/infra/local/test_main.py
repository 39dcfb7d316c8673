"""The command line where there is no cluster."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.local.__main__ import main
from infra.local.components import forward_component
from infra.local.layout import Layout, Link
from infra.local.namespaces import Process, Record


@pytest.fixture(autouse=True)
def no_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_where_there_is_no_cluster_status_says_how_to_get_one(capsys: pytest.CaptureFixture[str]):
    assert main(["status"]) == 1
    assert capsys.readouterr().out == "no local cluster: python -m infra.local up\n"


def test_an_absent_cluster_is_said_to_be_absent(capsys: pytest.CaptureFixture[str]):
    assert main(["status", "--name", "one"]) == 1
    assert capsys.readouterr().out == "one: absent\n"


def test_a_cluster_whose_process_is_gone_is_said_to_be_stopped(capsys: pytest.CaptureFixture[str]):
    layout = Layout("one")
    layout.root.mkdir(parents=True)
    Record(0, Process(os.getpid(), 1, "an earlier boot")).write(layout.record)
    assert main(["status"]) == 1
    assert capsys.readouterr().out == "one: stopped\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["kubeconfig"], "there is no cluster science: python -m infra.local up --name science"),
        (["load", "x=/nonexistent"], "'x=/nonexistent' is not REFERENCE=TAR with an existing file"),
        (["forward", "8443"], "cluster science is not running: python -m infra.local up --name science"),
        (["exec", "--", "id"], "cluster science is not running: python -m infra.local up --name science"),
        (
            ["up", "--name", "A b"],
            (
                "'A b' cannot name a cluster: use 1 to 30 of a-z, 0-9 and -, starting with a letter, "
                "not ending with -."
            ),
        ),
    ],
)
def test_errors_are_one_message_with_what_to_do(
    arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 1
    assert capsys.readouterr().err == f"error: {error}\n"


def test_removing_a_cluster_that_is_not_there_is_no_error(capsys: pytest.CaptureFixture[str]):
    assert main(["down", "--name", "one"]) == 0
    assert capsys.readouterr().err == "cluster one is not there\n"


def test_the_kubeconfigs_path_is_printed(capsys: pytest.CaptureFixture[str]):
    layout = Layout("one")
    layout.root.mkdir(parents=True)
    Record(Link(0).number).write(layout.record)
    layout.kubeconfig.touch()
    assert main(["kubeconfig", "--name", "one"]) == 0
    assert capsys.readouterr().out == f"{layout.kubeconfig}\n"


def test_a_port_that_leads_to_another_cluster_is_refused_with_its_name(capsys: pytest.CaptureFixture[str]):
    with subprocess.Popen(["sleep", "60"]) as stand_in:
        for name, port in (("one", 8443), ("other", 8444)):
            layout = Layout(name)
            layout.components.mkdir(parents=True)
            Record(0, Process.of(stand_in.pid)).write(layout.record)
            forward_component(Link(0), port).write(layout.components)
        status = main(["forward", "8444", "--name", "one"])
        stand_in.kill()
    assert (status, capsys.readouterr().err) == (
        1,
        (
            "error: 127.0.0.1:8444 already leads to cluster other. Give this site another port, or remove that "
            "cluster: python -m infra.local down --name other\n"
        ),
    )
