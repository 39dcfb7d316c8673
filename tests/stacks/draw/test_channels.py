"""Which vertical line of a channel is left of which."""

from stacks.draw.channels import Run, tracks


def test_a_straight_link_needs_no_track():
    assert tracks([Run(0, 10, 10), Run(1, 30, 60)]) == {1: 0}


def test_links_that_are_apart_share_a_track():
    assert tracks([Run(0, 10, 40), Run(1, 100, 140)]) == {0: 0, 1: 0}


def test_links_that_go_down_side_by_side_do_not_cross():
    # The lower one turns first, so that the upper one passes above it.
    assert tracks([Run(0, 10, 60), Run(1, 20, 70)]) == {0: 1, 1: 0}
    assert tracks([Run(0, 60, 10), Run(1, 70, 20)]) == {0: 0, 1: 1}


def test_links_never_lie_on_each_other_even_where_that_takes_a_crossing():
    # The first arrives where the second leaves: it has to be to the right of it.
    found = tracks([Run(0, 10, 50), Run(1, 50, 90)])
    assert found[0] > found[1]


def test_a_link_that_turns_back_is_within_the_others():
    assert tracks([Run(0, 10, 60, turns=True), Run(1, 5, 70)]) == {0: 0, 1: 1}


def test_the_order_of_the_links_makes_no_difference():
    runs = [Run(0, 10, 80), Run(1, 30, 20), Run(2, 60, 40, turns=True), Run(3, 90, 10)]
    assert tracks(runs) == tracks(runs[::-1])
