"""PostgreSQL's Kubernetes objects."""

from typing import Any

from components.database.manifests import DatabaseParts, configuration, others, state_claim, workload
from components.database.spec import EmbeddedDatabaseSpec
from components.objects import metadata, selector
from infra.cluster import VolumeSource

SPEC = EmbeddedDatabaseSpec(kind="embedded", size="5Gi", memory="2Gi", cpu=4)
PARTS = DatabaseParts(
    site="demo",
    component="tap-database",
    database="tap",
    image="registry.example.org/postgres:1",
    priority_class="science-demo-core",
)


def pod() -> dict[str, Any]:
    return workload(SPEC, PARTS)["spec"]["template"]["spec"]


def test_there_is_one_server_and_never_two_on_its_volume():
    found = workload(SPEC, PARTS)
    assert (found["kind"], found["spec"]["replicas"]) == ("StatefulSet", 1)
    assert found["metadata"] == metadata("demo", "tap-database", "tap-database")
    assert pod()["priorityClassName"] == "science-demo-core"


def test_the_server_is_tuned_to_the_limits_it_has():
    (server,) = pod()["containers"]
    assert server["resources"] == {
        "requests": {"cpu": "200m", "memory": "1024Mi"},
        "limits": {"cpu": "4", "memory": "2Gi"},
    }
    shared = next(volume for volume in pod()["volumes"] if volume["name"] == "shared")
    assert shared == {"name": "shared", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}}


def test_the_server_stops_by_ending_sessions_within_the_pods_grace():
    (server,) = pod()["containers"]
    stop = server["lifecycle"]["preStop"]["exec"]["command"]
    assert stop == ["pg_ctl", "stop", "-D", "/data/postgres", "--mode=fast", "--wait", "--timeout=90"]
    assert pod()["terminationGracePeriodSeconds"] == 120


def test_a_server_that_recovers_is_not_killed_and_gets_no_clients():
    (server,) = pod()["containers"]
    assert server["startupProbe"]["tcpSocket"] == server["livenessProbe"]["tcpSocket"] == {"port": 5432}
    assert server["startupProbe"]["failureThreshold"] * server["startupProbe"]["periodSeconds"] == 1800
    assert server["readinessProbe"]["exec"]["command"][0] == "pg_isready"


def test_the_volume_is_prepared_with_a_password_that_the_server_itself_does_not_see():
    (prepare,) = pod()["initContainers"]
    (server,) = pod()["containers"]
    assert prepare["env"] == [
        {"name": "DATA", "value": "/data/postgres"},
        {"name": "DATABASE", "value": "tap"},
        {"name": "PASSWORDS", "value": "/administrator/password"},
    ]
    paths = {mount["mountPath"] for mount in prepare["volumeMounts"]}
    assert paths - {mount["mountPath"] for mount in server["volumeMounts"]} == {"/administrator"}
    (secret,) = (volume["secret"] for volume in pod()["volumes"] if "secret" in volume)
    assert secret == {
        "secretName": "tap-database-admin",
        "items": [{"key": "password", "path": "password"}],
    }


def test_the_server_reads_the_configuration_that_the_pod_mounts():
    config = configuration(SPEC, PARTS)
    assert config["data"].keys() == {"postgresql.conf", "pg_hba.conf", "pg_ident.conf", "prepare.sh"}
    mounted = {"name": "config", "configMap": {"name": config["metadata"]["name"]}}
    assert mounted in pod()["volumes"]


def test_its_volume_is_for_one_node_whatever_the_class_can_do():
    assert state_claim(SPEC, PARTS, VolumeSource(storage_class="cephfs"))["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "5Gi"}},
        "storageClassName": "cephfs",
    }


def test_only_callers_reach_it_and_it_reaches_nobody():
    found = others(PARTS, callers=["tap", "tap-ingest"])
    assert found["policy"]["spec"] == {
        "podSelector": {"matchLabels": selector("demo", "tap-database")},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [
                    {"podSelector": {"matchLabels": selector("demo", "tap")}},
                    {"podSelector": {"matchLabels": selector("demo", "tap-ingest")}},
                ],
                "ports": [{"port": 5432, "protocol": "TCP"}],
            }
        ],
        "egress": [],
    }
    assert found["service"]["spec"]["ports"] == [
        {"name": "postgres", "port": 5432, "targetPort": "postgres", "protocol": "TCP"}
    ]
