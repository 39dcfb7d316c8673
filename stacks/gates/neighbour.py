"""What a site has of its cluster for itself: ports, hosts, names, priorities."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from components.objects import namespace_of
from stacks.diff.holds import object_of
from stacks.gates.pods import mappings, section
from stacks.gates.rules import subject_of
from stacks.plan import Plan
from stacks.resources import PlannedResource
from stacks.site import Site

_PRIORITY = "kubernetes:scheduling.k8s.io/v1:PriorityClass"


@dataclass(frozen=True)
class Claim:
    """Something that a resource has for itself.

    Attributes
    ----------
    thing
        What it is, to compare.
    words
        What it is, to read: ``node port 30443``.
    by
        Whose it is: a resource as people call it, or the site's address.
    alone
        Whether nothing else of its own site may have it either.
    """

    thing: Hashable
    words: str
    by: str
    alone: bool = True


def claims_of(resource: PlannedResource) -> Iterator[Claim]:
    """Yield what a resource has of its cluster for itself, but for a priority."""
    if not resource.is_manifest or resource.is_patch:
        return
    by, spec = subject_of(resource), section(resource.inputs, "spec")
    namespace = section(resource.inputs, "metadata").get("namespace")
    where = f" in namespace {namespace}" if namespace else ""
    name = object_of(resource)
    yield Claim((resource.type, namespace, name), f"the name {name} of its kind{where}", by)
    for port in mappings(spec.get("ports")):
        if "nodePort" in port:
            yield Claim(("node port", port["nodePort"]), f"node port {port['nodePort']}", by)
    hosts = [rule.get("host") for rule in mappings(spec.get("rules"))]
    hosts += [listener.get("hostname") for listener in mappings(spec.get("listeners"))]
    hosts += spec.get("hostnames") or []
    yield from (Claim(("host", host), f"host {host}", by, alone=False) for host in hosts if host)


def priorities_of(resource: PlannedResource) -> Iterator[Claim]:
    """Yield the priority that a class is of; the same one in another site is as it should be."""
    if resource.type != _PRIORITY:
        return
    value = resource.inputs.get("value")
    yield Claim(("priority", value), f"priority {value}", subject_of(resource))


@dataclass(frozen=True)
class Neighbour:
    """A site that may share its cluster with others."""

    name: str
    site: Site
    plan: Plan

    @property
    def cluster(self) -> tuple[str, str]:
        """Which cluster it is on; one that its stack makes is its own."""
        cluster = self.site.cluster
        return cluster.kind, self.name if cluster.made else cluster.place

    @cached_property
    def claims(self) -> Mapping[Hashable, Claim]:
        """What it has of its cluster for itself."""
        found = {claim.thing: claim for each in self.plan.resources for claim in claims_of(each)}
        doors: Any = self.plan.outputs.get("doors") or {}
        addresses = [self.plan.outputs.get("url"), *(door.get("url") for door in doors.values())]
        for host in filter(None, (urlsplit(str(address or "")).hostname for address in addresses)):
            found.setdefault(
                ("host", host), Claim(("host", host), f"host {host}", "its address", alone=False)
            )
        return found

    @cached_property
    def roles(self) -> Mapping[str, object]:
        """The values of its priority classes by what they are for: their names without the site's."""
        prefix = f"{namespace_of(self.name)}-"
        return {
            object_of(each).removeprefix(prefix): each.inputs.get("value")
            for each in self.plan.resources
            if each.type == _PRIORITY
        }
