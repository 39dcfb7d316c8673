"""The pods of a plan: what each workload runs, wherever its kind keeps the pod template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stacks.plan import Plan
from stacks.resources import PlannedResource

COMPONENT = "app.kubernetes.io/component"


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Pods of one kind: those of a workload, or those that are only made while the site runs.

    Attributes
    ----------
    urn
        The workload; None for pods that the plan only has a policy for.
    specs
        Pod specs; most workloads have one.
    """

    key: str
    name: str
    kind: str
    namespace: str
    labels: Mapping[str, str]
    layer: str = ""
    urn: str | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    specs: tuple[Mapping[str, Any], ...] = ()

    @property
    def containers(self) -> Iterator[Mapping[str, Any]]:
        """The containers, those that run before the others included."""
        for spec in self.specs:
            yield from spec.get("initContainers") or ()
            yield from spec.get("containers") or ()

    @property
    def ports(self) -> dict[str, int]:
        """Ports that the containers say they listen on, by name, or number where they have none."""
        found = [port for each in self.containers for port in each.get("ports") or ()]
        return {str(port.get("name", port["containerPort"])): port["containerPort"] for port in found}

    @property
    def account(self) -> str | None:
        """The service account whose token the pods have."""
        for spec in self.specs:
            if spec.get("automountServiceAccountToken", True):
                return spec.get("serviceAccountName")
        return None


def layer_of(resource: PlannedResource) -> str:
    """Return the layer that declares a resource: the module of its component's type."""
    types = resource.urn.split("::")[2].split("$")[:-1]
    module = types[-1].split(":")[1] if types else "index"
    return "platform" if module == "index" else module


def workloads(plan: Plan) -> list[Pods]:
    """Return all that runs pods, in program order."""
    found = []
    for resource in plan.resources:
        templates = list(_templates(resource.inputs)) if resource.is_manifest else []
        if not templates:
            continue
        manifest: Mapping[str, Any] = resource.inputs
        metadata = manifest["metadata"]
        found.append(
            Pods(
                key=f"pods/{metadata.get('namespace', '')}/{manifest['kind']}/{metadata['name']}",
                name=metadata["name"],
                kind=manifest["kind"],
                namespace=metadata.get("namespace", ""),
                labels=templates[0][0],
                layer=layer_of(resource),
                urn=resource.urn,
                manifest=manifest,
                specs=tuple(spec for _, spec in templates),
            )
        )
    return found


def _templates(value: object) -> Iterator[tuple[Mapping[str, str], Mapping[str, Any]]]:
    """Yield labels and spec of every pod template in an object, however deep."""
    if isinstance(value, list):
        for item in value:
            yield from _templates(item)
    if not isinstance(value, Mapping):
        return
    spec = value.get("spec")
    if isinstance(spec, Mapping) and isinstance(spec.get("containers"), list):
        yield (value.get("metadata") or {}).get("labels") or {}, spec
        return
    for item in value.values():
        yield from _templates(item)


def runtime_pods(plan: Plan, planned: list[Pods]) -> list[Pods]:
    """Return the pods that a policy is for and no workload has: they are made while the site runs."""
    found: dict[str, Pods] = {}
    for resource in plan.resources:
        if not resource.is_manifest or resource.inputs["kind"] != "NetworkPolicy":
            continue
        policy: Any = resource.inputs
        namespace = policy["metadata"].get("namespace", "")
        labels = policy["spec"].get("podSelector", {}).get("matchLabels") or {}
        if not labels or any(_selected(labels, namespace, each) for each in planned):
            continue
        name = labels.get(COMPONENT) or ", ".join(labels.values())
        key = f"pods/{namespace}/Runtime/{name}"
        found[key] = Pods(
            key=key,
            name=name,
            kind="Runtime",
            namespace=namespace,
            labels=labels,
            layer=layer_of(resource),
        )
    return list(found.values())


def _selected(labels: Mapping[str, str], namespace: str, pods: Pods) -> bool:
    return pods.namespace == namespace and labels.items() <= pods.labels.items()
