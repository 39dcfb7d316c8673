"""Names, places and subnets of clusters."""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from infra.local.errors import LocalClusterError
from infra.local.layout import Layout, Link, checked_name, free_link


def test_a_link_is_the_first_four_addresses_of_its_own_24():
    link = Link(7)
    assert (link.subnet, link.host_address, link.node_address, link.host_interface) == (
        IPv4Network("10.254.7.0/30"),
        IPv4Address("10.254.7.1"),
        IPv4Address("10.254.7.2"),
        "scilocal7",
    )


def test_the_longest_interface_name_fits_into_what_linux_allows():
    assert len(Link(255).host_interface) <= 15


def test_the_lowest_link_that_no_cluster_has_is_chosen():
    assert free_link({0, 1, 3}, []) == Link(2)


def test_a_link_that_the_host_routes_elsewhere_is_left_out():
    vpn = IPv4Network("10.254.0.0/23")
    assert free_link({2}, [vpn, IPv4Network("192.0.2.0/24")]) == Link(3)


def test_a_host_whose_routes_take_the_whole_range_is_told_what_to_look_at():
    with pytest.raises(LocalClusterError) as caught:
        free_link(set(), [IPv4Network("10.0.0.0/8")])
    assert str(caught.value) == (
        "no subnet of 10.254.0.0/16 is free for the cluster: `ip route` shows what uses them; "
        "`python -m infra.local down` removes clusters that are no longer needed."
    )


@pytest.mark.parametrize("name", ["a", "science", "site-2", "a" * 30])
def test_names_that_can_be_part_of_paths_and_host_names_are_taken(name: str):
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "2x", "-a", "a-", "A", "a/b", "..", "a_b", "a" * 31])
def test_other_names_are_refused(name: str):
    with pytest.raises(LocalClusterError) as caught:
        checked_name(name)
    assert str(caught.value) == (
        f"{name!r} cannot name a cluster: use 1 to 30 of a-z, 0-9 and -, starting with a letter, "
        "not ending with -."
    )


def test_everything_of_a_cluster_is_named_after_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    one = Layout("one")
    root = Path("/state/science-platform/clusters/one")
    assert (one.root, one.kubeconfig, one.data("etcd"), one.cgroup, one.context) == (
        root,
        root / "kubeconfig",
        root / "data/etcd",
        "science-local-one",
        "science-local-one",
    )


def test_all_clusters_with_state_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("b", "a"):
        Layout(name).root.mkdir(parents=True)
        Layout(name).record.write_text("{}")
    Layout("half-removed").root.mkdir()
    assert Layout.all() == [Layout("a"), Layout("b")]
