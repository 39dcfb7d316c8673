"""The smallest way beyond a limit."""

from stacks.journey.checks.limits import Breach, allowances, breach
from stacks.journey.offer import Limits, Profile

GIB = 2**30
PROFILES = {"small": Profile(cpu=2, memory=GIB), "large": Profile(cpu=2, memory=4 * GIB)}


def test_memory_is_exceeded_with_as_few_servers_as_possible():
    limits = Limits(servers=3, memory=6 * GIB)
    assert breach("memory", PROFILES, limits, ("small",)) == Breach(fill=("large",), refused="large")


def test_the_next_server_is_refused_at_once_where_the_limit_is_near():
    assert breach("memory", PROFILES, Limits(servers=3, memory=4 * GIB), ("small",)) == Breach(
        fill=(), refused="large"
    )
    assert breach("servers", PROFILES, Limits(servers=1), ("small",)) == Breach(fill=(), refused="small")


def test_only_the_limit_in_question_is_exceeded():
    # Two large ones are too much memory as well; two small ones are only too many.
    limits = Limits(servers=2, memory=6 * GIB)
    assert breach("servers", PROFILES, limits, ("small",)) == Breach(fill=("small",), refused="small")


def test_a_limit_that_needs_many_servers_to_reach_is_left_alone():
    assert breach("servers", PROFILES, Limits(servers=3), ("small",)) is None
    assert breach("servers", PROFILES, Limits(servers=3), ("small",), extra=2) == Breach(
        fill=("small", "small"), refused="small"
    )


def test_a_refusal_has_to_name_what_is_allowed():
    limits = Limits(servers=3, cpu=2.5, memory=6 * GIB)
    assert [allowances(limit, limits) for limit in ("servers", "cpu", "memory")] == [
        ("3 servers", "2 named servers"),
        ("2.5 cores",),
        ("6 GiB",),
    ]
