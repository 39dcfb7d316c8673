"""The parts that every layer's manifests are made of, each shown as the whole object that it makes."""

from dataclasses import replace

from components import objects
from components.cron_jobs import cron_job
from components.objects import Container, Pod, Resources

RESOURCES = Resources(cpu="50m", memory="128Mi", cpu_limit="1")


def container(**changes: object) -> dict[str, object]:
    """Return what the simplest container becomes, with some keys added."""
    return {
        "name": "web",
        "image": "registry.example.org/web:1",
        "imagePullPolicy": "IfNotPresent",
        "resources": {
            "requests": {"cpu": "50m", "memory": "128Mi"},
            "limits": {"cpu": "1", "memory": "128Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        **changes,
    }


def pod_spec(**changes: object) -> dict[str, object]:
    """Return what the simplest pod becomes, with some keys added or replaced."""
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "runAsGroup": 1000,
            "fsGroup": 1000,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": 30,
        "containers": [container()],
        **changes,
    }


WEB = Container(name="web", image="registry.example.org/web:1", resources=RESOURCES)


def labels(component: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/part-of": "science-platform",
        "app.kubernetes.io/managed-by": "pulumi",
    }


def test_a_site_has_a_namespace_of_its_own():
    assert objects.namespace_of("demo") == "science-demo"


def test_a_selector_names_the_component_and_the_site_and_nothing_that_may_change():
    assert objects.selector("demo", "web") == {
        "app.kubernetes.io/component": "web",
        "app.kubernetes.io/instance": "demo",
    }


def test_every_object_carries_the_recommended_labels():
    assert objects.labels("demo", "web") == labels("web")


def test_metadata_puts_an_object_into_the_namespace_of_its_site():
    assert objects.metadata("demo", "web", "web-config") == {
        "name": "web-config",
        "labels": labels("web"),
        "namespace": "science-demo",
    }


def test_metadata_of_cluster_wide_objects_has_no_namespace():
    assert objects.metadata("demo", "web", "science-demo-web", cluster_wide=True) == {
        "name": "science-demo-web",
        "labels": labels("web"),
    }


def test_metadata_has_annotations_where_there_are_any():
    assert objects.metadata("demo", "web", "web", annotations={"note": "yes"})["annotations"] == {
        "note": "yes"
    }


def test_a_content_hash_depends_on_the_content_and_not_on_its_order():
    assert objects.content_hash({"a": 1, "b": 2}) == objects.content_hash({"b": 2, "a": 1}) == "d8497d9d82"
    assert objects.content_hash({"a": 1, "b": 3}) != "d8497d9d82"


def test_a_config_map_carries_its_contents_hash_and_never_changes():
    assert objects.config_map("demo", "web", "web-config", {"a.txt": "A\n"}) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "web-config-8ba3e8d579",
            "labels": labels("web"),
            "namespace": "science-demo",
        },
        "data": {"a.txt": "A\n"},
        "immutable": True,
    }


def test_a_container_ends_at_its_memory_request_unless_it_has_a_limit():
    assert RESOURCES.manifest() == {
        "requests": {"cpu": "50m", "memory": "128Mi"},
        "limits": {"cpu": "1", "memory": "128Mi"},
    }
    assert Resources(cpu="50m", memory="128Mi", cpu_limit="1", memory_limit="1Gi").manifest() == {
        "requests": {"cpu": "50m", "memory": "128Mi"},
        "limits": {"cpu": "1", "memory": "1Gi"},
    }


def test_variables_are_plain_or_come_from_secrets():
    assert objects.env({"HOME": "/srv"}) == [{"name": "HOME", "value": "/srv"}]
    assert objects.secret_env({"TOKEN": ("web-keys", "token")}) == [
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "web-keys", "key": "token"}}}
    ]


def test_a_probe_asks_by_http_at_the_pace_it_is_given():
    assert objects.http_probe(8000, "/health", periodSeconds=2) == {
        "httpGet": {"port": 8000, "path": "/health"},
        "periodSeconds": 2,
    }


def test_a_container_has_no_privileges_and_a_read_only_root():
    assert WEB.manifest() == container()


def test_a_container_with_a_command():
    assert replace(WEB, command=["serve", "--all"]).manifest() == container(command=["serve", "--all"])


def test_a_container_with_named_ports():
    assert replace(WEB, ports={"http": 8000, "api": 8001}).manifest() == container(
        ports=[{"name": "http", "containerPort": 8000}, {"name": "api", "containerPort": 8001}]
    )


def test_a_container_with_variables():
    assert replace(WEB, env=objects.env({"HOME": "/srv"})).manifest() == container(
        env=[{"name": "HOME", "value": "/srv"}]
    )


def test_a_container_with_mounts():
    assert replace(WEB, mounts={"/etc/web": {"name": "config", "readOnly": True}}).manifest() == container(
        volumeMounts=[{"mountPath": "/etc/web", "name": "config", "readOnly": True}]
    )


def test_a_container_with_each_kind_of_probe():
    ready, alive, started = (objects.http_probe(8000, path) for path in ("/ready", "/alive", "/started"))
    assert replace(WEB, readiness=ready, liveness=alive, startup=started).manifest() == container(
        readinessProbe={"httpGet": {"port": 8000, "path": "/ready"}},
        livenessProbe={"httpGet": {"port": 8000, "path": "/alive"}},
        startupProbe={"httpGet": {"port": 8000, "path": "/started"}},
    )


def test_a_pod_runs_as_a_plain_user_without_a_token():
    assert Pod(containers=[WEB]).spec() == pod_spec()


def test_a_pod_gets_the_token_of_the_service_account_that_it_names():
    assert Pod(containers=[WEB], service_account="web").spec() == pod_spec(
        serviceAccountName="web", automountServiceAccountToken=True
    )


def test_init_containers_follow_the_same_rules():
    assert Pod(containers=[WEB], init_containers=[WEB]).spec() == pod_spec(initContainers=[container()])


def test_a_pod_with_volumes():
    assert Pod(containers=[WEB], volumes=[{"name": "tmp", "emptyDir": {}}]).spec() == pod_spec(
        volumes=[{"name": "tmp", "emptyDir": {}}]
    )


def test_a_pod_with_a_priority_and_a_time_to_end():
    assert Pod(containers=[WEB], priority_class="science-demo-core", grace_seconds=0).spec() == pod_spec(
        priorityClassName="science-demo-core", terminationGracePeriodSeconds=0
    )


def test_a_pod_on_certain_nodes():
    toleration = {"key": "gpu", "operator": "Equal", "value": "yes"}
    assert Pod(containers=[WEB], node_selector={"pool": "gpu"}, tolerations=[toleration]).spec() == pod_spec(
        nodeSelector={"pool": "gpu"}, tolerations=[toleration]
    )


def test_a_pod_template_is_labelled_and_annotated():
    assert Pod(containers=[WEB]).template("demo", "web") == {
        "metadata": {"labels": labels("web")},
        "spec": pod_spec(),
    }
    assert Pod(containers=[WEB], annotations={"config": "1f"}).template("demo", "web")["metadata"] == {
        "labels": labels("web"),
        "annotations": {"config": "1f"},
    }


def test_a_deployment_starts_the_new_pod_before_it_ends_the_old_one():
    assert objects.deployment("demo", "web", Pod(containers=[WEB]), replicas=2) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": labels("web"), "namespace": "science-demo"},
        "spec": {
            "replicas": 2,
            "revisionHistoryLimit": 3,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": {
                "matchLabels": {"app.kubernetes.io/component": "web", "app.kubernetes.io/instance": "demo"}
            },
            "template": {"metadata": {"labels": labels("web")}, "spec": pod_spec()},
        },
    }


def test_a_deployment_whose_old_pod_must_be_gone_first():
    spec = objects.deployment("demo", "web", Pod(containers=[WEB]), recreate=True)["spec"]
    assert spec["strategy"] == {"type": "Recreate"}


def test_a_daemon_set_rolls_on_all_nodes_at_once():
    assert objects.daemon_set("demo", "web", Pod(containers=[WEB])) == {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "web", "labels": labels("web"), "namespace": "science-demo"},
        "spec": {
            "revisionHistoryLimit": 3,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}},
            "selector": {
                "matchLabels": {"app.kubernetes.io/component": "web", "app.kubernetes.io/instance": "demo"}
            },
            "template": {"metadata": {"labels": labels("web")}, "spec": pod_spec()},
        },
    }


def test_a_service_leads_to_the_container_ports_of_the_same_names():
    assert objects.service("demo", "web", {"http": 80}) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "labels": labels("web"), "namespace": "science-demo"},
        "spec": {
            "selector": {"app.kubernetes.io/component": "web", "app.kubernetes.io/instance": "demo"},
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def test_a_service_with_a_name_and_a_type_of_its_own():
    manifest = objects.service("demo", "web", {"http": 80}, name="web-api", type="LoadBalancer")
    assert (manifest["metadata"]["name"], manifest["spec"]["type"]) == ("web-api", "LoadBalancer")


def test_a_secret_is_opaque_and_its_values_are_taken_as_they_are():
    assert objects.secret("demo", "web", "web-keys", {"token": "c2VjcmV0"}) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "web-keys", "labels": labels("web"), "namespace": "science-demo"},
        "type": "Opaque",
        "data": {"token": "c2VjcmV0"},
    }


def test_a_service_account_gives_its_token_to_no_pod_by_itself():
    assert objects.service_account("demo", "web") == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "web", "labels": labels("web"), "namespace": "science-demo"},
        "automountServiceAccountToken": False,
    }


def test_a_disruption_budget_takes_pods_one_after_another():
    assert objects.disruption_budget("demo", "web") == {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "labels": labels("web"), "namespace": "science-demo"},
        "spec": {
            "maxUnavailable": 1,
            "selector": {
                "matchLabels": {"app.kubernetes.io/component": "web", "app.kubernetes.io/instance": "demo"}
            },
        },
    }


def test_a_claim_of_the_default_class():
    assert objects.claim("demo", "web", "files", size="1Gi", access_mode="ReadWriteOnce") == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "files", "labels": labels("web"), "namespace": "science-demo"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def test_a_claim_says_what_is_said_of_it_and_nothing_that_is_none():
    manifest = objects.claim(
        "demo",
        "web",
        "files",
        size="1Gi",
        access_mode="ReadWriteMany",
        storageClassName="cephfs",
        volumeName=None,
    )
    assert manifest["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "cephfs",
    }


def test_a_job_by_the_clock_never_runs_twice_at_once_and_ends_in_time():
    pod = Pod(containers=[Container(name="web", image="registry.example.org/web:1", resources=RESOURCES)])
    once = replace(pod, restart_policy="Never")
    made = cron_job("demo", "web", once, schedule="17 3 * * *", time_zone="Etc/UTC", time_limit=60)
    assert made == {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": objects.metadata("demo", "web", "web"),
        "spec": {
            "schedule": "17 3 * * *",
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 21600,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {
                "metadata": {"labels": objects.labels("demo", "web")},
                "spec": {
                    "backoffLimit": 1,
                    "activeDeadlineSeconds": 60,
                    "template": {
                        "metadata": {"labels": objects.labels("demo", "web")},
                        "spec": pod_spec(restartPolicy="Never"),
                    },
                },
            },
        },
    }


def test_a_stateful_set_is_one_pod_that_its_service_names():
    assert objects.stateful_set("demo", "web", Pod(containers=[WEB])) == {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "labels": labels("web"), "namespace": "science-demo"},
        "spec": {
            "serviceName": "web",
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": objects.selector("demo", "web")},
            "template": {"metadata": {"labels": labels("web")}, "spec": pod_spec()},
        },
    }


def test_a_container_may_run_a_command_before_it_is_told_to_stop():
    found = replace(WEB, before_stop=["leave", "--gracefully"]).manifest()
    assert found == container(lifecycle={"preStop": {"exec": {"command": ["leave", "--gracefully"]}}})
