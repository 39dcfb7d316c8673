"""What gates say of a change: the hook between a comparison and the rules that may block it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stacks.diff.model import Changes
from stacks.gates.neighbour import Neighbour
from stacks.plan import Plan
from stacks.sites import SiteFile


@dataclass(frozen=True)
class Verdict:
    """One rule's word on one thing.

    Attributes
    ----------
    gate
        The rule's name: ``data-loss``.
    subject
        What it is about, as the site file may accept it: ``PersistentVolumeClaim/homes``, or a key of that file.
    reason
        What is wrong and what to do, in a sentence.
    blocks
        Whether the change must not be brought out; otherwise it is only pointed out.
    """

    gate: str
    subject: str
    reason: str
    blocks: bool = True


@dataclass(frozen=True)
class Case:
    """One site that is judged.

    Attributes
    ----------
    changes
        What becomes of it.
    after
        Its plan with the changes.
    file
        Its file with the changes.
    before
        The site as the base's file has it, as Pulumi's configuration; empty where the base has none.
    others
        The sites that are judged before it: they may be on its cluster already.
    """

    changes: Changes
    after: Plan
    file: SiteFile
    before: Mapping[str, object] = field(default_factory=dict)
    others: tuple[Neighbour, ...] = ()


Judge = Callable[[Case], list[Verdict]]
"""Judges one site. Never called for a site that is gone."""
