"""The table of inputs that make a new resource."""

import importlib
import inspect
from typing import Any

import pulumi
import pytest

from stacks.diff import Action, compare
from stacks.diff.forces_new import DOCUMENTED, FORCES_NEW, UNDOCUMENTED
from stacks.diff.forces_new_docs import TYPES, documented, text, wire_names
from tests.support.diff import of, resource


def classes() -> list[Any]:
    return [
        getattr(importlib.import_module(f"{package}.{name.rpartition('.')[0]}"), name.rpartition(".")[2])
        for package, names in TYPES.items()
        for name in names
    ]


def test_the_committed_table_is_what_the_installed_sdks_document():
    assert DOCUMENTED.read_text() == text(), "write it again: python -m stacks.diff.forces_new_docs"


def test_what_is_added_to_it_are_inputs_that_the_sdks_have_and_do_not_document():
    inputs = {
        cls.pulumi_type: set(wire_names(getattr(inspect.getmodule(cls), f"{cls.__name__}Args")).values())
        for cls in classes()
    }
    assert UNDOCUMENTED.keys() <= inputs.keys()
    for type_, pointers in UNDOCUMENTED.items():
        assert {pointer.split("/")[1] for pointer in pointers} <= inputs[type_], type_
        assert list(pointers) == sorted(set(pointers)), type_


def test_every_type_of_a_site_has_something_that_makes_it_new():
    assert {cls.pulumi_type for cls in classes()} - {
        key for key, pointers in FORCES_NEW.items() if pointers
    } == set()


class ThingArgs:
    """Arguments of a resource, as the SDKs write them."""

    def __init__(self) -> None:
        """
        The set of arguments.

        :param pulumi.Input[_builtins.str] fixed: The zone. Changing this
               creates a new thing.
        :param pulumi.Input[Mapping[str, pulumi.Input[_builtins.str]]] also_fixed: Modifying this forces a new resource.
        :param pulumi.Input[_builtins.str] free: The name. Changing this updates the name of the existing thing.
        :param pulumi.Input[_builtins.str] last: Forces new resource.
        """  # noqa: D401 - as they write them

    @property
    @pulumi.getter
    def fixed(self) -> str: ...

    @property
    @pulumi.getter(name="alsoFixed")
    def also_fixed(self) -> str: ...

    @property
    @pulumi.getter
    def free(self) -> str: ...

    @property
    @pulumi.getter
    def last(self) -> str: ...


class Thing:
    pulumi_type = "demo:index:Thing"


def test_what_the_documentation_of_an_input_says():
    assert documented(Thing) == ["/alsoFixed", "/fixed", "/last"]


@pytest.mark.parametrize(
    ("type_", "before", "after", "action"),
    [
        ("openstack:containerinfra/cluster:Cluster", {"flavor": "m"}, {"flavor": "l"}, Action.REPLACED),
        ("openstack:containerinfra/cluster:Cluster", {"nodeCount": 1}, {"nodeCount": 2}, Action.UPDATED),
        ("openstack:blockstorage/volume:Volume", {"size": 1}, {"size": 2}, Action.UPDATED),
        (
            "openstack:networking/subnet:Subnet",
            {"cidr": "10.0.0.0/8"},
            {"cidr": "10.0.0.0/9"},
            Action.REPLACED,
        ),
        ("aws:rds/instance:Instance", {"engine": "postgres"}, {"engine": "mysql"}, Action.REPLACED),
        ("aws:rds/instance:Instance", {"instanceClass": "a"}, {"instanceClass": "b"}, Action.UPDATED),
        (
            "aws:efs/accessPoint:AccessPoint",
            {"posixUser": {"uid": 1}},
            {"posixUser": {"uid": 2}},
            Action.REPLACED,
        ),
        (
            "aws:eks/cluster:Cluster",
            {"kubernetesNetworkConfig": {"ipFamily": "ipv4"}},
            {"kubernetesNetworkConfig": {"ipFamily": "ipv6"}},
            Action.REPLACED,
        ),
        (
            "aws:eks/cluster:Cluster",
            {"kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}}},
            {"kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": False}}},
            Action.UPDATED,
        ),
        ("aws:eks/cluster:Cluster", {}, {"kubernetesNetworkConfig": {"ipFamily": "ipv6"}}, Action.REPLACED),
    ],
)
def test_the_table_decides(type_: str, before: dict[str, object], after: dict[str, object], action: Action):
    (change,) = compare(of(resource(type_, "it", before)), of(resource(type_, "it", after))).changes
    assert change.action == action
