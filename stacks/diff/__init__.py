"""What a change would do to every site, from two plans of each: without state, credentials or a cluster."""

from stacks.diff.compare import compare
from stacks.diff.model import ABSENT, Action, Cause, Change, Changes, Data, Field, Impact

__all__ = ["ABSENT", "Action", "Cause", "Change", "Changes", "Data", "Field", "Impact", "compare"]
