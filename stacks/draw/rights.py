"""What pods may do with the cluster's own API, from roles and their bindings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.objects import Manifest
from stacks.draw.pods import Pods

MOST = 3
"""How many of a list are named."""
READING = frozenset({"get", "list", "watch"})
ROLES = ("Role", "ClusterRole")


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Rights of pods: kinds of objects that they change, and kinds that they only read."""

    pods: str
    changes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return them in words."""
        parts = (("changes", self.changes), ("reads", self.reads))
        return "; ".join(f"{verb} {some(kinds)}" for verb, kinds in parts if kinds)


def rights(objects: Sequence[Manifest], pods: Sequence[Pods]) -> Iterator[Rights]:
    """Yield the rights of all pods that have a token of a service account with any."""
    roles = {
        (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each.get("rules")
        or ()
        for each in objects
        if each["kind"] in ROLES
    }
    bindings = [each for each in objects if each["kind"] in ("RoleBinding", "ClusterRoleBinding")]
    for each in pods:
        verbs: dict[str, set[str]] = {}
        for binding in bindings:
            if not any(_is_account(subject, each) for subject in binding.get("subjects") or ()):
                continue
            ref = binding["roleRef"]
            namespace = binding["metadata"].get("namespace", "") if ref["kind"] == "Role" else ""
            for rule in roles.get((ref["kind"], namespace, ref["name"]), ()):
                for kind in rule.get("resources") or ():
                    verbs.setdefault(kind, set()).update(rule["verbs"])
        if verbs:
            yield Rights(
                pods=each.key,
                changes=tuple(sorted(kind for kind, of in verbs.items() if not of <= READING)),
                reads=tuple(sorted(kind for kind, of in verbs.items() if of <= READING)),
            )


def _is_account(subject: Mapping[str, Any], pods: Pods) -> bool:
    return (
        subject["kind"] == "ServiceAccount"
        and subject["name"] == pods.account
        and subject.get("namespace", pods.namespace) == pods.namespace
    )


def some(names: Sequence[str]) -> str:
    """Return names as a list, some of them where they are many."""
    if len(names) <= MOST:
        return ", ".join(names)
    return f"{', '.join(names[: MOST - 1])} and {len(names) - MOST + 1} more"
