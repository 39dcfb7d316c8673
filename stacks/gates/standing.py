"""What holds of a plan by itself, with nothing to compare it with."""

from collections.abc import Iterable

from stacks.diff.verdict import Verdict
from stacks.gates import clash, protection, secrets, workloads
from stacks.gates.rules import Gate, setting_of
from stacks.plan import Plan
from stacks.site import Site

GATES: tuple[Gate, ...] = (*workloads.GATES, *secrets.GATES, *protection.GATES, *clash.GATES)
"""The rules on a plan; the policy pack has the same."""


def standing(plan: Plan, site: Site, known_secrets: Iterable[str] = ()) -> list[Verdict]:
    """Return what is wrong with a site's plan.

    Parameters
    ----------
    known_secrets
        Values of the site's secrets, where they are known: they must be nowhere in it.
    """
    setting = setting_of(site, known_secrets)
    resources = [each for each in plan.resources if each.custom and each.read_id is None]
    return [
        Verdict(finding.gate, finding.subject, finding.reason)
        for gate in GATES
        for finding in gate.findings(resources, setting)
    ]
