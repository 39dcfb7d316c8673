"""Processes that are told from others with their number, and the record of a cluster."""

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from infra.local.namespaces import Process, Record, enter


def test_a_process_is_itself_until_it_ends():
    with subprocess.Popen(["sleep", "60"]) as child:
        process = Process.of(child.pid)
        assert process
        assert process.alive()
        child.kill()
        deadline = time.monotonic() + 5
        # It is a zombie until it is waited for: its number is taken, but it runs no more.
        while process.alive():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert Path(f"/proc/{child.pid}").exists()


def test_a_number_given_to_another_process_or_in_another_boot_is_not_the_same_process():
    me = Process.of(os.getpid())
    assert me
    assert me.alive()
    assert not replace(me, started=me.started - 1).alive()
    assert not replace(me, boot="another").alive()


def test_a_command_name_with_brackets_and_spaces_does_not_confuse(tmp_path: Path):
    odd = tmp_path / "a ) Z 1"
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([str(odd), "60"]) as child:
        process = Process.of(child.pid)
        assert process
        assert process.alive()
        child.kill()


def test_a_record_survives_its_file(tmp_path: Path):
    record = Record(3, Process(12, 345, "boot"), since=6.5, settings="abc")
    path = tmp_path / "cluster.json"
    record.write(path)
    assert Record.read(path) == record
    Record(4).write(path)
    assert Record.read(path) == Record(4)
    assert [file.name for file in tmp_path.iterdir()] == ["cluster.json"]


def test_a_cluster_that_never_was_has_no_record(tmp_path: Path):
    assert Record.read(tmp_path / "cluster.json") is None


def test_entering_names_the_namespaces():
    assert enter(7, "net", "mount") == ["nsenter", "--target", "7", "--net", "--mount", "--"]
