"""Doors: how people's requests get to pods, from Services, Ingresses, HTTPRoutes and what a proxy is told."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.objects import Manifest
from stacks.draw.pods import Pods
from stacks.plan import Plan
from stacks.resources import PlannedResource


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A way into the cluster.

    Attributes
    ----------
    title
        What it is, such as ``Ingress nginx``.
    hosts
        Names that it answers to; none where it takes all.
    ports
        Where it listens, as people write it.
    targets
        Keys of the pods that it leads to, with the ports of theirs.
    """

    key: str
    title: str
    urn: str
    hosts: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    targets: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Door:
    """What a proxy sends on: below some paths of a host, to pods."""

    proxy: str
    host: str
    paths: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class Services:
    """The Services of a site, and the pods behind them."""

    objects: Mapping[tuple[str, str], Manifest]
    pods: Sequence[Pods]

    @classmethod
    def of(cls, objects: Iterable[Manifest], pods: Sequence[Pods]) -> "Services":
        """Return those among objects."""
        found = [each for each in objects if each["kind"] == "Service"]
        return cls(
            {(each["metadata"].get("namespace", ""), each["metadata"]["name"]): each for each in found}, pods
        )

    def behind(self, namespace: str, name: str, port: object = None) -> tuple[tuple[str, int], ...]:
        """Return the pods behind a Service with their ports: of one port of the Service, by number or name, or all."""
        service = self.objects.get((namespace, name))
        selector = (service or {}).get("spec", {}).get("selector") or {}
        if service is None or not selector:
            return ()
        wanted = [
            each
            for each in service["spec"].get("ports") or ()
            if port in (None, each.get("name"), each["port"])
        ]
        return tuple(
            (pods.key, _pod_port(pods, each))
            for pods in self.pods
            if pods.namespace == namespace and selector.items() <= pods.labels.items()
            for each in wanted
        )

    def named(self, namespace: str, address: str) -> str | None:
        """Return the pods behind an address that a proxy dials, such as ``proxy:8000``."""
        host, _, port = address.rpartition(":")
        name, _, rest = host.partition(".")
        found = self.behind(rest.split(".")[0] or namespace, name, int(port) if port.isdecimal() else None)
        return found[0][0] if found else None


def _pod_port(pods: Pods, port: dict[str, Any]) -> int:
    number: int = port["port"]
    target = port.get("targetPort", number)
    return target if isinstance(target, int) else pods.ports.get(target, number)


def entries(plan: Plan, services: Services) -> list[Entry]:
    """Return the ways into the cluster that a plan declares, in program order."""
    readers = {"Service": _published, "Ingress": _ingress, "HTTPRoute": _http_route}
    found = [
        readers[str(each.inputs["kind"])](each, services)
        for each in plan.resources
        if each.is_manifest and each.inputs["kind"] in readers
    ]
    return [entry for entry in found if entry is not None]


def _published(resource: PlannedResource, services: Services) -> Entry | None:
    service: Any = resource.inputs
    kind = service["spec"].get("type", "ClusterIP")
    if kind not in ("LoadBalancer", "NodePort"):
        return None
    metadata = service["metadata"]
    ports = [
        str(port["nodePort"] if kind == "NodePort" and "nodePort" in port else port["port"])
        for port in service["spec"].get("ports") or ()
    ]
    return Entry(
        key=f"entry/Service/{metadata['name']}",
        title="Load balancer" if kind == "LoadBalancer" else "Node port",
        urn=resource.urn,
        ports=tuple(dict.fromkeys(ports)),
        targets=services.behind(metadata.get("namespace", ""), metadata["name"]),
    )


def _ingress(resource: PlannedResource, services: Services) -> Entry:
    ingress: Any = resource.inputs
    metadata, spec = ingress["metadata"], ingress["spec"]
    rules = spec.get("rules") or ()
    backends = [path["backend"] for rule in rules for path in (rule.get("http") or {}).get("paths") or ()]
    if "defaultBackend" in spec:
        backends.append(spec["defaultBackend"])
    targets = [
        target
        for backend in backends
        if "service" in backend
        for target in services.behind(
            metadata.get("namespace", ""),
            backend["service"]["name"],
            next(iter((backend["service"].get("port") or {}).values()), None),
        )
    ]
    return Entry(
        key=f"entry/Ingress/{metadata['name']}",
        title=f"Ingress {spec.get('ingressClassName', '')}".rstrip(),
        urn=resource.urn,
        hosts=tuple(dict.fromkeys(rule["host"] for rule in rules if rule.get("host"))),
        ports=("443",) if spec.get("tls") else ("80",),
        targets=tuple(dict.fromkeys(targets)),
    )


def _http_route(resource: PlannedResource, services: Services) -> Entry:
    route: Any = resource.inputs
    metadata, spec = route["metadata"], route["spec"]
    backends = [each for rule in spec.get("rules") or () for each in rule.get("backendRefs") or ()]
    targets = [
        target
        for each in backends
        for target in services.behind(
            each.get("namespace", metadata.get("namespace", "")), each["name"], each.get("port")
        )
    ]
    gateways = ", ".join(each["name"] for each in spec.get("parentRefs") or ())
    return Entry(
        key=f"entry/HTTPRoute/{metadata['name']}",
        title=f"Gateway {gateways}".rstrip(),
        urn=resource.urn,
        hosts=tuple(spec.get("hostnames") or ()),
        targets=tuple(dict.fromkeys(targets)),
    )


def doors(objects: Iterable[Manifest], services: Services) -> list[Door]:
    """Return what the proxies among the pods send on, by the configuration that is mounted into them."""
    maps = {
        each["metadata"]["name"]: each.get("data") or {} for each in objects if each["kind"] == "ConfigMap"
    }
    found: dict[tuple[str, str, str], Door] = {}
    for pods in services.pods:
        for document in _documents(pods, maps):
            for host, paths, address in _routes(document, "", ()):
                target = services.named(pods.namespace, address)
                if target is None or target == pods.key:
                    continue
                door = found.setdefault(
                    (pods.key, host, target), Door(proxy=pods.key, host=host, paths=(), target=target)
                )
                found[pods.key, host, target] = replace(door, paths=tuple(sorted({*door.paths, *paths})))
    return list(found.values())


def _documents(pods: Pods, maps: Mapping[str, Mapping[str, str]]) -> Iterator[object]:
    """Yield what is JSON among the files that are mounted into pods from ConfigMaps."""
    for volume in (volume for spec in pods.specs for volume in spec.get("volumes") or ()):
        for text in maps.get((volume.get("configMap") or {}).get("name", ""), {}).values():
            try:
                yield json.loads(text)
            except ValueError:
                continue


def _routes(value: object, host: str, paths: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield host, paths and address of all that a Caddy configuration proxies to."""
    if isinstance(value, list):
        for item in value:
            yield from _routes(item, host, paths)
    if not isinstance(value, Mapping):
        return
    matches = value.get("match")
    if isinstance(matches, list):
        hosts = [name for match in matches for name in match.get("host") or ()]
        host = ", ".join(hosts) or host
        paths = tuple(_path(path) for match in matches for path in match.get("path") or ()) or paths
    for upstream in value.get("upstreams") or ():
        yield host, paths, upstream["dial"]
    for key, item in value.items():
        if key not in ("match", "upstreams"):
            yield from _routes(item, host, paths)


def _path(pattern: str) -> str:
    """Return the path that a pattern is of: ``/hub`` for ``/hub`` and ``/hub/*``."""
    return pattern.removesuffix("*").rstrip("/") or "/"
