"""Which controllers a machine has, on cgroup v1 and v2."""

from pathlib import Path

from infra.local.cgroups import delegated, hierarchies, missing

V1 = """\
24 1 0:22 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
25 24 0:23 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
26 24 0:24 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
27 24 0:25 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
28 24 0:26 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
V2 = """\
23 1 0:21 / /proc rw,relatime - proc proc rw
30 1 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
"""
ROOT = Path("/sys/fs/cgroup")


def test_controllers_mounted_together_are_found_each():
    assert hierarchies(V1) == {
        "cpu": ROOT / "cpu,cpuacct",
        "cpuacct": ROOT / "cpu,cpuacct",
        "memory": ROOT / "memory",
        "name=systemd": ROOT / "systemd",
        "unified": ROOT / "unified",
    }


def test_a_machine_with_version_2_only_has_no_hierarchies():
    assert hierarchies(V2) == {}


def test_version_1_is_judged_by_its_mounts():
    assert missing(hierarchies(V1), "cpu cpuset memory pids") == {"cpuset", "pids", "devices", "freezer"}


def test_version_2_is_judged_by_its_controllers():
    assert missing({}, "cpuset cpu io memory hugetlb pids rdma misc\n") == set()
    assert missing({}, "cpu io pids\n") == {"cpuset", "memory"}


def test_a_machine_without_any_lacks_all():
    assert missing({}, "") == {"cpu", "cpuset", "memory", "pids"}


def test_all_that_the_kubelet_asks_for_is_passed_on_where_the_kernel_has_it():
    assert (
        delegated("cpuset cpu io memory hugetlb pids rdma misc\n")
        == "+cpu +cpuset +hugetlb +io +memory +pids"
    )
    assert delegated("cpu memory\n") == "+cpu +memory"
