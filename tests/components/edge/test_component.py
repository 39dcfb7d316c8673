"""What the component declares, as a plan shows it."""

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.edge.component import Edge
from components.edge.doors import Door
from components.edge.spec import EdgeSpec
from components.kubernetes import declare
from components.place import Place
from infra.cluster import Capabilities, Cluster, VolumeSource
from stacks.plan import Options, Plan, PlannedResource, plan

OWN = {"kind": "ownAuthority"}
ACME = {"kind": "acme", "email": "ops@a.example"}
HUB = Door(name="hub", title="T", description="D", service="proxy", port=8000, pods="proxy", paths=("/hub",))
TAP = Door(name="tap", title="T", description="D", service="tap", port=80, pods="tap", host="tap.a.example")


def planned(
    certificate: dict,
    *doors: Door,
    disposable: bool = True,
    load_balancer: bool = False,
    preview: bool = False,
) -> Plan:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        space = declare(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "science-x"}},
            "x",
            pulumi.ResourceOptions(provider=provider),
        )
        assert isinstance(space, k8s.core.v1.Namespace)
        cluster = Cluster(
            provider=provider,
            volumes={"state": VolumeSource()},
            capabilities=Capabilities(load_balancer=load_balancer),
        )
        place = Place(
            site="x",
            title="Site X",
            disposable=disposable,
            cluster=cluster,
            namespace=space,
            image=lambda name: f"registry.example/{name}:1",
        )
        spec = EdgeSpec.model_validate({"host": "a.example", "nodePort": 30443, "certificate": certificate})
        options = pulumi.ResourceOptions(providers=[provider])
        edge = Edge("x-edge", place=place, spec=spec, doors=doors or (HUB,), options=options)
        pulumi.export("url", edge.url)
        pulumi.export("authority", edge.authority)

    return plan(program, stack="x", config={}, preview=preview)


def by_name(result: Plan) -> dict[str, PlannedResource]:
    return {resource.name: resource for resource in result.resources if resource.name.startswith("x-edge")}


def test_the_resources_of_a_site_with_its_own_authority():
    resources = by_name(planned(OWN))
    assert {name: resource.type for name, resource in resources.items()} == {
        "x-edge": "science-platform:edge:Edge",
        "x-edge-config": "kubernetes:core/v1:ConfigMap",
        "x-edge-edge-authority-e0f65f7ccd": "kubernetes:core/v1:Secret",
        "x-edge-deployment": "kubernetes:apps/v1:Deployment",
        "x-edge-service": "kubernetes:core/v1:Service",
        "x-edge-budget": "kubernetes:policy/v1:PodDisruptionBudget",
        "x-edge-policy": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    }
    parents = {resource.parent for name, resource in resources.items() if name != "x-edge"}
    assert parents == {resources["x-edge"].urn}


def test_the_authority_is_made_once_and_never_shown():
    authority = by_name(planned(OWN))["x-edge-edge-authority-e0f65f7ccd"]
    assert authority.options == Options(
        ignore_changes=("data",), additional_secret_outputs=("data", "stringData")
    )
    assert authority.inputs["data"] == {"ca.crt": "[secret]", "ca.key": "[secret]"}


@pytest.mark.parametrize(("preview", "authority"), [(False, "kept as it is"), (True, "[computed]")])
def test_the_authority_told_is_the_one_in_the_cluster(preview: bool, authority: str):
    # Not the certificate just made, which differs from run to run: the plan answers for the cluster here.
    shown = planned(OWN, preview=preview).outputs
    assert shown == {"url": "https://a.example:30443", "authority": authority}


def test_other_hosts_make_another_authority():
    first, second = (
        [name for name in by_name(planned(OWN, *doors)) if "authority" in name]
        for doors in ((HUB,), (HUB, TAP))
    )
    assert first != second


def test_pods_start_after_what_they_mount():
    resources = by_name(planned(OWN))
    mounted = {resources["x-edge-config"].urn, resources["x-edge-edge-authority-e0f65f7ccd"].urn}
    assert mounted <= set(resources["x-edge-deployment"].dependencies)


def test_acme_certificates_are_kept_unless_the_site_is_disposable():
    kept = by_name(planned(ACME, disposable=False, load_balancer=True))["x-edge-state"]
    assert kept.options == Options(protect=True, retain_on_delete=True)
    thrown_away = by_name(planned(ACME, load_balancer=True))["x-edge-state"]
    assert thrown_away.options == Options()


def test_a_public_certificate_needs_no_authority():
    assert planned(ACME, load_balancer=True).outputs == {"url": "https://a.example"}
