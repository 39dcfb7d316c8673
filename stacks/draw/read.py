"""A plan as a scene: what there is, where it is as far as trust goes, and what goes from where to where."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from components.policies import USER_SERVER
from stacks.draw import doors, traffic, volumes
from stacks.draw.cloud import cloud_boxes
from stacks.draw.metrics import UNBROKEN
from stacks.draw.pods import Pods, runtime_pods, workloads
from stacks.draw.rights import rights, some
from stacks.draw.scene import Box, Line, Link, Place, Scene, Shape, Way
from stacks.plan import Plan

PEOPLE = Box(
    key="people",
    title="People",
    shape=Shape.PEOPLE,
    place=Place.CLIENTS,
    lines=(Line("browsers"), Line("and clients")),
)
API = "cluster/api"
DATABASE_PORTS = {5432: "PostgreSQL", 3306: "MySQL", 6379: "Redis"}
KNOWN_PORTS = {
    **DATABASE_PORTS,
    22: "SSH",
    53: "DNS",
    80: "HTTP",
    443: "HTTPS",
    636: "LDAPS",
    873: "rsync",
    1094: "XRootD",
    2049: "NFS",
    4505: "Salt",
    6443: "Kubernetes",
    8443: "HTTPS",
    9000: "S3",
}
TITLES = {USER_SERVER: "People's servers"}
RUNTIME_LAYER = "people's own code"


def scene_of(plan: Plan) -> Scene:
    """Return what a plan's drawing says."""
    return _Reader(plan).scene()


def subtitle_of(plan: Plan) -> str:
    """Return what is said of a site below its title: its name and its address."""
    return " · ".join(filter(None, (f"site {plan.stack}", str(plan.outputs.get("url") or ""))))


class _Reader:
    """Reads one plan; what has been read so far is in its attributes."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.objects = plan.manifests()
        planned = workloads(plan)
        self.pods: Sequence[Pods] = [*planned, *runtime_pods(plan, planned)]
        self.by_key = {each.key: each for each in self.pods}
        self.policies = traffic.policies_of(self.objects, self.pods)
        self.services = doors.Services.of(self.objects, self.pods)
        self.entries = doors.entries(plan, self.services)
        self.doors = doors.doors(self.objects, self.services)
        self.named = volumes.named_claims(plan, self.pods)
        self.volumes = volumes.volumes(plan, self.pods, self.named)

    def scene(self) -> Scene:
        """Return all of it."""
        names = sorted(each["metadata"]["name"] for each in self.objects if each["kind"] == "Namespace")
        boxes = [
            *self._entry_boxes(),
            *(self._pods_box(each) for each in self.pods),
            *self._volume_boxes(),
            *cloud_boxes(self.plan),
        ]
        links = [*self._entry_links(), *self._door_links(), *self._flows(), *self._mounts()]
        for found in (self._rights(), self._entering(), self._leaving()):
            more_boxes, more_links = found
            boxes += more_boxes
            links += more_links
        outputs: Mapping[str, Any] = self.plan.outputs
        return Scene(
            title=str(outputs.get("title") or self.plan.stack),
            subtitle=subtitle_of(self.plan),
            boxes=tuple(boxes),
            links=tuple(_merged(links)),
            places={
                Place.CLIENTS: "Outside",
                Place.GATE: f"Cluster {self._context()}".rstrip(),
                Place.SITE: "Namespace " + (", ".join(names) or "of the site"),
                Place.DATA: "volumes",
                Place.OUTSIDE: "May be reached",
            },
        )

    def _context(self) -> str:
        for resource in self.plan.resources:
            if resource.type == "pulumi:providers:kubernetes":
                # Of a long name, the end says which it is: arn:aws:eks:…:cluster/name.
                return str(resource.inputs.get("context") or "").rpartition("/")[2]
        return ""

    # -- boxes --------------------------------------------------------------------------------------------

    def _entry_boxes(self) -> Iterator[Box]:
        if self.entries:
            yield PEOPLE
        for entry in self.entries:
            hosts = entry.hosts or self._hosts_behind(entry)
            lines = [*(Line(host) for host in hosts)]
            if entry.ports:
                lines.append(Line(f"port {', '.join(entry.ports)}"))
            yield Box(
                key=entry.key,
                title=entry.title,
                shape=Shape.ENTRY,
                place=Place.GATE,
                lines=tuple(lines),
                urn=entry.urn,
            )

    def _hosts_behind(self, entry: doors.Entry) -> Sequence[str]:
        proxies = {key for key, _ in entry.targets}
        return list(dict.fromkeys(each.host for each in self.doors if each.proxy in proxies and each.host))

    def _pods_box(self, pods: Pods) -> Box:
        runtime = pods.urn is None
        lines = [Line(_kind(pods))]
        if pods.ports:
            lines.append(Line(f"listens on {', '.join(map(str, sorted(set(pods.ports.values()))))}"))
        if not traffic.isolated(pods, self.policies):
            lines.append(Line("no network policy: open", strong=True))
        return Box(
            key=pods.key,
            title=TITLES.get(pods.name, pods.name),
            shape=_shape(pods),
            place=Place.SITE,
            layer=RUNTIME_LAYER if runtime else pods.layer,
            lines=(*lines, *self._door_lines(pods)),
            urn=pods.urn,
        )

    def _doors_of(self, pods: Pods) -> list[doors.Door]:
        return sorted((each for each in self.doors if each.proxy == pods.key), key=lambda each: each.host)

    def _door_lines(self, pods: Pods) -> Iterator[Line]:
        for door in self._doors_of(pods):
            target = self.by_key[door.target]
            yield Line(door.host or "every host", strong=True)
            text = f"{'  '.join(door.paths) or '/'}  →{UNBROKEN}{TITLES.get(target.name, target.name)}"
            yield Line(text, door=_door_key(door))

    def _volume_boxes(self) -> Iterator[Box]:
        for volume in self.volumes:
            resource = volume.resource
            yield Box(
                key=volume.key,
                title=volume.name,
                shape=Shape.VOLUME,
                place=Place.DATA,
                lines=tuple(Line(text) for text in volume.details),
                urn=resource.urn if resource else None,
            )

    # -- links --------------------------------------------------------------------------------------------

    def _entry_links(self) -> Iterator[Link]:
        for entry in self.entries:
            ports = tuple(f"port {port}" for port in entry.ports)
            yield Link(source=PEOPLE.key, target=entry.key, way=Way.TRAFFIC, labels=ports)
            for key, port in entry.targets:
                yield Link(source=entry.key, target=key, way=Way.TRAFFIC, labels=(str(port),))

    def _door_links(self) -> Iterator[Link]:
        for pods in self.pods:
            for door in self._doors_of(pods):
                yield Link(
                    source=door.proxy,
                    target=door.target,
                    way=Way.TRAFFIC,
                    labels=(f"{door.host}{' '.join(door.paths)}",),
                    door=_door_key(door),
                )

    def _flows(self) -> Iterator[Link]:
        doors_ = {(each.proxy, each.target) for each in self.doors}
        flows = {(each.source, each.target): each.ports for each in traffic.between(self.pods, self.policies)}
        for (source, target), ports in flows.items():
            if (source, target) in doors_:
                continue
            back = flows.get((target, source))
            mutual = back is not None and (target, source) not in doors_
            if mutual and source > target:
                continue
            labels = [f"{self._name(target)} on {ports}"]
            if mutual:
                labels.append(f"{self._name(source)} on {back}")
            yield Link(source=source, target=target, way=Way.TRAFFIC, labels=tuple(labels), both=mutual)

    def _mounts(self) -> Iterator[Link]:
        never = {volume.key for volume in self.volumes if volume.read_only}

        def link(pods: str, volume: str, label: str, *, read_only: bool) -> Link:
            way = Way.READ if read_only or volume in never else Way.WRITE
            return Link(source=pods, target=volume, way=way, labels=(label,))

        for mount in volumes.mounts(self.pods):
            yield link(mount.pods, mount.volume, mount.path, read_only=mount.read_only)
        for named in self.named:
            for pods in self.pods:
                if pods.urn is None and f'"{pods.name}"' in named.document:
                    yield link(pods.key, f"volume/{named.claim}", "a part each", read_only=named.read_only)

    def _rights(self) -> tuple[list[Box], list[Link]]:
        found = list(rights(self.objects, self.pods))
        if not found:
            return [], []
        lines = tuple(Line(f"{self._name(each.pods)} {each}") for each in found)
        box = Box(
            key=API,
            title="Kubernetes API",
            shape=Shape.SERVICE,
            place=Place.CLUSTER,
            lines=lines,
        )
        links = [Link(source=each.pods, target=API, way=Way.CONTROL, labels=(str(each),)) for each in found]
        return [box], links

    def _entering(self) -> tuple[list[Box], list[Link]]:
        """Return who may call in beside those who come through an entry, and what they may call."""
        let_in = {(key, port) for entry in self.entries for key, port in entry.targets}
        boxes: dict[str, Box] = {}
        links = []
        for pods in self.pods:
            for key, peer, ports in traffic.entering(pods, self.policies):
                numbers = ports.numbers or tuple(pods.ports.values())
                rest = tuple(number for number in numbers if (key, number) not in let_in)
                if numbers and not rest:
                    continue
                box = _peer_box(peer, Place.GATE)
                boxes.setdefault(box.key, box)
                label = str(traffic.Ports(rest))
                links.append(Link(source=box.key, target=key, way=Way.TRAFFIC, labels=(label,)))
        return list(boxes.values()), links

    def _leaving(self) -> tuple[list[Box], list[Link]]:
        """Return where the site may go, and who may; what everybody asks names of is not drawn with lines."""
        callers: dict[traffic.Peer, dict[str, traffic.Ports]] = {}
        for pods in self.pods:
            for key, peer, ports in traffic.leaving(pods, self.policies):
                merged = callers.setdefault(peer, {})
                merged[key] = merged[key] | ports if key in merged else ports
        boxes, links = [], []
        for peer, ports in callers.items():
            only_names = all(of.numbers and set(of.numbers) <= traffic.DNS_PORTS for of in ports.values())
            place = Place.CLUSTER if peer.kind == "namespace" else Place.OUTSIDE
            box = self._callee(peer, ports, place, only_names=only_names)
            boxes.append(box)
            if not only_names:
                links += [
                    Link(source=key, target=box.key, way=Way.TRAFFIC, labels=(str(of),))
                    for key, of in ports.items()
                ]
        return boxes, links

    def _callee(
        self, peer: traffic.Peer, ports: Mapping[str, traffic.Ports], place: Place, *, only_names: bool
    ) -> Box:
        if only_names:
            names = [self._name(key) for key in ports]
            return Box(
                key=f"{place}/names",
                title="Cluster DNS",
                shape=Shape.SERVICE,
                place=place,
                lines=(Line(f"asked by {some(names)}"),),
                notes=(f"asked by {', '.join(names)}",),
            )
        box = _peer_box(peer, place)
        every = {number for of in ports.values() for number in of.numbers}
        if every and every <= DATABASE_PORTS.keys() and peer.kind == "network":
            (kind, *_) = [DATABASE_PORTS[number] for number in sorted(every)]
            box = replace(box, title=kind, shape=Shape.DATABASE, lines=(Line(peer.name),))
        if len(set(ports.values())) == 1:
            lines = [Line(_spoken(next(iter(ports.values()))))]
        else:
            lines = [Line(f"{self._name(key)}: {of}") for key, of in ports.items()]
        return replace(box, lines=(*box.lines, *lines))

    def _name(self, key: str) -> str:
        name = self.by_key[key].name
        return TITLES.get(name, name)


def _door_key(door: doors.Door) -> str:
    return f"{door.host} {door.target}"


def _peer_box(peer: traffic.Peer, place: Place) -> Box:
    if peer.kind == "internet":
        title = "Any address" if peer.private else "Internet"
        lines = (Line("private networks, too" if peer.private else "no private networks"),)
        return Box(key=f"{place}/{title}", title=title, shape=Shape.NETWORK, place=place, lines=lines)
    if peer.kind == "namespace":
        lines = (Line("another namespace"),) if peer.name != "other namespaces" else ()
        title = peer.name
        return Box(key=f"{place}/{title}", title=title, shape=Shape.SERVICE, place=place, lines=lines)
    return Box(key=f"{place}/{peer.name}", title=peer.name, shape=Shape.NETWORK, place=place)


def _spoken(ports: traffic.Ports) -> str:
    return ", ".join(
        f"{number} {KNOWN_PORTS[number]}" if number in KNOWN_PORTS else str(number)
        for number in ports.numbers
    ) or str(ports)


def _kind(pods: Pods) -> str:
    spec: Mapping[str, Any] = pods.manifest.get("spec") or {}
    if pods.urn is None:
        return "made while the site runs"
    if pods.kind == "DaemonSet":
        return "on every node"
    if pods.kind == "CronJob":
        return f"CronJob, {spec.get('schedule')}"
    if pods.kind == "Job":
        return "Job, once"
    replicas = spec.get("replicas", 1) if pods.kind in ("Deployment", "StatefulSet") else None
    return pods.kind if replicas is None else f"{pods.kind}, {replicas} pod{'' if replicas == 1 else 's'}"


def _shape(pods: Pods) -> Shape:
    if pods.urn is None:
        return Shape.RUNTIME
    if pods.kind in ("Job", "CronJob"):
        return Shape.JOB
    if set(pods.ports.values()) & DATABASE_PORTS.keys():
        return Shape.DATABASE
    return Shape.PODS


def _merged(links: Iterable[Link]) -> Iterator[Link]:
    """Yield links, those that go the same way between the same ends as one; reading and writing is writing."""
    found: dict[tuple[str, str, bool, str], Link] = {}
    for link in links:
        if link.source == link.target:
            continue
        mount = link.way in (Way.READ, Way.WRITE)
        key = (link.source, link.target, mount, link.door)
        if key not in found:
            found[key] = link
            continue
        way = Way.WRITE if Way.WRITE in (found[key].way, link.way) else found[key].way
        labels = tuple(dict.fromkeys((*found[key].labels, *link.labels)))
        found[key] = replace(found[key], way=way, labels=labels, both=found[key].both or link.both)
    yield from found.values()
