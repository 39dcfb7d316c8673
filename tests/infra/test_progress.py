"""What is said while work is under way."""

import io

import pytest

from infra.progress import Progress, in_words


class Clock:
    """A clock that the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("infra.progress.time.monotonic", lambda: self.now)

    def fail_after(self, seconds: float) -> None:
        self.now += seconds
        raise LookupError


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (12.4, "12 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3600, "60 min 00 s"),
    ],
)
def test_a_duration_in_words(seconds: float, expected: str):
    assert in_words(seconds) == expected


def test_a_step_says_when_it_starts_and_how_long_it_took(clock: Clock):
    out = io.StringIO()
    with Progress(out).step("building Kubernetes"):
        clock.now += 12
    assert out.getvalue() == "building Kubernetes …\nbuilding Kubernetes: 12 s\n"


@pytest.mark.parametrize(("estimate", "said"), [(None, ""), (9.9, ""), (90, " (about 1 min 30 s)")])
def test_only_what_is_worth_waiting_for_is_estimated(estimate: float | None, said: str, clock: Clock):
    out = io.StringIO()
    with Progress(out).step("building", estimate):
        clock.now += 1
    assert out.getvalue() == f"building{said} …\nbuilding: 1.0 s\n"


def test_a_step_inside_a_step_is_indented(clock: Clock):
    out = io.StringIO()
    progress = Progress(out)
    with progress.step("outer"), progress.step("inner"):
        progress.say("a word")
        clock.now += 1
    assert out.getvalue() == "outer …\n  inner …\n    a word\n  inner: 1.0 s\nouter: 1.0 s\n"


def test_a_step_that_fails_says_so_and_the_next_one_stands_where_it_stood(clock: Clock):
    out = io.StringIO()
    progress = Progress(out)
    with pytest.raises(LookupError), progress.step("looking"):
        clock.fail_after(2)
    progress.say("next")
    assert out.getvalue() == "looking …\nlooking: failed after 2.0 s\nnext\n"


def test_the_summary_says_where_the_time_went_in_the_order_of_the_starts(clock: Clock):
    progress = Progress(io.StringIO())
    with progress.step("outer"):
        clock.now += 1
        with progress.step("inner"):
            clock.now += 70
    with progress.step("after"):
        clock.now += 0.5
    assert progress.summary() == ("  1 min 11 s  outer\n  1 min 10 s    inner\n       0.5 s  after")


def test_the_summary_counts_the_time_of_what_failed(clock: Clock):
    progress = Progress(io.StringIO())
    with pytest.raises(LookupError), progress.step("looking"):
        clock.fail_after(20)
    assert progress.summary() == "        20 s  looking (failed)"
