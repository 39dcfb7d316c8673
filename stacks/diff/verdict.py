"""What gates say of a change: the hook between a comparison and the rules that may block it."""

from collections.abc import Callable
from dataclasses import dataclass

from stacks.diff.model import Changes
from stacks.plan import Plan
from stacks.site import Site


@dataclass(frozen=True)
class Verdict:
    """One rule's word on one thing.

    Attributes
    ----------
    gate
        The rule's name: ``data-loss``.
    subject
        What it is about, as people call it: ``PersistentVolumeClaim homes``, ``hub.profiles.large``.
    reason
        What is wrong and what to do, in a sentence.
    blocks
        Whether the change must not be brought out; otherwise it is only pointed out.
    """

    gate: str
    subject: str
    reason: str
    blocks: bool = True


Judge = Callable[[Changes, Plan, Site], list[Verdict]]
"""Judges one site: what changes, the plan after, the site. Never called for a site that is gone."""
