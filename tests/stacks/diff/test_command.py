"""The command itself: what it asks for, what it says and how it ends."""

import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.paths import ROOT
from stacks.__main__ import main
from stacks.diff import command
from stacks.diff.base import Sides
from stacks.diff.side import Side
from stacks.diff.verdict import Case, Verdict
from stacks.plan import Plan
from stacks.sites import UnknownSiteError
from tests.support.diff import claim, of, workload
from tests.support.plans import SITES

BASE = "0123456789abcdef"


def plan(site: str, image: str = "example.org/hub:1") -> Plan:
    return replace(of(workload(image=image)), stack=site)


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Answer with nothing; keep what was asked for."""
    found: list[object] = []

    def both_sides(sites: list[str], *, base: str | None, progress: object) -> Sides:
        found.extend([sites, base, type(progress).__name__])
        return Sides(BASE, Side(), Side())

    monkeypatch.setattr(command, "both_sides", both_sides)
    return found


def compared(
    monkeypatch: pytest.MonkeyPatch,
    before: Side,
    after: Side,
    *,
    error: str | None = None,
    judge: command.Judge | None = None,
) -> int:
    monkeypatch.setattr(command, "both_sides", lambda *_, **__: Sides(BASE, before, after, error))
    return command.run([], base=None, form="terminal", judge=judge)


def test_sites_are_asked_for_by_their_files_in_the_checkout(asked: list[object]):
    with pytest.raises(UnknownSiteError, match="no site boreal, far, local at either side"):
        command.run(
            ["boreal", str(SITES["local"]), "/elsewhere/Pulumi.far.yaml"], base="HEAD~1", form="terminal"
        )
    assert asked == [
        ["stacks/Pulumi.boreal.yaml", "stacks/Pulumi.local.yaml", "/elsewhere/Pulumi.far.yaml"],
        "HEAD~1",
        "Progress",
    ]


def test_a_file_below_the_checkout_is_named_from_there(asked: list[object], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT / "stacks")
    with pytest.raises(UnknownSiteError):
        command.run(["../tests/x/Pulumi.x.yaml"], base=None, form="terminal")
    assert asked[0] == ["tests/x/Pulumi.x.yaml"]


def test_nothing_changes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    side = Side({"a": plan("a"), "b": plan("b")})
    assert compared(monkeypatch, side, side) == 0
    assert (
        capsys.readouterr().out
        == "Compared with 0123456789ab: No changes: 2 sites.\n\n2 sites: a, b · no changes\n"
    )


def test_something_changes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    before, after = Side({"a": plan("a")}), Side({"a": plan("a", "example.org/hub:2")})
    assert compared(monkeypatch, before, after) == 1
    assert "~ image example.org/hub: 1 → 2 — rolls pods" in capsys.readouterr().out


def test_sites_on_one_side_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    assert compared(monkeypatch, Side({"old": plan("old")}), Side({"new": plan("new")})) == 1
    out = capsys.readouterr().out
    assert "new · new (2 resources)" in out
    assert "old · removed (2 resources)" in out


@pytest.mark.parametrize(
    ("before", "after", "error", "told"),
    [
        (Side(), Side(errors={"a": "SiteError: why"}), None, "it cannot be planned: SiteError: why"),
        (
            Side(errors={"a": "SiteError: why"}),
            Side({"a": plan("a")}),
            None,
            "the base, 0123456789ab, cannot be planned: SiteError: why",
        ),
        (Side(), Side({"a": plan("a")}), "too old", "the base, 0123456789ab, cannot be planned: too old"),
    ],
    ids=["the site is wrong", "it was wrong", "no base"],
)
def test_what_cannot_be_compared_is_told_and_blocks(
    before: Side, after: Side, error: str | None, told: str, monkeypatch: pytest.MonkeyPatch
):
    printed: list[str] = []
    monkeypatch.setattr("builtins.print", lambda text, **_: printed.append(text))
    assert compared(monkeypatch, before, after, error=error) == 2
    assert f"a · cannot be compared\n  {told}\n" in printed[0]


def test_gates_judge_what_changes_and_block(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    judged: list[tuple[object, ...]] = []

    def judge(case: Case) -> list[Verdict]:
        others = [each.name for each in case.others]
        judged.append((case.changes.site, case.after.stack, case.file.site.title, case.before, others))
        return [Verdict("data-loss", "PersistentVolumeClaim homes", "why")]

    before = Side(
        {"local": replace(of(claim()), stack="local"), "gone": plan("gone")},
        sites={"local": {"title": "Old"}},
    )
    after = Side(
        {"local": replace(of(claim(storage_class="slow")), stack="local"), "meridian": plan("meridian")}
    )
    assert compared(monkeypatch, before, after, judge=judge) == 2
    assert judged == [
        ("local", "local", "Local science platform", {"title": "Old"}, []),
        ("meridian", "meridian", "Meridian Survey Archive", {}, ["local"]),
    ]
    assert "BLOCKED data-loss: PersistentVolumeClaim homes: why" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("form", "start"),
    [("terminal", "Compared with"), ("markdown", "<!-- science-platform diff -->"), ("json", "{")],
)
def test_forms(form: str, start: str, asked: list[object], capsys: pytest.CaptureFixture[str]):
    assert main(["diff", "--format", form]) == 0
    assert capsys.readouterr().out.startswith(start)
    assert asked == [[], None, "Progress"]


def test_an_unknown_site_is_refused_with_what_to_do(asked: list[object], capsys: pytest.CaptureFixture[str]):
    assert main(["diff", "nowhere", "--base", "HEAD"]) == 2
    assert (
        "no site nowhere at either side: python -m stacks check lists those there are"
        in capsys.readouterr().err
    )
    assert asked[1] == "HEAD"


def test_ended_from_outside_it_cleans_up_like_anything_that_exits(asked: list[object]):
    command.run([], base=None, form="terminal")
    with pytest.raises(SystemExit):
        signal.raise_signal(signal.SIGTERM)
    assert asked
