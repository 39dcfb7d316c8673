"""From a manifest to a typed Pulumi resource: the one place where Kubernetes objects are declared."""

import base64
import importlib
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from components.objects import Manifest

_SNAKE = re.compile(r"(?<=[a-z0-9])([A-Z])")


def resource_class(api_version: str, kind: str) -> type[pulumi.CustomResource]:
    """Return pulumi_kubernetes' class of a built-in kind.

    Raises
    ------
    ValueError
        If Pulumi's SDK does not know the kind.
    """
    group, _, version = api_version.rpartition("/")
    # Only Kubernetes' own groups are shortened: apps.example.org is not apps.
    package = group.split(".")[0] if group.endswith(".k8s.io") else group or "core"
    try:
        module = importlib.import_module(f"pulumi_kubernetes.{package}.{version}")
        return getattr(module, kind)
    except (ModuleNotFoundError, AttributeError):
        raise ValueError(f"{api_version} {kind} is not a kind that pulumi_kubernetes knows") from None


def declare(
    manifest: Manifest, prefix: str, options: pulumi.ResourceOptions, *, name: str | None = None
) -> pulumi.CustomResource:
    """Declare one manifest as a resource named ``<prefix>-<name>``.

    Parameters
    ----------
    manifest
        The object; ``apiVersion`` and ``kind`` pick the resource's type.
    prefix
        Name of the component that declares it: a URN holds the parent's type, not its name.
    options
        The resource's options; the parent at least.
    name
        Resource name, where the object's own may change (it holds a hash).
    """
    arguments = {
        _SNAKE.sub(r"_\1", key).lower(): value
        for key, value in manifest.items()
        if key not in ("apiVersion", "kind")
    }
    cls: Any = resource_class(manifest["apiVersion"], manifest["kind"])
    return cls(f"{prefix}-{name or manifest['metadata']['name']}", opts=options, **arguments)


def declare_all(
    manifests: Mapping[str, Manifest], prefix: str, options: pulumi.ResourceOptions
) -> dict[str, pulumi.CustomResource]:
    """Declare manifests by resource name; return the resources under the same names."""
    return {name: declare(manifest, prefix, options, name=name) for name, manifest in manifests.items()}


def secret_data(values: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Output[str]]:
    """Return values as a Secret's ``data``: base64, and secret to Pulumi."""
    return {
        key: pulumi.Output.secret(value).apply(lambda plain: base64.b64encode(plain.encode()).decode())
        for key, value in values.items()
    }


def made_once(options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Return options for a Secret of random values: made at the first ``up``, then left alone."""
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(ignore_changes=["data"]))


def keeping(options: pulumi.ResourceOptions, *, keep: bool) -> pulumi.ResourceOptions:
    """Return options under which a resource outlives ``down`` when it is to be kept."""
    if not keep:
        return options
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(protect=True, retain_on_delete=True))
