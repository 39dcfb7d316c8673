"""Small plans for comparisons: resources and programs by hand."""

from collections.abc import Callable
from typing import Any

import pulumi_kubernetes as k8s

from stacks.plan import Options, Plan, PlannedResource, plan

CLUSTER = "urn:pulumi:demo::science-platform::pulumi:providers:kubernetes::cluster"
MUTABLE = PlannedResource(
    urn=CLUSTER,
    type="pulumi:providers:kubernetes",
    name="cluster",
    parent=None,
    provider=None,
    inputs={"context": "demo", "enableConfigMapMutable": "true", "enableSecretMutable": "true"},
)
"""The provider of the resources below: it changes ConfigMaps and Secrets in place."""


def kubernetes(manifest: dict[str, Any], name: str | None = None, **fields: Any) -> PlannedResource:  # noqa: ANN401
    """Return a Kubernetes object as a resource of its name; further fields are those of the resource."""
    version = manifest["apiVersion"]
    type_ = f"kubernetes:{version if '/' in version else f'core/{version}'}:{manifest['kind']}"
    return resource(type_, name or manifest["metadata"]["name"], manifest, provider=CLUSTER, **fields)


def resource(type_: str, name: str, inputs: dict[str, Any], **fields: Any) -> PlannedResource:  # noqa: ANN401
    """Return a resource at the top of stack ``demo``; options may be given as keywords."""
    known = {key: fields.pop(key) for key in list(fields) if key in Options.__dataclass_fields__}
    required = {"parent": None, "provider": None, "options": Options(**known)}
    return PlannedResource(urn=urn(type_, name), type=type_, name=name, inputs=inputs, **(required | fields))


def urn(type_: str, name: str) -> str:
    """Return the URN of a resource at the top of stack ``demo``."""
    return f"urn:pulumi:demo::science-platform::{type_}::{name}"


def of(*resources: PlannedResource, **outputs: object) -> Plan:
    """Return a plan of these resources, after their provider."""
    return Plan("demo", "science-platform", (MUTABLE, *resources), outputs)


def planned(program: Callable[[], None], **arguments: Any) -> Plan:  # noqa: ANN401 - those of plan
    """Return the plan of a program of stack ``demo``, its secrets with fingerprints."""
    return plan(program, stack="demo", config={}, fingerprint=b"key", **arguments)


def provider(**arguments: Any) -> k8s.Provider:  # noqa: ANN401 - those of the provider
    """Declare a provider that leads to one cluster whatever else it says."""
    return k8s.Provider(
        "cluster",
        **{"context": "demo", "enable_config_map_mutable": True, "enable_secret_mutable": True} | arguments,
    )


def claim(
    name: str = "homes",
    size: str = "10Gi",
    storage_class: str = "fast",
    **fields: Any,  # noqa: ANN401 - those of the resource
) -> PlannedResource:
    """Return a claim."""
    spec = {"accessModes": ["ReadWriteMany"], "storageClassName": storage_class}
    return kubernetes(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": "science-demo"},
            "spec": {**spec, "resources": {"requests": {"storage": size}}},
        },
        fields.pop("resource_name", None),
        **fields,
    )


def workload(
    component: str = "hub",
    image: str = "example.org/hub:1",
    kind: str = "Deployment",
    **spec: Any,  # noqa: ANN401
) -> PlannedResource:
    """Return a workload with one container."""
    return kubernetes(
        {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {
                "name": component,
                "namespace": "science-demo",
                "labels": {"app.kubernetes.io/component": component},
            },
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": component}},
                "template": {"spec": {"containers": [{"name": component, "image": image}]}},
                **spec,
            },
        }
    )
