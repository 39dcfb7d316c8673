"""All gates on one site: what ``python -m stacks diff`` asks."""

from stacks.diff.verdict import Case, Verdict
from stacks.gates.loss import data_loss
from stacks.gates.protection import UNPROTECTED
from stacks.gates.standing import standing
from stacks.gates.values import dead_values
from stacks.sites import known_secrets


def judge(case: Case) -> list[Verdict]:
    """Return what the gates say of a site: what blocks first."""
    site = case.file.site
    losses = list(data_loss(case))
    told = {loss.subject for loss in losses}
    by_itself = standing(case.after, site, known_secrets(site.secret_keys))
    dead = dead_values(case.file, case.before or None)
    # What loses its protection by the change is told of as that.
    others = [each for each in by_itself if not (each.gate == UNPROTECTED and each.subject in told)]
    return sorted([*losses, *others, *dead], key=lambda verdict: not verdict.blocks)
