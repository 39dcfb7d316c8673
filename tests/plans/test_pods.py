"""Every pod of every site: without privileges, with limits, and with all that it names in place."""

import json
import re
from typing import Any

import pytest

from components.gateways.spec import hosts
from components.objects import Manifest
from infra.fields import bytes_of
from stacks.plan import Plan
from stacks.reachability import pod_template
from stacks.site import Site
from tests.support.plans import of_the_platform


def manifests_of(planned: Plan) -> list[Manifest]:
    """Return the objects of a platform."""
    return [dict(each.inputs) for each in of_the_platform(planned)]


@pytest.fixture
def pods(planned: Plan) -> dict[str, Manifest]:
    """Return the pod templates of a site by component."""
    return {
        manifest["metadata"]["name"]: template
        for manifest in manifests_of(planned)
        if (template := pod_template(manifest)) is not None
    }


@pytest.fixture
def containers(pods: dict[str, Manifest]) -> dict[str, Manifest]:
    """Return all containers of a site, those that run first included, by component and name."""
    return {
        f"{component}/{container['name']}": container
        for component, pod in pods.items()
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
    }


def without(things: dict[str, Manifest], holds: Any) -> list[str]:  # noqa: ANN401 - a rule, as a lambda
    """Return the names of the things of which a rule does not hold."""
    return [name for name, thing in things.items() if not holds(thing)]


def tap_pods(site: Site) -> set[str]:
    """Return the pods that a site has for catalogues."""
    if site.tap is None:
        return set()
    return {"tap"} | ({"tap-database"} if site.tap.database.kind == "embedded" else set())


def test_there_are_the_pods_of_a_platform(pods: dict[str, Manifest], site: Site):
    fetched = {"image-pre-pull"} if site.hub.pre_pull else set()
    placeholders = {"user-placeholder"} if site.hub.placeholders else set()
    cleaned = {"scratch-cleaner"} if site.storage.scratch else set()
    gateways = {*hosts(site.gateways, site.edge.host)}
    counted = {"usage"} if site.storage.usage else set()
    sources = ["homes", "hub", "upkeep", *(["projects"] if site.storage.projects else [])]
    saved = {f"backup-{source}" for source in sources} if site.backup else set()
    others = fetched | placeholders | cleaned | counted | saved | tap_pods(site) | gateways
    assert pods.keys() == {"hub", "proxy", "edge"} | others


def test_pods_run_as_a_plain_user_under_the_runtimes_seccomp_profile(pods: dict[str, Manifest]):
    expected = {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "fsGroup": 1000,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert without(pods, lambda pod: pod["spec"]["securityContext"] == expected) == []


def test_containers_cannot_gain_privileges_and_have_a_read_only_root(containers: dict[str, Manifest]):
    expected = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert without(containers, lambda container: container["securityContext"] == expected) == []


def test_nothing_of_the_node_is_shared_with_pods(pods: dict[str, Manifest], containers: dict[str, Manifest]):
    shared = {"hostNetwork", "hostPID", "hostIPC", "hostUsers"}
    assert without(pods, lambda pod: not shared & pod["spec"].keys()) == []
    volumes = {name: {"volumes": pod["spec"].get("volumes", [])} for name, pod in pods.items()}
    safe = {"name", "configMap", "secret", "emptyDir", "persistentVolumeClaim"}
    assert without(volumes, lambda pod: all(volume.keys() <= safe for volume in pod["volumes"])) == []
    ports = {name: {"ports": container.get("ports", [])} for name, container in containers.items()}
    assert without(ports, lambda each: not any("hostPort" in port for port in each["ports"])) == []


def test_the_hub_alone_may_talk_to_kubernetes(pods: dict[str, Manifest]):
    assert without(pods, lambda pod: not pod["spec"]["automountServiceAccountToken"]) == ["hub"]
    assert without(pods, lambda pod: "serviceAccountName" not in pod["spec"]) == ["hub"]


def test_every_container_says_what_it_needs_and_where_it_ends(containers: dict[str, Manifest]):
    def limited(container: Manifest) -> bool:
        requests, limits = container["resources"]["requests"], container["resources"]["limits"]
        return (
            requests.keys() == limits.keys() == {"cpu", "memory"}
            and 0 < _cores(requests["cpu"]) <= _cores(limits["cpu"])
            and 0 < bytes_of(requests["memory"]) <= bytes_of(limits["memory"])
        )

    assert without(containers, limited) == []


def _cores(cpu: str) -> float:
    return float(cpu.removesuffix("m")) / 1000 if cpu.endswith("m") else float(cpu)


def test_every_image_has_a_registry_and_a_tag_or_digest(containers: dict[str, Manifest]):
    fixed = re.compile(r"[^/\s]+/[^:@\s]+(:(?!latest$)[\w][\w.-]*|@sha256:[0-9a-f]{64})")
    assert without(containers, lambda container: fixed.fullmatch(container["image"])) == []


def test_images_that_are_there_are_not_asked_for_again(containers: dict[str, Manifest]):
    assert without(containers, lambda container: container["imagePullPolicy"] == "IfNotPresent") == []


def test_pods_that_serve_say_when_they_are_ready_and_whether_they_live(
    containers: dict[str, Manifest], site: Site
):
    serving = {name: container for name, container in containers.items() if container.get("ports")}
    gateways = {*hosts(site.gateways, site.edge.host)}
    counting = {"usage"} if site.storage.usage else set()
    serves = {name.partition("/")[0] for name in serving}
    assert serves == {"hub", "proxy", "edge"} | counting | tap_pods(site) | gateways
    assert without(serving, lambda container: {"readinessProbe", "livenessProbe"} <= container.keys()) == []


def test_what_pods_write_to_memory_and_disk_of_the_node_is_bounded(pods: dict[str, Manifest]):
    def bounded(pod: Manifest) -> bool:
        volumes = pod["spec"].get("volumes", [])
        return all("sizeLimit" in volume["emptyDir"] for volume in volumes if "emptyDir" in volume)

    assert without(pods, bounded) == []


def test_all_that_pods_name_is_declared(planned: Plan, site: Site, pods: dict[str, Manifest]):
    declared = {(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests_of(planned)}
    certificate = site.edge.certificate
    if certificate is not None and certificate.kind == "secret":
        declared.add(("Secret", certificate.name))  # the operator's own
    named = {reference for pod in pods.values() for reference in _references(pod["spec"])}
    assert named - declared == set()
    assert {kind for kind, _ in named} >= {"ConfigMap", "Secret", "ServiceAccount", "PriorityClass"}


def _references(spec: Manifest) -> set[tuple[str, str]]:
    found = {("PriorityClass", spec["priorityClassName"])} if "priorityClassName" in spec else set()
    if "serviceAccountName" in spec:
        found.add(("ServiceAccount", spec["serviceAccountName"]))
    for volume in spec.get("volumes", []):
        if "configMap" in volume:
            found.add(("ConfigMap", volume["configMap"]["name"]))
        if "secret" in volume:
            found.add(("Secret", volume["secret"]["secretName"]))
        if "persistentVolumeClaim" in volume:
            found.add(("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]))
    for container in spec["containers"]:
        for variable in container.get("env", []):
            if "valueFrom" in variable:
                found.add(("Secret", variable["valueFrom"]["secretKeyRef"]["name"]))
    return found


def test_every_variable_from_a_secret_is_a_key_that_the_secret_has(planned: Plan, pods: dict[str, Manifest]):
    keys = {
        (manifest["metadata"]["name"], key)
        for manifest in manifests_of(planned)
        if manifest["kind"] == "Secret"
        for key in manifest["data"]
    }
    wanted = {
        (variable["valueFrom"]["secretKeyRef"]["name"], variable["valueFrom"]["secretKeyRef"]["key"])
        for pod in pods.values()
        for container in pod["spec"]["containers"]
        for variable in container.get("env", [])
        if "valueFrom" in variable
    }
    assert wanted
    assert wanted - keys == set()


def test_the_volumes_and_images_that_the_hub_gives_to_servers_are_there(planned: Plan):
    manifests = manifests_of(planned)
    (config,) = (each for each in manifests if each["metadata"]["name"].startswith("hub-config-"))
    settings = json.loads(config["data"]["site.json"])
    named = {
        ("PersistentVolumeClaim", settings["homes"]["claim"]),
        ("PriorityClass", settings["priorityClass"]),
    }
    if settings["projects"] is not None:
        named.add(("PersistentVolumeClaim", settings["projects"]["claim"]))
    assert named <= {(each["kind"], each["metadata"]["name"]) for each in manifests}


def test_every_service_and_budget_leads_to_pods_and_ports_that_there_are(
    planned: Plan, site: Site, pods: dict[str, Manifest]
):
    gateways = hosts(site.gateways, site.edge.host)

    def selected(selector: Manifest) -> list[Manifest]:
        return [pod for pod in pods.values() if selector.items() <= pod["metadata"]["labels"].items()]

    services = [manifest for manifest in manifests_of(planned) if manifest["kind"] == "Service"]
    budgets = [manifest for manifest in manifests_of(planned) if manifest["kind"] == "PodDisruptionBudget"]
    assert len(services) == 4 + len(tap_pods(site)) + len(gateways)
    assert len(budgets) == 3 + len(gateways)
    for service in services:
        (pod,) = selected(service["spec"]["selector"])
        ports = {port["name"] for each in pod["spec"]["containers"] for port in each["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    for budget in budgets:
        assert len(selected(budget["spec"]["selector"]["matchLabels"])) == 1
