"""Replacements, and all that goes with them."""

from collections.abc import Callable, Mapping

import pulumi
import pulumi_kubernetes as k8s
import pulumi_openstack as openstack
import pytest

from stacks.diff import Action, Changes, Data, Field, Impact, compare
from stacks.plan import Plan, PlannedResource
from tests.support.diff import planned, provider


class Openstack:
    """A cloud that names what it makes after the resources."""

    def outputs(self, resource: PlannedResource) -> Mapping[str, object]:
        if resource.type == "openstack:containerinfra/cluster:Cluster":
            return {"id": f"id-of-{resource.name}", "kubeconfig": {"raw_config": "kubeconfig"}}
        return {"id": f"id-of-{resource.name}"}

    def call(self, token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        raise AssertionError(f"the site calls {token} with {arguments}")


def site(
    *,
    network: str = "network",
    zones: tuple[str, ...] = (),
    pools: tuple[str, ...] = ("users",),
    cidr: str = "10.0.0.0/24",
    flavor: str = "m",
    aliases: tuple[pulumi.Alias, ...] = (),
    preview: bool = False,
    protect: bool = False,
) -> Plan:
    """Plan a small site on OpenStack: a network, a cluster in it, node pools, and a claim in the cluster."""

    def program() -> None:
        cloud = openstack.Provider("cloud", auth_url="https://keystone.example.org")
        given = pulumi.ResourceOptions(provider=cloud)
        net = openstack.networking.Network(
            network,
            name="science",
            availability_zone_hints=list(zones) or None,
            opts=pulumi.ResourceOptions(provider=cloud, aliases=list(aliases)),
        )
        openstack.networking.Subnet("subnet", network_id=net.id, cidr=cidr, opts=given)
        cluster = openstack.containerinfra.Cluster(
            "cluster",
            cluster_template_id="template",
            fixed_network=net.id,
            flavor=flavor,
            opts=pulumi.ResourceOptions(provider=cloud, protect=protect),
        )
        for place, pool in enumerate(pools):
            openstack.containerinfra.NodeGroup(
                f"pool-{place}", name=pool, cluster_id=cluster.id, flavor_id="m", opts=given
            )
        inside = k8s.Provider(
            "inside", kubeconfig=cluster.kubeconfig["raw_config"], cluster_identifier="science"
        )
        k8s.core.v1.PersistentVolumeClaim(
            "homes",
            metadata={"name": "homes", "namespace": "science-demo"},
            spec={"resources": {"requests": {"storage": "1Ti"}}},
            opts=pulumi.ResourceOptions(provider=inside, protect=True, retain_on_delete=True),
        )

    return planned(program, cloud=Openstack(), preview=preview)


def told(changes: Changes) -> list[tuple[str, str, str]]:
    return [(each.name, str(each.action), each.impact.words) for each in changes.changes]


BOTH = pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])


@BOTH
def test_a_network_that_is_replaced_takes_the_cluster_and_everything_in_it(preview: bool):
    changes = compare(site(preview=preview), site(zones=("a",), preview=preview))
    assert told(changes) == [
        ("network", "replaced", "replaces"),
        ("subnet", "replaced", "replaces"),
        ("cluster", "replaced", "loses data"),
        ("pool-0", "replaced", "replaces"),
        ("inside", "replaced", "replaces"),
        ("homes", "replaced", "loses data"),
    ]
    by_name = {each.name: each for each in changes.changes}
    assert {
        name: [urn.rsplit("::", 1)[1] for urn in each.replaced_with] for name, each in by_name.items()
    } == {
        "network": [],
        "subnet": ["network"],
        "cluster": ["network"],
        "pool-0": ["cluster"],
        "inside": ["cluster"],
        "homes": ["inside"],
    }
    value = "[computed]" if preview else "id-of-network"
    assert by_name["cluster"].fields == (
        Field("/fixedNetwork", value, "[of the new openstack Network network]", forces=True),
    )
    # The cluster takes its volumes with it, whatever keeps them.
    assert by_name["homes"].data == Data.LOST


@BOTH
def test_a_network_renamed_without_an_alias_takes_the_cluster(preview: bool):
    changes = compare(site(preview=preview), site(network="net", preview=preview))
    assert [each for each in told(changes) if each[0] in ("net", "network", "cluster")] == [
        ("net", "created", "no impact"),
        ("cluster", "replaced", "loses data"),
        ("network", "deleted", "no impact"),
    ]
    assert changes.changes[-1].notes == (
        "it seems to be renamed: give net an alias, aliases=[pulumi.Alias(name='network', …)]",
    )


def test_a_network_renamed_with_an_alias_takes_nothing():
    changes = compare(site(), site(network="net", aliases=(pulumi.Alias(name="network"),)))
    assert told(changes) == [("net", "renamed", "no impact")]


def test_a_node_pool_put_in_the_middle_replaces_those_after_it():
    changes = compare(site(pools=("users", "gpu")), site(pools=("users", "large", "gpu")))
    assert told(changes) == [("pool-1", "replaced", "replaces"), ("pool-2", "created", "no impact")]
    assert changes.changes[0].notes == ("servers on its nodes end, and what their disks hold is gone",)


def test_a_cluster_that_is_replaced_while_it_is_protected_stops_up():
    changes = compare(site(protect=True), site(protect=True, flavor="l"))
    cluster = next(each for each in changes.changes if each.name == "cluster")
    homes = next(each for each in changes.changes if each.name == "homes")
    assert (cluster.data, homes.data) == (Data.REFUSED, Data.REFUSED)


def test_what_refers_to_a_replaced_resource_in_a_field_that_can_change_is_updated():
    def program(zone: str) -> None:
        cloud = pulumi.ResourceOptions(provider=openstack.Provider("cloud", auth_url="https://k"))
        net = openstack.networking.Network("net", availability_zone_hints=[zone], opts=cloud)
        openstack.networking.Router("router", external_network_id=net.id, opts=cloud)

    (_, router) = compare(planned(lambda: program("a")), planned(lambda: program("b"))).changes
    assert (router.action, router.fields) == (
        Action.UPDATED,
        (Field("/externalNetworkId", "net", "[of the new openstack Network net]"),),
    )


def in_namespace(
    name: str = "science-demo", context: str = "demo", identifier: str | None = None
) -> Callable[[], None]:
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=provider(context=context, cluster_identifier=identifier))
        space = k8s.core.v1.Namespace("space", metadata={"name": name}, opts=opts)
        metadata = k8s.meta.v1.ObjectMetaArgs(name="homes", namespace=space.metadata["name"])
        keep = pulumi.ResourceOptions(provider=opts.provider, retain_on_delete=True)
        k8s.core.v1.PersistentVolumeClaim("homes", metadata=metadata, spec={}, opts=keep)
        k8s.core.v1.ConfigMap("elsewhere", metadata={"name": "c", "namespace": "other"}, opts=opts)

    return program


def test_a_namespace_that_goes_takes_claims_even_if_they_are_kept():
    (space, homes) = compare(planned(in_namespace()), planned(in_namespace("science"))).changes
    assert (space.name, space.impact, space.data, space.notes) == (
        "space",
        Impact.LOSES_DATA,
        Data.LOST,
        ("everything in it goes: people's servers, and volumes whatever keeps them",),
    )
    assert (homes.action, homes.data, homes.replaced_with) == (Action.REPLACED, Data.LOST, (space.urn,))


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ({"context": "a"}, {"context": "b"}, ["cluster", "space", "homes", "elsewhere"]),
        ({"context": "a", "identifier": "x"}, {"context": "b", "identifier": "x"}, []),
        ({"identifier": "x"}, {"identifier": "y"}, ["cluster", "space", "homes", "elsewhere"]),
        ({}, {"identifier": "y"}, []),
    ],
    ids=["another context", "the same cluster", "another cluster", "named for the first time"],
)
def test_another_cluster_replaces_everything_in_it(
    before: dict[str, str], after: dict[str, str], names: list[str]
):
    changes = compare(planned(in_namespace(**before)), planned(in_namespace(**after))).changes
    assert [each.name for each in changes if each.action == Action.REPLACED] == names


def test_a_kubernetes_object_made_anew_under_its_name_changes_nothing_that_names_it():
    def program(value: int) -> None:
        opts = pulumi.ResourceOptions(provider=provider())
        role = k8s.scheduling.v1.PriorityClass("p", metadata={"name": "p"}, value=value, opts=opts)
        containers = [k8s.core.v1.ContainerArgs(name="c", image="i")]
        pod = k8s.core.v1.PodSpecArgs(priority_class_name=role.metadata["name"], containers=containers)
        k8s.core.v1.Pod("pod", metadata={"name": "pod"}, spec=pod, opts=opts)

    changes = compare(planned(lambda: program(1)), planned(lambda: program(2))).changes
    assert [(each.name, each.action) for each in changes] == [("p", Action.REPLACED)]
