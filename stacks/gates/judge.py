"""All gates on one site: what ``python -m stacks diff`` asks."""

from stacks.diff.verdict import Case, Verdict
from stacks.gates.loss import data_loss


def judge(case: Case) -> list[Verdict]:
    """Return what the gates say of a site: what blocks first."""
    return sorted(data_loss(case), key=lambda verdict: not verdict.blocks)
