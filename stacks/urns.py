"""URNs as Pulumi's engine makes them: ``urn:pulumi:<stack>::<project>::<parent type$…type>::<name>``."""

from collections.abc import Iterable, Sequence
from itertools import product

from pulumi.runtime.proto.alias_pb2 import Alias

STACK_TYPE = "pulumi:pulumi:Stack"


def make(stack: str, project: str, type_: str, name: str, parent: str = "") -> str:
    """Return the URN of a resource; children of the stack itself do not carry its type."""
    return f"urn:pulumi:{stack}::{project}::{_qualified(type_, parent)}::{name}"


def _qualified(type_: str, parent: str) -> str:
    parent_type = parent.split("::", 3)[2] if parent else STACK_TYPE
    return type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"


def resolve_aliases(
    urn: str, parent: str, aliases: Iterable[Alias], parent_aliases: Sequence[str]
) -> tuple[str, ...]:
    """Return every URN that a resource may have had, the most likely first, without its present one.

    An alias names what differs (name, type, parent …); the rest is as it is now. A child of a renamed parent
    has an alias under each of the parent's; where its name begins with the parent's, the part is renamed too.
    """
    stack, project, qualified, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    type_ = qualified.rsplit("$", 1)[-1]
    parents = [(parent, name), *((old, _renamed(name, parent, old)) for old in parent_aliases)]
    found = [make(stack, project, type_, child, old) for old, child in parents]
    for alias, (old_parent, child) in product(aliases, parents):
        if alias.urn:
            found.append(alias.urn)
            continue
        spec = alias.spec
        above = "" if spec.noParent else spec.parentUrn or old_parent
        found.append(
            make(spec.stack or stack, spec.project or project, spec.type or type_, spec.name or child, above)
        )
    return tuple(dict.fromkeys(alias for alias in found if alias != urn))


def _renamed(name: str, parent: str, old_parent: str) -> str:
    now, before = parent.rsplit("::", 1)[-1], old_parent.rsplit("::", 1)[-1]
    return before + name.removeprefix(now) if name.startswith(now) else name
