"""Gates on a plan by itself: each catches the fault that is planted into a whole site, and names where it is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stacks.diff.verdict import Verdict
from stacks.gates.rules import subject_of
from stacks.gates.standing import GATES, standing
from stacks.plan import Plan, PlannedResource
from stacks.site import Site
from stacks.site_loading import site_from_config
from tests.support.diff import kubernetes, of, workload
from tests.support.gates import accepted, planted
from tests.support.plans import EXAMPLES, SITES, planned_file, site_value

BOREAL = site_from_config(site_value(SITES["boreal"]), name="boreal")
LOCAL = site_from_config(site_value(SITES["local"]), name="local")
HUB = "Deployment/hub"

Inputs = dict[str, Any]
Edit = Callable[[Inputs], object]


def container(inputs: Inputs) -> Inputs:
    return pod(inputs)["containers"][0]


def pod(inputs: Inputs) -> Inputs:
    return inputs["spec"]["template"]["spec"]


def context(edit: Edit) -> Edit:
    return lambda inputs: edit(container(inputs)["securityContext"])


def without_user(inputs: Inputs) -> None:
    del pod(inputs)["securityContext"]["runAsNonRoot"]


def first_as_root(inputs: Inputs) -> None:
    first = {**container(inputs), "name": "prepare", "securityContext": {"runAsUser": 0}}
    first["securityContext"] |= {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    pod(inputs)["initContainers"] = [first]


def host_path(inputs: Inputs) -> None:
    pod(inputs)["volumes"].append({"name": "node", "hostPath": {"path": "/"}})


def no_seccomp(inputs: Inputs) -> None:
    pod(inputs)["securityContext"]["seccompProfile"] = {"type": "Unconfined"}


def image_volume(inputs: Inputs) -> None:
    pod(inputs)["volumes"].append({"name": "catalogue", "image": {"reference": "example.org/catalogue"}})


NO_RESOURCES = (
    "container hub has no requests.cpu, requests.memory, limits.cpu, limits.memory: it could take the node from "
    "everyone else"
)

FAULTS: dict[str, tuple[str, str, Edit]] = {
    "user 0": (
        "runs-as-root",
        "container hub runs as root: set runAsUser to another than 0",
        context(lambda it: it.update(runAsUser=0)),
    ),
    "any user": (
        "runs-as-root",
        "container hub may run as root: set runAsNonRoot: true",
        without_user,
    ),
    "user 0 before it starts": (
        "runs-as-root",
        "container prepare runs as root: set runAsUser to another than 0",
        first_as_root,
    ),
    "no limits": (
        "no-limits",
        "container hub has no limits.cpu, limits.memory: it could take the node from everyone else",
        lambda inputs: container(inputs)["resources"].pop("limits"),
    ),
    "no request": (
        "no-limits",
        "container hub has no requests.memory: it could take the node from everyone else",
        lambda inputs: container(inputs)["resources"]["requests"].pop("memory"),
    ),
    "no resources": (
        "no-limits",
        NO_RESOURCES,
        lambda inputs: container(inputs).pop("resources"),
    ),
    "latest": (
        "floating-image",
        "the image of container hub has the tag latest, which moves: give a version, or a digest",
        lambda inputs: container(inputs).update(image="registry.example.org:5000/hub:latest"),
    ),
    "no tag": (
        "floating-image",
        "the image of container hub has no tag, which means latest: give a version, or a digest",
        lambda inputs: container(inputs).update(image="registry.example.org:5000/hub"),
    ),
    "no tag of a volume": (
        "floating-image",
        "the image of volume catalogue has no tag, which means latest: give a version, or a digest",
        image_volume,
    ),
    "host path": (
        "host-path",
        "volume node is a path of the node, which only a local cluster may give to pods",
        host_path,
    ),
    "privileged": (
        "privileged",
        "container hub is privileged: it is root on the node",
        context(lambda it: it.update(privileged=True)),
    ),
    "escalation": (
        "privileged",
        "container hub may gain privileges: set allowPrivilegeEscalation: false",
        context(lambda it: it.pop("allowPrivilegeEscalation")),
    ),
    "a capability": (
        "privileged",
        "container hub has extra capabilities (SYS_ADMIN)",
        context(lambda it: it["capabilities"].update(add=["SYS_ADMIN"])),
    ),
    "the usual capabilities": (
        "privileged",
        "container hub keeps the runtime's capabilities: set capabilities: {drop: [ALL]}",
        context(lambda it: it["capabilities"].pop("drop")),
    ),
    "any system call": (
        "privileged",
        "container hub may make any system call: set seccompProfile: {type: RuntimeDefault}",
        no_seccomp,
    ),
    "all of /proc": (
        "privileged",
        "container hub sees more of /proc than it should",
        context(lambda it: it.update(procMount="Unmasked")),
    ),
    "the node's network": (
        "privileged",
        "hostNetwork: its pods share what is the node's",
        lambda inputs: pod(inputs).update(hostNetwork=True),
    ),
    "the node's port": (
        "privileged",
        "container hub takes port 80 of the node",
        lambda inputs: container(inputs)["ports"].append({"containerPort": 80, "hostPort": 80}),
    ),
}


def found(plan: Plan, site: Site = BOREAL, **arguments: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401
    return [(each.gate, each.subject, each.reason) for each in standing(plan, site, **arguments)]


@pytest.mark.parametrize(("gate", "reason", "edit"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_workload_is_caught_and_nothing_else_is(gate: str, reason: str, edit: Edit):
    assert found(planted(planned_file(SITES["boreal"]), HUB, edit)) == [(gate, HUB, reason)]


def test_what_is_caught_blocks():
    broken = planted(planned_file(SITES["boreal"]), HUB, host_path)
    assert standing(broken, BOREAL) == [Verdict("host-path", HUB, FAULTS["host path"][1], blocks=True)]


def test_a_local_cluster_may_mount_paths_of_its_node():
    assert found(planted(planned_file(SITES["local"]), HUB, host_path), LOCAL) == []


def volume(source: Inputs) -> PlannedResource:
    inputs = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": source}
    return kubernetes(inputs, protect=True)


def test_nor_is_a_volume_a_path_of_the_node_elsewhere():
    source = {"hostPath": {"path": "/export"}}
    assert found(of(volume(source))) == [
        (
            "host-path",
            "PersistentVolume/v",
            "it is a path of one node, which only a local cluster may give to pods",
        )
    ]
    assert found(of(volume(source)), LOCAL) == []
    assert found(of(volume({"csi": {"driver": "nfs.csi.k8s.io"}}))) == []


def without(plan: Plan, *subjects: str) -> Plan:
    return replace(plan, resources=tuple(each for each in plan.resources if subject_of(each) not in subjects))


def test_pods_that_no_policy_selects_are_open():
    plan = without(planned_file(SITES["boreal"]), "NetworkPolicy/deny-all")
    assert found(plan) == [
        (
            "no-network-policy",
            subject,
            "no NetworkPolicy selects its pods for Ingress and Egress: they are open to all",
        )
        for subject in ("DaemonSet/image-pre-pull", "Deployment/user-placeholder")
    ]


def test_pods_that_a_policy_selects_in_one_direction_are_open_in_the_other():
    def ingress_only(inputs: Inputs) -> None:
        inputs["spec"] |= {"policyTypes": ["Ingress"]}

    plan = planted(planned_file(SITES["boreal"]), "NetworkPolicy/deny-all", ingress_only)
    assert [(subject, reason) for _, subject, reason in found(plan)] == [
        (subject, "no NetworkPolicy selects its pods for Egress: they are open to all")
        for subject in ("DaemonSet/image-pre-pull", "Deployment/user-placeholder")
    ]


def test_a_policy_of_another_namespace_closes_nothing():
    def elsewhere(inputs: Inputs) -> None:
        inputs["metadata"]["namespace"] = "default"

    plan = planted(planned_file(SITES["boreal"]), "NetworkPolicy/deny-all", elsewhere)
    assert [subject for _, subject, _ in found(plan)] == [
        "DaemonSet/image-pre-pull",
        "Deployment/user-placeholder",
    ]


def unprotected(plan: Plan, subject: str) -> Plan:
    resources = [
        replace(each, options=replace(each.options, protect=False)) if subject_of(each) == subject else each
        for each in plan.resources
    ]
    return replace(plan, resources=tuple(resources))


def test_what_holds_data_is_protected_or_accepted_not_to_be():
    homes = "PersistentVolumeClaim/homes"
    plan = unprotected(planned_file(SITES["boreal"]), homes)
    reason = (
        "is not protected: any change may take the volume away. Declare it with keeping(options, keep=True), or "
        f'say in the site file why it need not be: accept: {{{homes}: {{reason: "…"}}}}'
    )
    assert found(plan) == [("unprotected", homes, reason)]
    value = site_value(SITES["boreal"]) | {"accept": accepted(homes)}
    assert found(plan, site_from_config(value, name="example")) == []
    assert found(unprotected(planned_file(SITES["local"]), homes), LOCAL) == []


def test_a_stateful_set_need_not_be_while_its_claims_outlive_it():
    def database(**spec: Any) -> Plan:  # noqa: ANN401 - any JSON
        templates = [{"metadata": {"name": "data"}}]
        return of(workload("db", kind="StatefulSet", volumeClaimTemplates=templates, **spec))

    lost = {"whenDeleted": "Delete"}
    assert "unprotected" not in {gate for gate, _, _ in found(database())}
    assert "unprotected" in {
        gate for gate, _, _ in found(database(persistentVolumeClaimRetentionPolicy=lost))
    }


@pytest.mark.parametrize("name", SITES)
@pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])
def test_no_committed_site_breaks_a_gate(name: str, preview: bool):
    site = site_from_config(site_value(SITES[name]), name=name)
    assert standing(planned_file(SITES[name], preview=preview), site) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_breaks_a_gate(name: str):
    site = site_from_config(site_value(EXAMPLES[name]), name="example")
    assert standing(planned_file(EXAMPLES[name]), site) == []


def test_gates_have_names_of_their_own_and_say_what_they_want():
    assert len({gate.name for gate in GATES}) == len(GATES)
    assert all(gate.title.endswith(".") for gate in GATES)
