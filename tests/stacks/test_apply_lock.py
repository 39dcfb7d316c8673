"""Who holds a stack's lock, by its lease."""

from datetime import UTC, datetime

from stacks.apply_lock import held

NOW = datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC)
LEASE = {"holderIdentity": "ada@vm", "renewTime": "2026-05-01T12:00:20.000000Z", "leaseDurationSeconds": 60}


def test_a_lease_that_is_renewed_is_held():
    assert held(LEASE, NOW, "demo") == (
        "demo is being changed by ada@vm, who last showed a sign of life 10 s ago: wait for that run to end; if it is "
        "dead, wait 60 s, or take over with --force-unlock"
    )


def test_a_lease_that_has_run_out_or_was_given_back_is_not():
    assert held({**LEASE, "renewTime": "2026-05-01T11:59:29.000000Z"}, NOW, "demo") == ""
    assert held({**LEASE, "holderIdentity": ""}, NOW, "demo") == ""
    assert held({}, NOW, "demo") == ""
