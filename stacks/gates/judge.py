"""All gates on one site: what ``python -m stacks diff`` and ``check`` ask."""

from collections.abc import Iterable, Mapping
from typing import Any

from stacks.diff.verdict import Case, Verdict
from stacks.gates.clash import clashes_between
from stacks.gates.loss import data_loss
from stacks.gates.neighbour import Neighbour
from stacks.gates.protection import UNPROTECTED
from stacks.gates.standing import standing
from stacks.gates.values import dead_values
from stacks.plan import Plan
from stacks.sites import SiteFile, known_secrets


def judge(case: Case) -> list[Verdict]:
    """Return what the gates say of a site that changes: what blocks first."""
    losses = list(data_loss(case))
    told = {loss.subject for loss in losses}
    own = judge_alone(case.file, case.after, case.others, before=case.before or None)
    # What loses its protection by the change is told of as that.
    others = [each for each in own if not (each.gate == UNPROTECTED and each.subject in told)]
    return sorted([*losses, *others], key=lambda verdict: not verdict.blocks)


def judge_alone(
    file: SiteFile, plan: Plan, others: Iterable[Neighbour] = (), *, before: Mapping[str, Any] | None = None
) -> list[Verdict]:
    """Return what the gates say of a site with nothing to compare it with.

    Parameters
    ----------
    others
        Sites that may be on its cluster already.
    before
        The site as it was: its values that are the same have been judged then. None to judge all.
    """
    return [
        *standing(plan, file.site, known_secrets(file.site.secret_keys)),
        *clashes_between(Neighbour(file.name, file.site, plan), others),
        *dead_values(file, before),
    ]
