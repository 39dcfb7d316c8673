"""``rollout`` brings each site up by a process of its own."""

import sys
from pathlib import Path

import pytest

from stacks.__main__ import main
from stacks.rollout import command
from stacks.rollout.command import turns_of
from stacks.sites import SiteFile, read

UP = "import sys; print('applying', sys.argv[1]); print('warning', file=sys.stderr)"
FAILS = "import sys; print('error: quota'); sys.exit(2)"


def by(script: dict[str, str]) -> command.Command:
    return lambda file: [sys.executable, "-c", script.get(file.name, UP), file.name]


def files() -> list[SiteFile]:
    return [read("boreal"), read("meridian")]


def test_output_comes_with_the_sites_name_and_then_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    assert command.run(files(), turns=turns_of("1-"), at_once=1, summary=summary, by=by({})) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["wave 1: meridian", "wave 2: boreal"]
    assert sorted(lines[2:4]) == ["meridian | applying meridian", "meridian | warning"]
    assert lines[4] == "meridian: up"
    assert lines[-2:] == ["boreal: up", "Rolled out: 2 up"]
    assert summary.read_text().startswith("before\n### Rolled out: 2 up\n")


def test_the_first_failure_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    summary = tmp_path / "summary.md"
    turns = turns_of("1-")
    assert command.run(files(), turns=turns, at_once=3, summary=summary, by=by({"meridian": FAILS})) == 1
    out = capsys.readouterr().out
    assert "boreal |" not in out
    assert out.endswith("meridian: failed\nboreal: not begun\nRolled out: 1 failed, 1 not begun\n")
    assert "error: quota" in summary.read_text()


def test_only_the_waves_that_are_asked_for(capsys: pytest.CaptureFixture[str]):
    assert (
        command.run(files(), turns=turns_of("2-"), at_once=1, summary=None, by=by({"meridian": FAILS})) == 0
    )
    assert capsys.readouterr().out.startswith("wave 2: boreal\nboreal | ")


def test_a_long_output_is_kept_to_its_last_lines(capsys: pytest.CaptureFixture[str]):
    many = "for number in range(1000): print(number)"
    outcome = command.brought_up(read("boreal"), [sys.executable, "-c", many], sys.stdout)
    assert outcome.said == tuple(str(number) for number in range(970, 1000))
    assert capsys.readouterr().out.count("\n") == 1000


def test_sites_are_brought_up_by_the_up_command():
    assert command.up_command(read("boreal")) == [sys.executable, "-m", "stacks", "up", "boreal"]


def test_those_that_nobody_has_to_ask_for_are_the_default(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def run(files: list[SiteFile], **_: object) -> int:
        asked.extend(file.name for file in files)
        return 0

    monkeypatch.setattr(command, "run", run)
    assert main(["rollout"]) == 0
    assert main(["rollout", "local"]) == 0
    assert asked == ["boreal", "meridian", "local"]


@pytest.mark.parametrize(
    ("text", "turns"), [("1", [1]), ("2-", [2, 3, 4, 5, 6, 7, 8, 9]), ("1-3", [1, 2, 3])]
)
def test_waves_as_they_are_asked_for(text: str, turns: list[int]):
    assert list(turns_of(text)) == turns


@pytest.mark.parametrize("text", ["", "0-", "3-1", "x", "-", "1-2-3"])
def test_what_names_no_waves_is_refused(text: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["rollout", "--waves", text])
    assert "--waves" in capsys.readouterr().err
