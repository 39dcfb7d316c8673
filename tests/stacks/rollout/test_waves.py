"""Waves: canaries first, no further than the first failure."""

import threading
from collections.abc import Sequence

import pytest

from stacks.rollout.waves import Ended, Outcome, brought_out, headline, to_markdown, waves
from stacks.sites import SiteFile, read


def site(name: str, wave: int) -> SiteFile:
    file = read("boreal")
    turn = file.site.rollout.model_copy(update={"wave": wave})
    return SiteFile(name=name, path=file.path, site=file.site.model_copy(update={"rollout": turn}))


SITES = [site("west", 2), site("east", 2), site("canary", 1), site("last", 3)]


def ended(*failing: str, at_once: int = 1, sites: Sequence[SiteFile] = SITES) -> list[tuple[int, str, str]]:
    def bring(file: SiteFile) -> Outcome:
        end = Ended.FAILED if file.name in failing else Ended.UP
        return Outcome(file.site.rollout.wave, file.name, end)

    outcomes = brought_out(waves(sites), bring, at_once=at_once)
    return [(each.wave, each.site, str(each.ended)) for each in outcomes]


def test_sites_come_in_their_turn_and_by_name():
    assert ended() == [(1, "canary", "up"), (2, "east", "up"), (2, "west", "up"), (3, "last", "up")]


def test_a_canary_that_fails_saves_all_others():
    assert ended("canary") == [
        (1, "canary", "failed"),
        (2, "east", "not begun"),
        (2, "west", "not begun"),
        (3, "last", "not begun"),
    ]


def test_a_failure_ends_its_wave_as_well():
    assert ended("east") == [
        (1, "canary", "up"),
        (2, "east", "failed"),
        (2, "west", "not begun"),
        (3, "last", "not begun"),
    ]


def test_what_is_under_way_when_another_fails_goes_on_to_its_end():
    failed = threading.Event()

    def bring(file: SiteFile) -> Outcome:
        if file.name == "slow":
            assert failed.wait(10)
            return Outcome(2, file.name, Ended.UP)
        return Outcome(2, file.name, Ended.FAILED)

    found = []
    for each in brought_out(waves([site("bad", 2), site("slow", 2), site("third", 2)]), bring, at_once=2):
        found.append((each.site, str(each.ended)))
        failed.set()
    assert found == [("bad", "failed"), ("slow", "up"), ("third", "not begun")]


def test_no_more_at_once_than_asked_for_and_no_wave_before_the_last_is_up():
    running: list[str] = []
    most: list[int] = []
    both = threading.Barrier(2, timeout=10)

    def bring(file: SiteFile) -> Outcome:
        running.append(file.name)
        most.append(len(running))
        assert set(running) <= {"a", "b"} or running == ["z"]
        if file.name != "z":
            both.wait()
            both.wait()
        running.remove(file.name)
        return Outcome(file.site.rollout.wave, file.name, Ended.UP)

    list(brought_out(waves([site("a", 1), site("b", 1), site("z", 2)]), bring, at_once=2))
    assert max(most) == 2
    assert most[-1] == 1


def test_the_summary_is_a_table_and_the_last_words_of_what_failed():
    outcomes = [
        Outcome(1, "canary", Ended.UP, 75.2),
        Outcome(2, "east", Ended.FAILED, 3.04, ("applying", "error: quota", "/close ```")),
        Outcome(2, "west", Ended.LEFT),
    ]
    assert (
        to_markdown(outcomes)
        == """\
### Rolled out: 1 up, 1 failed, 1 not begun

| wave | site | | took |
|---|---|---|---|
| 1 | canary | 🟢 up | 1 min 15 s |
| 2 | east | ⛔ failed | 3.0 s |
| 2 | west | ⚪ not begun |  |

<details><summary>What east said last</summary>

````diff
applying
error: quota
 /close ```
````

</details>
"""
    )


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([], "No site to roll out"),
        ([Outcome(1, "a", Ended.UP), Outcome(1, "b", Ended.UP)], "Rolled out: 2 up"),
    ],
)
def test_all_of_it_in_a_sentence(outcomes: list[Outcome], said: str):
    assert headline(outcomes) == said
