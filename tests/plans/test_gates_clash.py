"""What only one can have of a cluster, within a site and between sites."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from stacks.gates.clash import clashes_between
from stacks.gates.neighbour import Neighbour
from stacks.gates.rules import subject_of
from stacks.gates.standing import standing
from stacks.plan import Plan
from stacks.site_loading import site_from_config
from tests.support.gates import planted
from tests.support.generated import generated_sites
from tests.support.plans import EXAMPLES, SITES, planned_file, planned_site, site_value

BOREAL = site_from_config(site_value(SITES["boreal"]), name="boreal")
Edit = Callable[[dict[str, Any]], object]


def within(plan: Plan) -> list[tuple[str, str, str]]:
    return [(each.gate, each.subject, each.reason) for each in standing(plan, BOREAL)]


def port(number: int) -> Edit:
    return lambda inputs: inputs["spec"]["ports"][0].update(nodePort=number)


def test_two_services_of_a_site_with_one_node_port():
    one = planted(planned_file(SITES["boreal"]), "Service/hub", port(30443))
    assert within(one) == []
    two = planted(one, "Service/proxy", port(30443))
    assert within(two) == [
        ("clash", "Service/proxy", "takes node port 30443, which Service/hub has already"),
    ]


def test_two_routes_of_a_site_may_have_one_host():
    plan = planned_file(EXAMPLES["ingress"])
    (ingress,) = (each for each in plan.resources if subject_of(each) == "Ingress/edge")
    metadata: Any = ingress.inputs["metadata"]
    other = replace(ingress, inputs={**ingress.inputs, "metadata": {**metadata, "name": "edge-tap"}})
    assert within(replace(plan, resources=(*plan.resources, other))) == []


def test_two_priority_classes_of_a_site_with_one_value():
    plan = planned_file(SITES["boreal"])
    subject = "PriorityClass/science-boreal-user"
    assert within(planted(plan, subject, lambda inputs: inputs.update(value=1000))) == [
        ("clash", subject, "takes priority 1000, which PriorityClass/science-boreal-core has already"),
    ]


def test_two_resources_that_are_one_object():
    plan = planned_file(SITES["boreal"])
    (policy,) = (each for each in plan.resources if each.name == "boreal-deny-all")
    twice = replace(policy, name="boreal-deny-all-again", urn=f"{policy.urn}-again")
    assert within(replace(plan, resources=(*plan.resources, twice))) == [
        (
            "clash",
            "NetworkPolicy/deny-all",
            "takes the name deny-all of its kind in namespace science-boreal, which NetworkPolicy/deny-all has already",
        )
    ]


def neighbour(
    name: str, value: Mapping[str, Any], edit: Callable[[Plan], Plan] = lambda plan: plan
) -> Neighbour:
    return Neighbour(name, site_from_config(value, name=name), edit(planned_site(name, value)))


def laptop(
    host: str = "laptop.localhost", node_port: int = 30443, cluster: str = "science"
) -> dict[str, Any]:
    value = site_value(EXAMPLES["local"])
    value["edge"] |= {"host": host, "nodePort": node_port}
    value["cluster"]["name"] = cluster
    return value


FIRST = laptop()


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (laptop("other.localhost", 30444), []),
        (laptop(cluster="another"), []),
        (
            laptop("other.localhost"),
            [("Service/edge", "takes node port 30443, which site a has on the same cluster")],
        ),
        (
            laptop(node_port=30444),
            [("its address", "takes host laptop.localhost, which site a has on the same cluster")],
        ),
    ],
    ids=["all its own", "another cluster", "one node port", "one host"],
)
def test_two_sites_on_one_cluster(second: dict[str, Any], found: list[tuple[str, str]]):
    verdicts = list(clashes_between(neighbour("b", second), [neighbour("a", FIRST)]))
    assert [(each.subject, each.reason) for each in verdicts] == found
    assert {(each.gate, each.blocks) for each in verdicts} <= {("clash", True)}


def test_two_sites_with_one_host_behind_an_ingress():
    value = site_value(EXAMPLES["ingress"])
    assert [
        (each.subject, each.reason)
        for each in clashes_between(neighbour("b", value), [neighbour("a", value)])
    ] == [("Ingress/edge", "takes host science.example.org, which site a has on the same cluster")]


def prioritised(**values: int) -> Callable[[Plan], Plan]:
    def edit(plan: Plan) -> Plan:
        for kind, value in values.items():
            subject = f"PriorityClass/science-{plan.stack}-{kind}"
            plan = planted(plan, subject, lambda inputs, value=value: inputs.update(value=value))
        return plan

    return edit


def of_people(edit: Callable[[Plan], Plan]) -> list[str]:
    """Return what is said of the priority of people's servers where a second site is edited."""
    second = neighbour("b", laptop("other.localhost", 30444), edit)
    found = clashes_between(second, [neighbour("a", FIRST)])
    return [each.reason for each in found if each.subject == "PriorityClass/science-b-user"]


PUSHES = (
    "has priority {}, and site a on the same cluster has 0 for its own: pods of one site would push those of the "
    "other out"
)


def test_two_sites_whose_pods_would_push_each_other_out():
    assert of_people(prioritised(user=0)) == []
    assert of_people(prioritised(user=5)) == [PUSHES.format(5)]


def test_two_sites_of_which_one_has_for_people_what_the_other_has_for_the_hub():
    assert of_people(prioritised(user=1000, core=2000)) == [
        PUSHES.format(1000),
        "has priority 1000, which site a on the same cluster has for core",
    ]


def test_two_dozen_sites_on_one_cluster_break_no_gate_and_have_all_they_need():
    neighbours = [neighbour(name, value) for name, value in generated_sites()]
    assert [verdict for each in neighbours for verdict in standing(each.plan, each.site)] == []
    assert len({each.cluster for each in neighbours}) == 1
    assert [
        verdict
        for place, each in enumerate(neighbours)
        for verdict in clashes_between(each, neighbours[:place])
    ] == []
