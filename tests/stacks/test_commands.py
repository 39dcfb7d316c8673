"""What the commands say of a site whose plan breaks a gate."""

import shutil
from pathlib import Path

import pytest

from stacks.__main__ import main
from stacks.diff.verdict import Verdict
from tests.support.plans import SITES, planned_file

VERDICT = Verdict("host-path", "Deployment/hub", "why")


@pytest.fixture(autouse=True)
def dead(monkeypatch: pytest.MonkeyPatch) -> list[Verdict]:
    """Find nothing, or what a test puts in here: looking takes a while, and is tested elsewhere."""
    found: list[Verdict] = []
    monkeypatch.setattr("stacks.gates.judge.dead_values", lambda *_: found)
    return found


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("stacks.commands", "stacks.gates.judge"):
        monkeypatch.setattr(f"{module}.standing", lambda *_: [VERDICT])


def test_check_says_nothing_more_of_sites_that_break_no_gate(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "local"]) == 0
    assert capsys.readouterr().out == "Pulumi.local.yaml: well formed\n"


@pytest.mark.usefixtures("broken")
def test_check_says_which_gate_a_site_breaks_and_fails(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "local"]) == 1
    assert capsys.readouterr().out == (
        "Pulumi.local.yaml: well formed\n    NO  host-path: Deployment/hub: why\n"
    )


def test_check_says_which_values_are_dead_and_fails(dead: list[Verdict], capsys: pytest.CaptureFixture[str]):
    dead.append(Verdict("dead-value", "hub.x", "why"))
    assert main(["check", "local"]) == 1
    assert capsys.readouterr().out == "Pulumi.local.yaml: well formed\n    NO  dead-value: hub.x: why\n"


def test_plan_prints_the_plan_alone(capsys: pytest.CaptureFixture[str]):
    assert main(["plan", "local"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("broken")
def test_plan_says_which_gate_it_breaks_beside_the_plan(capsys: pytest.CaptureFixture[str]):
    assert main(["plan", "local"]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("local\n├─")
    assert printed.err == "    NO  host-path: Deployment/hub: why\n"


def test_secrets_that_are_set_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    path = shutil.copy(SITES["boreal"], tmp_path / "Pulumi.boreal.yaml")
    title = planned_file(SITES["boreal"]).outputs["title"]
    monkeypatch.setenv("SCIENCE_PLATFORM_OIDC_CLIENT_SECRET", str(title))
    assert main(["check", str(path)]) == 1
    assert "holds one of the site's secrets" in capsys.readouterr().out


def two_sites(folder: Path, *, host: str) -> list[str]:
    """Return two files of sites on one cluster: of one node port or of one host."""
    text = SITES["local"].read_text()
    first, second = folder / "Pulumi.one.yaml", folder / "Pulumi.two.yaml"
    first.write_text(text.replace("local.localhost", "one.localhost"))
    second.write_text(text.replace("local.localhost", host))
    return [str(first), str(second)]


def test_check_says_what_two_sites_cannot_both_have_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", *two_sites(tmp_path, host="two.localhost")]) == 1
    out = capsys.readouterr().out
    assert "edge.nodePort: is the node port of Pulumi.one.yaml too, on the same cluster" in out
    assert "clash" not in out


def test_check_says_what_two_sites_cannot_both_have_by_what_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    # As for a port that no file names.
    monkeypatch.setattr("stacks.commands.clashes", lambda _: [])
    assert main(["check", *two_sites(tmp_path, host="two.localhost")]) == 1
    assert (
        "Pulumi.two.yaml: well formed\n    NO  clash: Service/edge: takes node port 30443, which site one has on the "
        "same cluster\n"
    ) in capsys.readouterr().out
