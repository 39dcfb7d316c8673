"""One layer of a site planned by itself, in a namespace and on a cluster of the test's own."""

from collections.abc import Callable, Mapping

import pulumi
import pulumi_kubernetes as k8s

from components.kubernetes import declare
from components.place import Place
from infra.cluster import Cluster, VolumeSource
from infra.spec import NodePoolSpec, Purpose
from stacks.plan import Plan, PlannedResource, plan

Layer = Callable[[Place, pulumi.ResourceOptions], object]

VOLUMES: Mapping[Purpose, VolumeSource] = {
    "homes": VolumeSource(storage_class="cephfs"),
    "projects": VolumeSource(storage_class="cephfs"),
    "scratch": VolumeSource(storage_class="cephfs"),
    "data": VolumeSource(storage_class="cephfs"),
    "software": VolumeSource(storage_class="cephfs"),
    "backups": VolumeSource(storage_class="cephfs"),
    "state": VolumeSource(storage_class="ssd", access_mode="ReadWriteOnce"),
}


def planned_layer(
    layer: Layer,
    *,
    disposable: bool = False,
    node_pools: Mapping[str, NodePoolSpec] | None = None,
    secrets: tuple[str, ...] = (),
) -> Plan:
    """Return the plan of a site ``demo`` that has nothing but one layer.

    Parameters
    ----------
    layer
        Constructs the layer, given its place and the options of its component.
    secrets
        Secret configuration that the layer asks for.
    """

    def program() -> None:
        provider = k8s.Provider("cluster", context="demo")
        space = declare(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "science-demo"}},
            "demo",
            pulumi.ResourceOptions(provider=provider),
        )
        assert isinstance(space, k8s.core.v1.Namespace)
        place = Place(
            site="demo",
            title="Demo",
            disposable=disposable,
            cluster=Cluster(provider=provider, volumes=VOLUMES, node_pools=node_pools or {}),
            namespace=space,
            image=lambda image: f"registry.example.org/{image}:1",
        )
        layer(place, pulumi.ResourceOptions(providers=[provider]))

    return plan(program, stack="demo", config={}, secrets=secrets)


def objects_of(planned: Plan, prefix: str) -> dict[str, PlannedResource]:
    """Return the Kubernetes objects of a layer by kind and resource name, such as ``Secret sign-in``.

    The names are without the prefix, which is that of the layer's component.
    """
    return {
        f"{resource.inputs['kind']} {resource.name.removeprefix(f'{prefix}-')}": resource
        for resource in planned.resources
        if resource.is_manifest and resource.name.startswith(f"{prefix}-")
    }
