"""The report of what moved never exceeds what a forge takes."""

from stacks.drift.markdown import to_markdown
from stacks.drift.model import How, Moved, SiteDrift
from stacks.review.comment import LIMIT


def test_what_comes_last_is_left_out_and_said_so():
    many = tuple(Moved(f"ConfigMap c{number}", How.CHANGED, ("x" * 100,)) for number in range(300))
    text = to_markdown([SiteDrift(site, many) for site in ("a", "b", "c")])
    assert len(text) < LIMIT
    assert text.count("<details>") == 1
    assert "<sub>b: The details are left out" in text
    assert "| c | 🟡 moved | 300 resources |" in text
