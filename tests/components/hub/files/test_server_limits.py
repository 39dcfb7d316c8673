"""What one user may have at a time."""

from server_limits import Usage, limit_refusal
from site_document import Limits

GI = 2**30
UNLIMITED = Limits(servers=100, cpu=None, memory=None)
ONE = Usage(name="", cpu=1, memory=GI)
TWO = Usage(name="work", cpu=2, memory=3 * GI // 2)


def test_no_limits_refuse_nothing():
    assert limit_refusal(UNLIMITED, [TWO] * 99, TWO) is None


def test_exactly_the_limits_are_allowed():
    assert limit_refusal(Limits(servers=2, cpu=3, memory=5 * GI // 2), [ONE], TWO) is None


def test_too_many_servers():
    assert limit_refusal(Limits(servers=2, cpu=None, memory=None), [ONE, TWO], ONE) == (
        "You have 2 of the 2 servers that you may have at a time: the default server (1 core, 1 GiB); "
        "the server 'work' (2 cores, 1.5 GiB). Stop one of them, on the page Home, and start this one again."
    )


def test_too_many_cores():
    assert limit_refusal(Limits(servers=9, cpu=2.5, memory=None), [ONE], TWO) == (
        "You use 1 core of the 2.5 cores that you may have at a time, and this server asks for 2 cores. "
        "You have: the default server (1 core, 1 GiB). "
        "Stop it, on the page Home, or choose a smaller kind of server."
    )


def test_too_much_memory():
    assert limit_refusal(Limits(servers=9, cpu=None, memory=2 * GI), [ONE], TWO) == (
        "You use 1 GiB of the 2 GiB that you may have at a time, and this server asks for 1.5 GiB. "
        "You have: the default server (1 core, 1 GiB). "
        "Stop it, on the page Home, or choose a smaller kind of server."
    )


def test_one_that_stops_still_holds_what_it_has():
    stopping = Usage(name="", cpu=1, memory=GI, stopping=True)
    assert limit_refusal(Limits(servers=9, cpu=None, memory=2 * GI), [stopping], TWO) == (
        "You use 1 GiB of the 2 GiB that you may have at a time, and this server asks for 1.5 GiB. "
        "You have: the default server (1 core, 1 GiB, stopping already). "
        "Wait until it has stopped, or stop another, on the page Home, or choose a smaller kind of server."
    )


def test_a_server_that_is_too_large_on_its_own():
    assert limit_refusal(Limits(servers=9, cpu=1, memory=None), [], TWO) == (
        "This server asks for 2 cores, and nobody may have more than 1 core at a time on this site. "
        "Choose a smaller kind of server."
    )
    assert limit_refusal(Limits(servers=9, cpu=None, memory=GI), [], TWO) == (
        "This server asks for 1.5 GiB, and nobody may have more than 1 GiB at a time on this site. "
        "Choose a smaller kind of server."
    )
