"""What a rule on a plan is: it looks at resources one by one, or at all of a stack, and says what is wrong with which.

The comparison, the checks and the policy pack run the same rules; only where the resources come from differs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from stacks.diff.holds import kind_of, object_of
from stacks.resources import PlannedResource
from stacks.site import Site


@dataclass(frozen=True)
class Setting:
    """What rules know of a site beside its resources.

    Attributes
    ----------
    local
        Whether its cluster is a disposable one on this machine.
    disposable
        Whether it may be thrown away.
    accepted
        What its file accepts the loss of.
    secrets
        Values that must be nowhere in plain text, as far as they are known here.
    """

    local: bool = False
    disposable: bool = False
    accepted: frozenset[str] = frozenset()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


def setting_of(site: Site, secrets: Iterable[str] = ()) -> Setting:
    """Return what rules know of a site."""
    return Setting(
        local=site.cluster.kind == "local",
        disposable=site.disposable,
        accepted=frozenset(site.accept),
        secrets=frozenset(secrets),
    )


@dataclass(frozen=True)
class Finding:
    """One rule's word on one resource: what is wrong and what to do, in a sentence without any secret."""

    gate: str
    resource: PlannedResource
    reason: str

    @property
    def subject(self) -> str:
        """What people, and the site file, call the resource."""
        return subject_of(self.resource)


def subject_of(resource: PlannedResource) -> str:
    """Return what people, and the site file, call a resource: ``PersistentVolumeClaim/homes``."""
    return f"{kind_of(resource)}/{object_of(resource)}"


ResourceRule = Callable[[PlannedResource, Setting], Iterable[str]]
StackRule = Callable[[Sequence[PlannedResource], Setting], Iterable[tuple[PlannedResource, str]]]


@dataclass(frozen=True)
class ResourceGate:
    """A rule that needs one resource at a time.

    Attributes
    ----------
    name, title
        ``runs-as-root``, and what it wants in a sentence.
    rule
        Yields what is wrong with a resource.
    """

    name: str
    title: str
    rule: ResourceRule

    def findings(self, resources: Iterable[PlannedResource], setting: Setting) -> Iterator[Finding]:
        """Yield what is wrong."""
        for resource in resources:
            for reason in self.rule(resource, setting):
                yield Finding(self.name, resource, reason)


@dataclass(frozen=True)
class StackGate:
    """A rule that needs all resources of a stack; its attributes are those of `ResourceGate`."""

    name: str
    title: str
    rule: StackRule

    def findings(self, resources: Sequence[PlannedResource], setting: Setting) -> Iterator[Finding]:
        """Yield what is wrong."""
        for resource, reason in self.rule(resources, setting):
            yield Finding(self.name, resource, reason)


Gate = ResourceGate | StackGate
