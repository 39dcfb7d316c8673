"""``drift`` over several sites, with a stand-in for the Pulumi CLI."""

import json
from pathlib import Path

import pytest

from stacks.__main__ import main
from tests.support.pulumi_cli import PulumiCli, step

MOVED = step("update", "Deployment", "boreal-hub", diff=("spec.replicas",))
TABLE = "| site | | moved |\n|---|---|---|\n"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PulumiCli:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = PulumiCli(tmp_path)
    found.preview("boreal")
    found.preview("meridian")
    return found


def test_nothing_moved(cli: PulumiCli, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    report = tmp_path / "drift/report.md"
    assert main(["drift", "--into", str(report)]) == 0
    assert capsys.readouterr().out == (
        "2 sites, as the files say.\n\nboreal · as its file says\n\nmeridian · as its file says\n"
    )
    assert report.read_text() == ""
    assert len(cli.calls("preview")) == 2, "of local nobody has asked for it"


def test_what_moved_is_named_and_reported(
    cli: PulumiCli, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RUN_URL", "https://forge.example.org/runs/1")
    cli.preview("boreal", MOVED)
    report = tmp_path / "report.md"
    assert main(["drift", "--into", str(report)]) == 1
    assert capsys.readouterr().out == (
        "2 sites: not as its file says: boreal.\n\n"
        "boreal · moved\n  Deployment boreal-hub: changed\n      spec.replicas\n\n"
        "meridian · as its file says\n"
    )
    text = report.read_text()
    assert text.startswith("2 sites: not as its file says: boreal.\n")
    assert f"{TABLE}| boreal | 🟡 moved | 1 resource |\n" in text
    assert "Found by https://forge.example.org/runs/1." in text
    assert "```diff\nDeployment boreal-hub: changed\n    spec.replicas\n```" in text
    assert "meridian" not in text


def test_a_site_that_cannot_be_looked_at_keeps_no_other_from_it(
    cli: PulumiCli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    cli.preview("boreal", err="error: no credentials", code=255)
    cli.preview("meridian", MOVED)
    report = tmp_path / "report.md"
    assert main(["drift", "--into", str(report)]) == 2
    out = capsys.readouterr().out
    assert out.startswith("2 sites: not as its file says: meridian; could not be looked at: boreal.\n")
    assert "error: no credentials" in out
    assert (
        "| boreal | ⛔ could not be looked at | |\n| meridian | 🟡 moved | 1 resource |\n"
        in report.read_text()
    )


def test_programs_get_it_as_json(cli: PulumiCli, capsys: pytest.CaptureFixture[str]):
    cli.preview("boreal", MOVED)
    assert main(["drift", "boreal", "--json"]) == 1
    moved = [{"what": "Deployment boreal-hub", "how": "changed", "fields": ["spec.replicas"]}]
    assert json.loads(capsys.readouterr().out) == [{"site": "boreal", "moved": moved, "problem": None}]


def test_a_site_that_is_not_disposable_needs_pulumi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["drift", "boreal"]) == 2
    assert (
        "could not be looked at: site boreal is not disposable: it needs the Pulumi CLI"
        in capsys.readouterr().out
    )


def test_previews_of_all_sites_say_which_would_be_refused(cli: PulumiCli, capsys: pytest.CaptureFixture[str]):
    cli.preview("boreal", MOVED)
    assert main(["preview"]) == 0
    assert capsys.readouterr().out == "boreal: 1 update\nmeridian: no changes\n"
    cli.preview("meridian", err="[mandatory] no-root", code=255)
    assert main(["preview"]) == 1
    out = capsys.readouterr().out
    assert "meridian: refused\n" in out
    assert "[mandatory] no-root" in out
