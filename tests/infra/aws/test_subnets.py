"""The share-out of a VPC's addresses."""

import ipaddress
import itertools

import pytest

from infra.aws.subnets import ZoneSubnets, subnet_plan

ZONES = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]


def test_each_zone_has_a_quarter_and_the_last_quarter_is_public():
    assert subnet_plan("10.48.0.0/16", ZONES) == [
        ZoneSubnets(zone="eu-central-1a", private="10.48.0.0/18", public="10.48.192.0/20"),
        ZoneSubnets(zone="eu-central-1b", private="10.48.64.0/18", public="10.48.208.0/20"),
        ZoneSubnets(zone="eu-central-1c", private="10.48.128.0/18", public="10.48.224.0/20"),
    ]


def test_another_zone_changes_nothing_of_those_before_it():
    assert subnet_plan("10.48.0.0/16", ZONES)[:2] == subnet_plan("10.48.0.0/16", ZONES[:2])


@pytest.mark.parametrize("prefix", range(16, 23))
def test_no_two_subnets_overlap_and_all_are_in_the_vpc(prefix: int):
    vpc = ipaddress.ip_network(f"10.0.0.0/{prefix}")
    found = [
        ipaddress.ip_network(network)
        for each in subnet_plan(str(vpc), ZONES)
        for network in (each.private, each.public)
    ]
    assert len(found) == 6
    assert all(network.subnet_of(vpc) for network in found)  # pyright: ignore[reportArgumentType] - all are IPv4
    assert not any(one.overlaps(other) for one, other in itertools.combinations(found, 2))  # pyright: ignore[reportArgumentType] - all are IPv4


def test_a_fourth_zone_has_no_part():
    with pytest.raises(ValueError, match="at most 3 zones have a part of the network"):
        subnet_plan("10.0.0.0/16", [*ZONES, "eu-central-1d"])


def test_a_vpc_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="is too small: a /22 at least"):
        subnet_plan("10.0.0.0/23", ZONES)
