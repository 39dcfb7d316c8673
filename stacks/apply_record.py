"""What a stack has applied, remembered in the cluster itself: one Secret per stack, without any secret value.

It is a Secret rather than a ConfigMap because hashes of manifests, some with passwords in them, are nobody's
business. The namespace is made with the first stack and goes with the last.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

from infra.kube import Kube
from stacks.apply_objects import Identity

NAMESPACE = "science-platform-state"
LABELS = {"app.kubernetes.io/part-of": "science-platform", "app.kubernetes.io/component": "state"}
MANAGER = "science-platform-state"
_FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One applied object.

    Attributes
    ----------
    version
        The API version by which it was applied last.
    applied
        Hash of the manifest; empty while it is not known to have been applied.
    live
        Hash of the manifest's part of the live object, just after it had been applied.
    patch_manager
        Set where only some fields of someone else's object were applied: the field manager that owns them.
    autonamed
        Whether the name was made from the resource's URN; it is kept when the resource is renamed.
    """

    urn: str
    identity: Identity
    version: str
    applied: str = ""
    live: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    dependencies: tuple[str, ...] = ()
    patch_manager: str = ""
    autonamed: bool = False


@dataclass
class Record:
    """What one stack has applied.

    Attributes
    ----------
    entries
        By URN, in the order in which the program constructs the resources.
    doomed
        Objects that others have taken the place of, and that are still to be deleted.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    doomed: list[Entry] = field(default_factory=list)

    def find(self, urn: str, aliases: Iterable[str]) -> Entry | None:
        """Return the entry of a resource, by its URN or any that it may have had."""
        return next((self.entries[each] for each in (urn, *aliases) if each in self.entries), None)

    def take_over(self, urn: str, aliases: Iterable[str]) -> Entry | None:
        """Return the entry of a resource, from now on under its present URN."""
        found = self.find(urn, aliases)
        if found and found.urn != urn:
            old = found.urn
            found = replace(found, urn=urn)
            # In its old place: the order is what deletion goes by.
            self.entries = {
                urn if key == old else key: _renamed(found if key == old else entry, old, urn)
                for key, entry in self.entries.items()
            }
        return found

    def in_order(self, urns: Iterable[str]) -> None:
        """Put the entries into the program's order; those that it no longer has come last, to be deleted first."""
        wanted = [urn for urn in urns if urn in self.entries]
        gone = [urn for urn in self.entries if urn not in set(wanted)]
        self.entries = {urn: self.entries[urn] for urn in (*wanted, *gone)}


def _renamed(entry: Entry, old: str, new: str) -> Entry:
    return replace(entry, dependencies=tuple(new if urn == old else urn for urn in entry.dependencies))


def to_json(record: Record) -> str:
    """Return the record as it is kept."""
    return json.dumps(
        {
            "format": _FORMAT,
            "entries": [asdict(entry) for entry in record.entries.values()],
            "doomed": [asdict(entry) for entry in record.doomed],
        },
        separators=(",", ":"),
    )


def from_json(text: str) -> Record:
    """Return the record again; `ValueError` where a later version of this program has written it."""
    content = json.loads(text)
    if content["format"] != _FORMAT:
        raise ValueError(
            f"the stack's record is in format {content['format']}, and this version reads {_FORMAT}: use the "
            "version of the platform that applied it last"
        )
    return Record(
        entries={entry["urn"]: _entry(entry) for entry in content["entries"]},
        doomed=[_entry(entry) for entry in content["doomed"]],
    )


def _entry(content: Mapping[str, object]) -> Entry:
    fields = dict(content)
    fields["identity"] = Identity(**fields["identity"])  # type: ignore[arg-type] - as asdict wrote it
    fields["dependencies"] = tuple(fields["dependencies"])  # type: ignore[arg-type] - as asdict wrote it
    return Entry(**fields)  # type: ignore[arg-type] - as asdict wrote it


class Store:
    """Where a stack's record is kept.

    Parameters
    ----------
    kube
        The cluster that the stack is in.
    stack
        Its name, which is the Secret's.
    """

    def __init__(self, kube: Kube, stack: str) -> None:
        self._kube = kube
        self._stack = stack
        self._kept = ""

    def load(self) -> Record:
        """Return the record; an empty one where nothing has been applied."""
        found = self._kube.get("v1", "Secret", self._stack, NAMESPACE)
        if not found:
            return Record()
        self._kept = base64.b64decode(found["data"]["record.json"]).decode()
        return from_json(self._kept)

    def save(self, record: Record) -> None:
        """Keep the record, if it has changed since."""
        text = to_json(record)
        if text == self._kept:
            return
        metadata = {"name": self._stack, "namespace": NAMESPACE, "labels": LABELS}
        data = {"record.json": base64.b64encode(text.encode()).decode()}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        self._kube.apply(secret, manager=MANAGER, force=True)
        self._kept = text

    def delete(self) -> None:
        """Forget the stack."""
        self._kube.delete("v1", "Secret", self._stack, NAMESPACE)


def ensure_namespace(kube: Kube) -> None:
    """Make the namespace of the records, if there is none."""
    found = kube.get("v1", "Namespace", NAMESPACE)
    if found and "deletionTimestamp" in found["metadata"]:  # the last stack has only just gone
        found = kube.wait(
            "v1", "Namespace", NAMESPACE, until=lambda namespace: namespace is None, timeout=120
        )
    if not found:
        metadata = {"name": NAMESPACE, "labels": LABELS}
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, manager=MANAGER)


def delete_namespace_if_unused(kube: Kube) -> None:
    """Delete the namespace of the records with the last of them."""
    used = (
        *kube.list("v1", "Secret", NAMESPACE, labels=LABELS),
        *kube.list("coordination.k8s.io/v1", "Lease", NAMESPACE, labels=LABELS),
    )
    if not used:
        kube.delete("v1", "Namespace", NAMESPACE)
