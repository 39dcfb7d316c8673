"""Which resource of one plan is which of the other: by URN, by aliases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stacks.plan import Plan
from stacks.resources import PlannedResource


@dataclass(frozen=True)
class Pairing:
    """Two plans side by side; components and what is only read are left out, since nothing becomes of them.

    Attributes
    ----------
    pairs
        Before and after, in the order of the plan after.
    deleted
        Those that only the plan before has, what depends on others first.
    now
        URN after by URN before, of all that is on both sides, components included.
    renamed
        Names before and after, by URN after, of what is known to others by an identifier: all but Kubernetes'
        objects, which have their own names.
    """

    pairs: tuple[tuple[PlannedResource | None, PlannedResource], ...]
    deleted: tuple[PlannedResource, ...]
    now: Mapping[str, str]
    renamed: Mapping[str, tuple[str, str]]


def paired(before: Plan, after: Plan) -> Pairing:
    """Pair the resources of two plans of one stack."""
    old = {each.urn: each for each in before.resources}
    matched = dict(_matches(old, after))
    kept = set(matched.values())
    return Pairing(
        pairs=tuple((old.get(matched.get(each.urn, "")), each) for each in after.resources if _managed(each)),
        deleted=tuple(each for each in reversed(before.resources) if each.urn not in kept and _managed(each)),
        now={was: urn for urn, was in matched.items()},
        renamed={
            each.urn: (old[matched[each.urn]].name, each.name)
            for each in after.resources
            if each.urn in matched
            and old[matched[each.urn]].name != each.name
            and each.package != "kubernetes"
        },
    )


def _managed(resource: PlannedResource) -> bool:
    return resource.custom and resource.read_id is None


def _matches(old: Mapping[str, PlannedResource], after: Plan) -> Iterator[tuple[str, str]]:
    """Yield the URN after and before of each resource on both sides.

    As in the engine: its present URN first, then its aliases, the first that is there; nothing twice.
    """
    taken = {each.urn for each in after.resources} & old.keys()
    for resource in after.resources:
        if resource.urn in taken:
            yield resource.urn, resource.urn
            continue
        was = next((alias for alias in resource.options.aliases if alias in old and alias not in taken), None)
        if was is not None:
            taken.add(was)
            yield resource.urn, was
