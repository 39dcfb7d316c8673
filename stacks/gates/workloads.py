"""Gates on what runs: as whom, within which limits, from which image, with what of the node."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stacks.gates.pods import Pod, mappings, pod_of, section
from stacks.gates.references import floating
from stacks.gates.rules import ResourceGate, Setting, StackGate
from stacks.masking import COMPUTED
from stacks.reachability import directions, selects
from stacks.resources import PlannedResource

_AMOUNTS = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")


def _root(resource: PlannedResource, _: Setting) -> Iterator[str]:
    pod = pod_of(resource)
    for name, context in _contexts(pod):
        if context.get("runAsUser") == 0:
            yield f"container {name} runs as root: set runAsUser to another than 0"
        elif context.get("runAsNonRoot") is not True:
            yield f"container {name} may run as root: set runAsNonRoot: true"


def _contexts(pod: Pod | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the security context of each container, with what it takes over from its pod."""
    if pod is None:
        return
    common = section(pod.spec, "securityContext")
    for name, container in pod.containers():
        yield name, {**common, **section(container, "securityContext")}


def _limits(resource: PlannedResource, _: Setting) -> Iterator[str]:
    pod = pod_of(resource)
    for name, container in pod.containers() if pod else ():
        amounts = section(container, "resources")
        missing = []
        for amount in _AMOUNTS:
            kind, what = amount.split(".")
            if section(amounts, kind).get(what) is None:
                missing.append(amount)
        if missing:
            yield f"container {name} has no {', '.join(missing)}: it could take the node from everyone else"


def _images(resource: PlannedResource, _: Setting) -> Iterator[str]:
    pod = pod_of(resource)
    if pod is None:
        return
    named = [(f"container {name}", container.get("image")) for name, container in pod.containers()]
    named += [
        (f"volume {name}", section(volume, "image").get("reference"))
        for name, volume in pod.volumes()
        if "image" in volume
    ]
    for what, reference in named:
        if reference == COMPUTED:
            continue
        why = floating(str(reference or ""))
        if why:
            yield f"the image of {what} {why}: give a version, or a digest"


def _host_paths(resource: PlannedResource, setting: Setting) -> Iterator[str]:
    if setting.local:
        return
    pod = pod_of(resource)
    for name, volume in pod.volumes() if pod else ():
        if "hostPath" in volume:
            yield f"volume {name} is a path of the node, which only a local cluster may give to pods"
    if resource.type.endswith(":PersistentVolume") and "hostPath" in section(resource.inputs, "spec"):
        yield "it is a path of one node, which only a local cluster may give to pods"


def _privileges(resource: PlannedResource, _: Setting) -> Iterator[str]:
    pod = pod_of(resource)
    if pod is None:
        return
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(key) is True:
            yield f"{key}: its pods share what is the node's"
    for name, container in pod.containers():
        for port in mappings(container.get("ports")):
            if "hostPort" in port:
                yield f"container {name} takes port {port['hostPort']} of the node"
    for name, context in _contexts(pod):
        yield from (f"container {name} {why}" for why in _more_than_needed(context))


def _more_than_needed(context: Mapping[str, Any]) -> Iterator[str]:
    capabilities = section(context, "capabilities")
    if context.get("privileged") is True:
        yield "is privileged: it is root on the node"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges: set allowPrivilegeEscalation: false"
    if capabilities.get("add"):
        yield f"has extra capabilities ({', '.join(map(str, capabilities['add']))})"
    if "ALL" not in (capabilities.get("drop") or ()):
        yield "keeps the runtime's capabilities: set capabilities: {drop: [ALL]}"
    if section(context, "seccompProfile").get("type") in (None, "Unconfined"):
        yield "may make any system call: set seccompProfile: {type: RuntimeDefault}"
    if context.get("procMount", "Default") != "Default":
        yield "sees more of /proc than it should"


def _network(resources: Sequence[PlannedResource], _: Setting) -> Iterator[tuple[PlannedResource, str]]:
    policies = [each for each in resources if each.type == "kubernetes:networking.k8s.io/v1:NetworkPolicy"]
    for resource in resources:
        pod = pod_of(resource)
        if pod is None:
            continue
        closed = {
            direction
            for policy in policies
            if policy.provider == resource.provider and _covers(policy, pod)
            for direction in directions(section(policy.inputs, "spec"))
        }
        missing = [direction for direction in ("Ingress", "Egress") if direction not in closed]
        if missing:
            yield (
                resource,
                f"no NetworkPolicy selects its pods for {' and '.join(missing)}: they are open to all",
            )


def _covers(policy: PlannedResource, pod: Pod) -> bool:
    namespace = section(policy.inputs, "metadata").get("namespace", "default")
    return namespace == pod.namespace and selects(
        section(section(policy.inputs, "spec"), "podSelector"), pod.labels
    )


GATES = (
    ResourceGate("runs-as-root", "No container runs as root.", _root),
    ResourceGate("no-limits", "Every container says what it needs and where it ends.", _limits),
    ResourceGate("floating-image", "Every image is one version, or a digest.", _images),
    ResourceGate("host-path", "Paths of nodes are mounted on local clusters only.", _host_paths),
    ResourceGate("privileged", "No pod has more of its node than a plain process needs.", _privileges),
    StackGate("no-network-policy", "NetworkPolicies close every pod in both directions.", _network),
)
