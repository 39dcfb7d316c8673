"""TAP's Kubernetes objects."""

from typing import Any

from components.database.handle import Database
from components.edge.doors import Door
from components.objects import selector
from components.policies import DNS, pods
from components.tap.manifests import TapParts, configuration, door, others, profile, results_claim, workload
from components.tap.spec import TapSpec
from infra.cluster import VolumeSource

TO_DATABASE = {"to": [{"ipBlock": {"cidr": "10.0.8.0/28"}}], "ports": [{"port": 5432, "protocol": "TCP"}]}
SPEC = TapSpec.model_validate(
    {
        "authority": "example.org",
        "publisher": "Example observatory",
        "contact": {"name": "Archive desk", "email": "archive@example.org"},
        "results": "20Gi",
        "memory": "3Gi",
        "cpu": 4,
    }
)
PARTS = TapParts(
    site="demo",
    title="Demo",
    url="https://tap.demo.example.org",
    image="registry.example.org/tap:1",
    database=Database(secret="tap-database-admin", egress=(TO_DATABASE,)),
    priority_class="science-demo-core",
)


def pod() -> dict[str, Any]:
    return workload(SPEC, PARTS)["spec"]["template"]["spec"]


def test_the_door_is_a_host_of_its_own():
    found = door(SPEC, "demo.example.org")
    assert found == Door(
        name="tap",
        title="Catalogues",
        description="Tables by the Virtual Observatory's protocols (TAP, cone search)",
        service="tap",
        port=8080,
        pods="tap",
        host="tap.demo.example.org",
        compress=True,
    )
    assert door(SPEC.model_copy(update={"host": "vo.example.org"}), "x").host == "vo.example.org"


def test_there_is_one_pod_which_goes_before_the_next_comes():
    spec = workload(SPEC, PARTS)["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_only_what_prepares_the_database_has_its_administrators_address():
    (prepare,), (server,) = pod()["initContainers"], pod()["containers"]
    address = {
        "name": "DATABASE_URL",
        "valueFrom": {"secretKeyRef": {"name": "tap-database-admin", "key": "url"}},
    }
    assert address in prepare["env"]
    assert [variable for variable in server["env"] if "valueFrom" in variable] == []
    assert (prepare["command"], server["command"]) == (
        ["python3", "/etc/tap/prepare.py"],
        ["python3", "/etc/tap/serve.py"],
    )


def test_results_lie_on_the_volume_and_all_else_goes_with_the_pod():
    (server,) = pod()["containers"]
    assert {"mountPath": "/var/gavo/state", "name": "results"} in server["volumeMounts"]
    volumes = {volume.pop("name"): volume for volume in pod()["volumes"]}
    assert volumes["results"] == {"persistentVolumeClaim": {"claimName": "tap-results"}}
    assert volumes["root"] == {"emptyDir": {"sizeLimit": "1Gi"}}
    assert volumes["roles"] == {"secret": {"secretName": "tap-database-roles"}}
    assert results_claim(SPEC, PARTS, VolumeSource(storage_class="ssd"))["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "20Gi"}},
        "storageClassName": "ssd",
    }


def test_the_service_is_asked_how_it_is_by_the_protocols_own_means():
    (server,) = pod()["containers"]
    probes = [server[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert probes == [{"port": 8080, "path": "/tap/availability"}] * 3
    assert server["resources"]["limits"] == {"cpu": "4", "memory": "3Gi"}


def test_programs_and_settings_roll_the_pod_that_reads_them():
    config = configuration(SPEC, PARTS)
    assert config["data"].keys() >= {
        "gavo.rc",
        "defaultmeta.txt",
        "vocabularies.json",
        "prepare.py",
        "serve.py",
    }
    assert {"name": "config", "configMap": {"name": config["metadata"]["name"]}} in pod()["volumes"]
    assert "serverURL: https://tap.demo.example.org\n" in config["data"]["gavo.rc"]


def test_a_profile_names_a_role_and_its_password():
    assert profile("gavo", "0123") == "include dsn\nuser = gavo\npassword = 0123\n"


def test_the_service_reaches_its_database_and_nothing_else():
    found = others(PARTS, callers=pods("demo", "edge"))["policy"]["spec"]
    assert found == {
        "podSelector": {"matchLabels": selector("demo", "tap")},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": pods("demo", "edge"), "ports": [{"port": 8080, "protocol": "TCP"}]}],
        "egress": [DNS, TO_DATABASE],
    }
