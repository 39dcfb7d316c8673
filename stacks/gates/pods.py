"""Pods wherever a Kubernetes object has them: in its spec, its template, or the template of its jobs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.resources import PlannedResource

_PLACES = (("spec",), ("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"))
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True)
class Pod:
    """The pods that one object makes.

    Attributes
    ----------
    spec
        Their spec.
    labels
        Their labels.
    namespace
        The namespace that they are in.
    """

    spec: Mapping[str, Any]
    labels: Mapping[str, str]
    namespace: str

    def containers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield every container by name, those that run first included."""
        for key in _CONTAINERS:
            for container in mappings(self.spec.get(key)):
                yield str(container.get("name", "?")), container

    def volumes(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield every volume by name."""
        for volume in mappings(self.spec.get("volumes")):
            yield str(volume.get("name", "?")), volume


def pod_of(resource: PlannedResource) -> Pod | None:
    """Return the pods that a resource makes; None where it makes none."""
    if resource.package != "kubernetes":
        return None
    for place in _PLACES:
        above: Mapping[str, Any] = resource.inputs
        for key in place[:-1]:
            above = section(above, key)
        spec = section(above, place[-1])
        if isinstance(spec.get("containers"), list):
            return Pod(
                spec=spec,
                labels=section(section(above, "metadata"), "labels"),
                namespace=str(section(resource.inputs, "metadata").get("namespace", "default")),
            )
    return None


def section(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a mapping in a mapping; empty where there is none."""
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the items of a list that are mappings; none where it is no list."""
    for item in value if isinstance(value, list) else []:
        if isinstance(item, Mapping):
            yield item
