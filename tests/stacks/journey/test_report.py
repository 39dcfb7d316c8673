"""What is run of a journey, and what is reported."""

import io
import json

import pytest

from infra.progress import Progress
from stacks.journey.day import Day, SkippedError
from stacks.journey.errors import JourneyError
from stacks.journey.journey import Plan, run
from stacks.journey.people import Person
from stacks.journey.report import Report, Step
from stacks.journey.signin import PasswordSignIn

STEPS = (
    Step(title="sign in", outcome="passed", seconds=0.21, seen="as alice"),
    Step(title="the server starts", outcome="failed", seconds=12.5, seen="no room"),
    Step(title="a limit", outcome="skipped", seconds=0),
)
RECORD = {
    "site": "probe",
    "url": "https://probe.localhost:1",
    "profiles": {},
    "limits": {"servers": 3, "cpu": None, "memory": "6Gi"},
    "projects": {},
    "capabilities": {"networkPolicy": False},
}
ALICE = Person(sign_in=PasswordSignIn("alice", "x"))


def test_the_table_says_what_went_how_and_how_long_it_took():
    assert Report(site="local", steps=STEPS).table() == (
        "    ok    0.2 s  sign in            as alice\n"
        "FAILED   12.5 s  the server starts  no room\n"
        "     -    0.0 s  a limit\n"
        "local: 1 of 3 steps failed, 12.7 s"
    )


def test_the_same_as_json():
    assert json.loads(Report(site="local", steps=STEPS[:1]).as_json()) == {
        "site": "local",
        "passed": True,
        "seconds": 0.21,
        "steps": [{"step": "sign in", "outcome": "passed", "seconds": 0.21, "seen": "as alice"}],
    }


def test_a_failed_step_fails_the_journey_and_a_skipped_one_does_not():
    assert not Report(site="local", steps=STEPS).passed
    assert Report(site="local", steps=(STEPS[0], STEPS[2])).passed


def passing(_: Day) -> str:
    return "seen"


def failing(_: Day) -> str:
    raise JourneyError("broken")


def skipping(_: Day) -> str:
    raise SkippedError("not here")


def outcomes(*journey: Plan) -> list[tuple[str, str, str]]:
    report = run(RECORD, [ALICE], Progress(out=io.StringIO()), journey=journey)
    return [(step.title, step.outcome, step.seen) for step in report.steps]


def test_a_journey_goes_on_after_a_failure():
    assert outcomes(Plan("a", failing), Plan("b", skipping), Plan("c", passing)) == [
        ("a", "failed", "broken"),
        ("b", "skipped", "not here"),
        ("c", "passed", "seen"),
        ("nothing is left behind", "passed", "0 servers stopped"),
    ]


def test_a_vital_failure_ends_it_but_for_cleaning_up():
    assert outcomes(Plan("a", failing, vital=True), Plan("b", passing)) == [
        ("a", "failed", "broken"),
        ("b", "skipped", "not without: a"),
        ("nothing is left behind", "passed", "0 servers stopped"),
    ]


def test_a_site_that_does_not_answer_fails_the_step_that_needed_it():
    (title, outcome, seen), _ = outcomes(Plan("sign in", lambda day: day.hub(ALICE).user))
    assert (title, outcome) == ("sign in", "failed")
    assert seen.startswith("ConnectError: ")


def test_an_interrupted_journey_still_cleans_up():
    closed = []

    def interrupt(day: Day) -> str:
        day._open.callback(closed.append, True)  # noqa: SLF001 - to see it closed
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(RECORD, [ALICE], Progress(out=io.StringIO()), journey=[Plan("a", interrupt)])
    assert closed == [True]
