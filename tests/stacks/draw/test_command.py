"""``python -m stacks draw``: to standard output or a file, of one site, of two, of a site and its base."""

import subprocess
from pathlib import Path

import pytest

from infra.paths import ROOT
from stacks.__main__ import main
from stacks.draw.command import comparison, drawing
from tests.support.plans import SITES, planned_file


def test_a_site_is_printed(capsys: pytest.CaptureFixture[str]):
    assert main(["draw", "local"]) == 0
    assert capsys.readouterr().out == drawing(planned_file(SITES["local"]))


def test_a_site_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "site.svg"
    assert main(["draw", str(SITES["local"]), "--output", str(path)]) == 0
    assert path.read_text() == drawing(planned_file(SITES["local"]))
    assert capsys.readouterr().out == ""


def test_two_sites_are_compared(capsys: pytest.CaptureFixture[str]):
    assert main(["draw", "meridian", "boreal"]) == 0
    assert capsys.readouterr().out == comparison(
        planned_file(SITES["meridian"]), planned_file(SITES["boreal"])
    )


def test_a_site_is_compared_with_what_it_was(capsys: pytest.CaptureFixture[str]):
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("the checkout has no commit to compare with")
    assert main(["draw", "local", "--base", "HEAD"]) == 0
    assert 'class="pods added"' in capsys.readouterr().out


def test_a_base_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main(["draw", "local", "--base", "no-such-commit"]) == 2
    assert "git knows no 'no-such-commit' here" in capsys.readouterr().err


def test_a_site_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main(["draw", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err
