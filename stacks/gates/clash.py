"""Gate ``clash``: what only one can have of a cluster, within a site and between the sites that share the cluster."""

from collections.abc import Hashable, Iterable, Iterator, Sequence

from components.objects import namespace_of
from stacks.diff.verdict import Verdict
from stacks.gates.neighbour import Claim, Neighbour, claims_of, priorities_of
from stacks.gates.rules import Setting, StackGate
from stacks.resources import PlannedResource

GATE = "clash"


def _within(resources: Sequence[PlannedResource], _: Setting) -> Iterator[tuple[PlannedResource, str]]:
    taken: dict[Hashable, Claim] = {}
    for resource in resources:
        for claim in (*claims_of(resource), *priorities_of(resource)):
            first = taken.setdefault((resource.provider, claim.thing), claim)
            if first is not claim and claim.alone:
                yield resource, f"takes {claim.words}, which {first.by} has already"


def clashes_between(one: Neighbour, others: Iterable[Neighbour]) -> Iterator[Verdict]:
    """Yield what a site cannot have beside others on its cluster."""
    for subject, reason in _between(one, others):
        yield Verdict(GATE, subject, reason)


def _between(one: Neighbour, others: Iterable[Neighbour]) -> Iterator[tuple[str, str]]:
    for other in others:
        if one.cluster != other.cluster or one.name == other.name:
            continue
        for thing, claim in one.claims.items():
            if thing in other.claims:
                yield claim.by, f"takes {claim.words}, which site {other.name} has on the same cluster"
        yield from _unfair(one, other)


def _unfair(one: Neighbour, other: Neighbour) -> Iterator[tuple[str, str]]:
    """Yield the priorities by which the pods of one site push those of the other out."""
    theirs = other.roles
    for role, value in one.roles.items():
        by = f"PriorityClass/{namespace_of(one.name)}-{role}"
        if role in theirs and theirs[role] != value:
            yield (
                by,
                (
                    f"has priority {value}, and site {other.name} on the same cluster has {theirs[role]} for its own: "
                    "pods of one site would push those of the other out"
                ),
            )
        same = [each for each, their in theirs.items() if their == value and each != role]
        if same:
            yield by, f"has priority {value}, which site {other.name} on the same cluster has for {same[0]}"


GATES = (StackGate(GATE, "No two have what only one can have of a cluster.", _within),)
