"""What a program registers: one frozen record per resource, as Pulumi's engine would see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class ProgramError(Exception):
    """The program declares something that Pulumi's engine, or this project, would refuse."""


@dataclass(frozen=True)
class Options:
    """The resource options that say how a resource may change, named as in `pulumi.ResourceOptions`.

    ``aliases`` are the full URNs that the resource may have had before, its parents' aliases included.
    """

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    deleted_with: str | None = None
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)
    import_id: str | None = None


@dataclass(frozen=True)
class PlannedResource:
    """One resource that the program registers.

    Attributes
    ----------
    urn, type, name, parent, provider
        Identity; ``parent`` and ``provider`` are URNs, or None.
    inputs
        Properties by their names on the wire (camelCase for Kubernetes).
    dependencies, property_dependencies
        URNs, sorted: all of them, and by input property.
    custom
        False for components.
    read_id
        The ID of what is only read (``.get()``), else None.
    autonamed
        Whether the program gives a Kubernetes object no name, so that one was made.
    """

    urn: str
    type: str
    name: str
    parent: str | None
    provider: str | None
    inputs: Mapping[str, object]
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    custom: bool = True
    read_id: str | None = None
    autonamed: bool = False

    @property
    def package(self) -> str:
        """The first part of the type: ``kubernetes``, ``aws``, ``pulumi`` (providers and the stack)."""
        return self.type.split(":")[0]

    @property
    def is_patch(self) -> bool:
        """Whether these are fields of someone else's Kubernetes object: ``kubernetes:core/v1:ConfigMapPatch``."""
        return self.package == "kubernetes" and self.type.endswith("Patch")

    @property
    def is_manifest(self) -> bool:
        """Whether this is one Kubernetes object that is to be applied."""
        return (
            self.custom
            and self.read_id is None
            and self.package == "kubernetes"
            and {"apiVersion", "kind"} <= self.inputs.keys()
        )
