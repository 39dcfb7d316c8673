"""Fields of Kubernetes objects that cannot change in place, by Kubernetes' validation and Pulumi's provider.

Where the API server refuses a change, Pulumi's provider replaces the object (``provider/pkg/provider/diff.go``
of pulumi-kubernetes) or fails; both count as a replacement here, since there is no third way to make the change.
"""

import re
from collections.abc import Mapping
from typing import Any

from stacks.diff.fields import keys_of
from stacks.diff.model import Field

Keys = tuple[str, ...]

_ALWAYS: tuple[Keys, ...] = (("metadata", "name"), ("metadata", "namespace"))
_SELECTOR: tuple[Keys, ...] = (("spec", "selector"),)
_ROLE: tuple[Keys, ...] = (("roleRef",),)

FIXED: Mapping[str, tuple[Keys, ...]] = {
    "CustomResourceDefinition": (("spec", "group"), ("spec", "scope"), ("spec", "names")),
    "ClusterRoleBinding": _ROLE,
    "CSIDriver": (("spec", "attachRequired"), ("spec", "volumeLifecycleModes"), ("spec", "fsGroupPolicy")),
    "DaemonSet": _SELECTOR,
    "Deployment": _SELECTOR,
    "IngressClass": (("spec", "controller"),),
    "Job": tuple(
        ("spec", key)
        for key in (
            "backoffLimitPerIndex",
            "completionMode",
            "completions",
            "managedBy",
            "parallelism",
            "podFailurePolicy",
            "podReplacementPolicy",
            "selector",
            "successPolicy",
            "template",
        )
    ),
    "PersistentVolume": (("spec", "nodeAffinity"), ("spec", "volumeMode")),
    "PriorityClass": (("value",), ("preemptionPolicy",)),
    "ReplicaSet": _SELECTOR,
    "ResourceQuota": (("spec", "scopes"), ("spec", "scopeSelector")),
    "RoleBinding": _ROLE,
    "RuntimeClass": (("handler",),),
    "Secret": (("type",),),
    "Service": (("spec", "clusterIP"), ("spec", "clusterIPs")),
    "StorageClass": (("parameters",), ("provisioner",), ("reclaimPolicy",), ("volumeBindingMode",)),
    "VolumeAttributesClass": (("driverName",), ("parameters",)),
}
"""By kind: fields that are fixed, with all below them."""

CHANGEABLE: Mapping[str, tuple[Keys, ...]] = {
    "PersistentVolumeClaim": (("spec", "resources"), ("spec", "volumeAttributesClassName")),
    "Pod": (("spec", "activeDeadlineSeconds"), ("spec", "terminationGracePeriodSeconds")),
    "StatefulSet": tuple(
        ("spec", key)
        for key in (
            "minReadySeconds",
            "ordinals",
            "persistentVolumeClaimRetentionPolicy",
            "replicas",
            "revisionHistoryLimit",
            "template",
            "updateStrategy",
        )
    ),
}
"""By kind: the only fields of the spec that are not fixed."""

VOLUME_SOURCES = frozenset(
    {
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "csi",
        "fc",
        "flexVolume",
        "gcePersistentDisk",
        "hostPath",
        "iscsi",
        "local",
        "nfs",
        "portworxVolume",
        "rbd",
        "scaleIO",
        "storageos",
        "vsphereVolume",
    }
)
"""Where a PersistentVolume's data is: for other data, another volume."""

_DATA = ("data", "stringData", "binaryData", "immutable")
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([EPTGMk]i?|Ki|m|)")
_UNITS = {"": 1.0, "m": 1e-3, "k": 1e3, "Ki": 2.0**10} | {
    unit: factor
    for power, letter in enumerate("MGTPE", 2)
    for unit, factor in ((letter, 1000.0**power), (f"{letter}i", 1024.0**power))
}


def quantity(text: object) -> float | None:
    """Return a quantity as Kubernetes writes it (``1.5Gi``, ``500m``) as a number; None where it is none."""
    match = _QUANTITY.fullmatch(str(text))
    return float(match[1]) * _UNITS[match[2]] if match else None


def is_fixed(field: Field, before: Mapping[str, Any], *, mutable: bool) -> bool:
    """Return whether a field of a Kubernetes object cannot change in place.

    Parameters
    ----------
    before
        The object as it was.
    mutable
        Whether the provider changes the content of this ConfigMap or Secret in place at all; one that is
        ``immutable`` never does.
    """
    if _below(keys_of(field.path), _ALWAYS):
        return True
    return _is_built_in(str(before.get("apiVersion"))) and _is_fixed_in(field, before, mutable=mutable)


def _is_fixed_in(field: Field, before: Mapping[str, Any], *, mutable: bool) -> bool:
    kind, keys = str(before.get("kind")), keys_of(field.path)
    if _below(keys, FIXED.get(kind, ())):
        return True
    if kind in ("ConfigMap", "Secret"):
        return keys[0] in _DATA and (
            before.get("immutable") is True or (not mutable and keys[0] in _DATA[:3])
        )
    if kind == "PersistentVolume":
        return keys[:1] == ("spec",) and keys[1:2] != () and keys[1] in VOLUME_SOURCES
    if kind == "PersistentVolumeClaim" and keys[:2] == ("spec", "resources"):
        return shrinks(field)
    return kind in CHANGEABLE and keys[:1] == ("spec",) and not _below(keys, CHANGEABLE[kind])


def _is_built_in(version: str) -> bool:
    """Return whether an API is Kubernetes' own: others have kinds of the same names."""
    group = version.rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def shrinks(field: Field) -> bool:
    """Return whether a claim asks for less than before, which no volume can do."""
    old, new = quantity(field.before), quantity(field.after)
    return keys_of(field.path)[-1] == "storage" and old is not None and (new is None or new < old)


def _below(keys: Keys, tops: tuple[Keys, ...]) -> bool:
    """Return whether a path is one of ``tops``, below one, or a whole that holds one."""
    return any(keys[: len(top)] == top or top[: len(keys)] == keys for top in tops)
