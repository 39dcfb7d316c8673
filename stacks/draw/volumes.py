"""Volumes, and who mounts them how."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.objects import Manifest
from stacks.draw.pods import Pods
from stacks.plan import Plan
from stacks.resources import PlannedResource

NOT_DATA = frozenset({"configMap", "secret", "emptyDir", "projected", "downwardAPI", "image"})
"""Sources of volumes that hold nothing of their own."""

MODES = {"ReadWriteMany": "many nodes", "ReadWriteOnce": "one node", "ReadWriteOncePod": "one pod"}
"""How many may write, in words."""

CLAIMS = ("claim", "claimName")
"""Keys under which documents that pods read name claims."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Where data is kept.

    Attributes
    ----------
    details
        What is said of it, line by line.
    read_only
        Whether nobody may write to it, however it is mounted.
    resource
        Where the plan has it; None for what is there already.
    """

    key: str
    name: str
    details: tuple[str, ...] = ()
    read_only: bool = False
    resource: PlannedResource | None = None


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A volume in pods."""

    pods: str
    volume: str
    path: str
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Named:
    """A claim in a document that pods read, and what the document says the claim is parted into."""

    claim: str
    document: str
    parts: tuple[str, ...] = ()
    read_only: bool = False


def volumes(plan: Plan, pods: Sequence[Pods], named: Sequence[Named]) -> list[Volume]:
    """Return all volumes that a plan declares or mounts, in program order."""
    claims = {each.inputs["metadata"]["name"]: each for each in _resources(plan, "PersistentVolumeClaim")}
    sources = {each.inputs["metadata"]["name"]: each for each in _resources(plan, "PersistentVolume")}
    bound = {claim.inputs["spec"].get("volumeName") for claim in claims.values()}
    alone = {name: each for name, each in sources.items() if name not in bound}
    parts = {each.claim: each.parts for each in named}
    found = {}
    for name, resource in (claims | alone).items():
        spec = resource.inputs["spec"]
        source = sources.get(spec.get("volumeName"))
        unknown = [f"volume {spec['volumeName']}"] if spec.get("volumeName") and source is None else []
        where = _sources(source.inputs["spec"] if source else spec)
        kept = resource.options.protect or resource.options.retain_on_delete
        details = (*_details(spec, kept=kept), *parts.get(name, ()), *unknown, *where)
        read_only = set(spec.get("accessModes") or ("",)) <= {"ReadOnlyMany"}
        key = f"volume/{name}"
        found[key] = Volume(key=key, name=name, details=details, read_only=read_only, resource=resource)
    for each in pods:
        for volume, _, _ in _of_pods(each):
            found.setdefault(volume.key, volume)
    return list(found.values())


def _resources(plan: Plan, kind: str) -> list[Any]:
    return [each for each in plan.resources if each.is_manifest and each.inputs["kind"] == kind]


def mounts(pods: Sequence[Pods]) -> Iterator[Mount]:
    """Yield what pods mount."""
    for each in pods:
        for volume, path, read_only in _of_pods(each):
            yield Mount(pods=each.key, volume=volume.key, path=path, read_only=read_only)


def _of_kind(objects: Iterable[Manifest], kind: str) -> list[Manifest]:
    return [each for each in objects if each["kind"] == kind]


def _details(spec: Mapping[str, Any], *, kept: bool = False) -> Iterator[str]:
    requests = (spec.get("resources") or {}).get("requests") or spec.get("capacity") or {}
    modes = [MODES.get(each, "read-only") for each in spec.get("accessModes") or ()]
    said = [str(requests.get("storage", "")), ", ".join(modes), "kept" if kept else ""]
    if any(said):
        yield " · ".join(filter(None, said))
    if spec.get("storageClassName"):
        yield f"class {spec['storageClassName']}"


def _sources(spec: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield where a volume's data is, as far as it is no secret: the server, or the driver."""
    for kind, source in (spec or {}).items():
        if kind in ("nfs", "hostPath", "local"):
            # What is masked says nothing.
            where = [str(source.get(key, "")) for key in ("server", "path")]
            told = ":".join(each for each in where if each and not each.startswith("["))
            yield f"{kind} {told}".rstrip()
        elif kind == "csi":
            yield str(source["driver"])


def _of_pods(pods: Pods) -> Iterator[tuple[Volume, str, bool]]:
    """Yield the volumes of pods, with where each is mounted first and whether it is only read there."""
    for template in (pods.manifest.get("spec") or {}).get("volumeClaimTemplates") or ():
        name = template["metadata"]["name"]
        key = f"volume/{pods.name}/{name}"
        yield (
            Volume(key=key, name=f"{name} of {pods.name}", details=tuple(_details(template["spec"]))),
            *_mounted(pods, name, read_only=False),
        )
    for spec in pods.specs:
        for volume in spec.get("volumes") or ():
            kind, source = next(
                ((kind, value) for kind, value in volume.items() if kind != "name"), ("emptyDir", {})
            )
            if kind in NOT_DATA:
                continue
            read_only = bool((source or {}).get("readOnly"))
            yield (
                _volume(pods, volume["name"], kind, source),
                *_mounted(pods, volume["name"], read_only=read_only),
            )


def _volume(pods: Pods, name: str, kind: str, source: Mapping[str, Any]) -> Volume:
    if kind == "persistentVolumeClaim":
        claim = source["claimName"]
        return Volume(key=f"volume/{claim}", name=claim, details=("there already",))
    if kind == "ephemeral":
        spec = source["volumeClaimTemplate"]["spec"]
        details = (*_details(spec), "gone with the pod")
        return Volume(key=f"volume/{pods.name}/{name}", name=f"{name} of {pods.name}", details=details)
    return Volume(
        key=f"volume/{pods.name}/{name}", name=name, details=tuple(_sources({kind: source})) or (kind,)
    )


def _mounted(pods: Pods, name: str, *, read_only: bool) -> tuple[str, bool]:
    found = [
        mount for each in pods.containers for mount in each.get("volumeMounts") or () if mount["name"] == name
    ]
    paths = list(dict.fromkeys(mount["mountPath"] for mount in found))
    return ", ".join(paths), read_only or (bool(found) and all(mount.get("readOnly") for mount in found))


def named_claims(plan: Plan, pods: Sequence[Pods]) -> list[Named]:
    """Return the claims that documents name: those of pods which their readers make while the site runs."""
    objects = plan.manifests()
    claims = {each["metadata"]["name"] for each in _of_kind(objects, "PersistentVolumeClaim")}
    data = {each["metadata"]["name"]: each.get("data") or {} for each in _of_kind(objects, "ConfigMap")}
    found = []
    for each in pods:
        names = [
            (volume.get("configMap") or {}).get("name", "")
            for spec in each.specs
            for volume in spec.get("volumes") or ()
        ]
        for text in (text for name in names for text in data.get(name, {}).values()):
            try:
                document = json.loads(text)
            except ValueError:
                continue
            found += [
                Named(claim=claim, document=text, parts=parts, read_only=read_only)
                for claim, parts, read_only in _claims(document, claims)
            ]
    return found


def _claims(value: object, known: set[str]) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Yield claims that a document names, each with what is in the mappings beside it, counted."""
    if isinstance(value, list):
        for item in value:
            yield from _claims(item, known)
    if not isinstance(value, Mapping):
        return
    for key in CLAIMS:
        if value.get(key) in known:
            parts = [f"{name}: {len(item)}" for name, item in value.items() if isinstance(item, Mapping)]
            yield value[key], tuple(parts), value.get("readOnly") is True
    for item in value.values():
        yield from _claims(item, known)
