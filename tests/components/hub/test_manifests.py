"""The hub's Kubernetes objects."""

from dataclasses import replace

import pytest

from components.edge.doors import Door
from components.hub import manifests
from components.hub.spec import HubSpec
from infra.cluster import VolumeSource

SMALL = {
    "title": "Small",
    "cpu": {"guarantee": 0.5, "limit": 4},
    "memory": {"guarantee": "1Gi", "limit": "8Gi"},
    "default": True,
}
SQLITE = HubSpec.model_validate({"profiles": {"small": SMALL}})
POSTGRESQL = HubSpec.model_validate(
    {"profiles": {"small": SMALL}, "state": {"kind": "postgresql", "cidr": "10.0.8.0/28"}}
)
PARTS = manifests.HubParts(
    site="demo",
    settings={"services": {"data-access": {"scopes": []}}},
    files={"jupyterhub_config.py": "c = get_config()\n"},
    sign_in={"OIDC_CLIENT_SECRET": ("sign-in", "clientSecret")},
    hub_image="r.org/hub:1",
    proxy_image="r.org/proxy:1",
)
SECURITY = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "fsGroup": 1000,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}


def labels(component: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/part-of": "science-platform",
        "app.kubernetes.io/managed-by": "pulumi",
    }


def selector(component: str) -> dict[str, str]:
    return {"app.kubernetes.io/component": component, "app.kubernetes.io/instance": "demo"}


def metadata(name: str, component: str = "hub") -> dict[str, object]:
    return {"name": name, "labels": labels(component), "namespace": "science-demo"}


def from_secret(name: str, secret: str, key: str) -> dict[str, object]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def test_the_hubs_door_owns_what_jupyterhub_routes_and_marks_its_answers():
    assert manifests.door() == Door(
        name="hub",
        title="Notebooks",
        description="JupyterLab next to the data",
        service="proxy",
        port=8000,
        pods="proxy",
        paths=("/hub", "/user", "/services"),
        link="/hub/",
        compress=True,
        mark="X-JupyterHub-Version",
    )


def test_a_services_token_has_a_secret_and_a_variable_of_its_own():
    assert manifests.token_secret("data-access") == "hub-token-data-access"
    assert manifests.token_variable("data-access") == "SERVICE_TOKEN_DATA_ACCESS"


def test_the_configuration_is_the_files_and_the_sites_values():
    assert manifests.configuration(PARTS) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata("hub-config-089ed30276"),
        "data": {
            "jupyterhub_config.py": "c = get_config()\n",
            "site.json": '{\n "services": {\n  "data-access": {\n   "scopes": []\n  }\n }\n}',
        },
        "immutable": True,
    }


def test_the_hub_is_one_pod_with_its_database_on_a_volume():
    assert manifests.hub_deployment(SQLITE, PARTS) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata("hub"),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector("hub")},
            "template": {
                "metadata": {"labels": labels("hub")},
                "spec": {
                    "automountServiceAccountToken": True,
                    "serviceAccountName": "hub",
                    "enableServiceLinks": False,
                    "securityContext": POD_SECURITY,
                    "terminationGracePeriodSeconds": 30,
                    "priorityClassName": "science-demo-core",
                    "containers": [
                        {
                            "name": "hub",
                            "image": "r.org/hub:1",
                            "imagePullPolicy": "IfNotPresent",
                            "command": ["jupyterhub", "--config", "/etc/jupyterhub/jupyterhub_config.py"],
                            "resources": {
                                "requests": {"cpu": "100m", "memory": "300Mi"},
                                "limits": {"cpu": "2", "memory": "1Gi"},
                            },
                            "securityContext": SECURITY,
                            "ports": [{"name": "http", "containerPort": 8081}],
                            "env": [
                                from_secret("CONFIGPROXY_AUTH_TOKEN", "proxy-token", "token"),
                                from_secret("JPY_COOKIE_SECRET", "hub-keys", "cookieSecret"),
                                from_secret("JUPYTERHUB_CRYPT_KEY", "hub-keys", "cryptKey"),
                                from_secret("OIDC_CLIENT_SECRET", "sign-in", "clientSecret"),
                                from_secret("SERVICE_TOKEN_DATA_ACCESS", "hub-token-data-access", "token"),
                                {"name": "HOME", "value": "/tmp"},
                                {"name": "PYTHONUNBUFFERED", "value": "1"},
                            ],
                            "volumeMounts": [
                                {"mountPath": "/etc/jupyterhub", "name": "config", "readOnly": True},
                                {"mountPath": "/tmp", "name": "tmp"},
                                {"mountPath": "/srv/hub", "name": "state"},
                            ],
                            "startupProbe": {
                                "httpGet": {"port": 8081, "path": "/hub/health"},
                                "periodSeconds": 1,
                                "failureThreshold": 180,
                                "timeoutSeconds": 3,
                            },
                            "readinessProbe": {
                                "httpGet": {"port": 8081, "path": "/hub/health"},
                                "periodSeconds": 2,
                                "timeoutSeconds": 3,
                            },
                            "livenessProbe": {
                                "httpGet": {"port": 8081, "path": "/hub/health"},
                                "periodSeconds": 10,
                                "failureThreshold": 6,
                                "timeoutSeconds": 5,
                            },
                        }
                    ],
                    "volumes": [
                        {"name": "config", "configMap": {"name": "hub-config-089ed30276"}},
                        {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
                        {"name": "state", "persistentVolumeClaim": {"claimName": "hub-state"}},
                    ],
                },
            },
        },
    }


def test_a_hub_whose_database_is_elsewhere_has_no_volume():
    pod = manifests.hub_deployment(POSTGRESQL, PARTS)["spec"]["template"]["spec"]
    assert [volume["name"] for volume in pod["volumes"]] == ["config", "tmp"]
    assert [mount["name"] for mount in pod["containers"][0]["volumeMounts"]] == ["config", "tmp"]
    assert from_secret("HUB_DATABASE_URL", "hub-database", "url") in pod["containers"][0]["env"]


def test_the_hub_may_use_the_memory_that_the_site_gives_it():
    spec = HubSpec.model_validate({"profiles": {"small": SMALL}, "memory": "3Gi"})
    pod = manifests.hub_deployment(spec, PARTS)["spec"]["template"]["spec"]
    assert pod["containers"][0]["resources"] == {
        "requests": {"cpu": "100m", "memory": "300Mi"},
        "limits": {"cpu": "2", "memory": "3Gi"},
    }


@pytest.mark.parametrize(
    "changed",
    [replace(PARTS, files={"jupyterhub_config.py": "c = 1\n"}), replace(PARTS, settings={"services": {}})],
    ids=["files", "settings"],
)
def test_changed_configuration_rolls_the_hub_and_not_the_proxy(changed: manifests.HubParts):
    assert manifests.hub_deployment(SQLITE, changed) != manifests.hub_deployment(SQLITE, PARTS)
    assert manifests.proxy_deployment(changed) == manifests.proxy_deployment(PARTS)


def test_the_proxy_is_one_pod_that_knows_the_hub():
    assert manifests.proxy_deployment(PARTS) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata("proxy", "proxy"),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector("proxy")},
            "template": {
                "metadata": {"labels": labels("proxy")},
                "spec": {
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "securityContext": POD_SECURITY,
                    "terminationGracePeriodSeconds": 30,
                    "priorityClassName": "science-demo-core",
                    "containers": [
                        {
                            "name": "proxy",
                            "image": "r.org/proxy:1",
                            "imagePullPolicy": "IfNotPresent",
                            "command": [
                                "configurable-http-proxy",
                                "--ip=0.0.0.0",
                                "--port=8000",
                                "--api-ip=0.0.0.0",
                                "--api-port=8001",
                                "--default-target=http://hub:8081",
                                "--error-target=http://hub:8081/hub/error",
                                "--no-x-forward",
                                "--log-level=warn",
                            ],
                            "resources": {
                                "requests": {"cpu": "50m", "memory": "128Mi"},
                                "limits": {"cpu": "1", "memory": "512Mi"},
                            },
                            "securityContext": SECURITY,
                            "ports": [
                                {"name": "http", "containerPort": 8000},
                                {"name": "api", "containerPort": 8001},
                            ],
                            "env": [from_secret("CONFIGPROXY_AUTH_TOKEN", "proxy-token", "token")],
                            "volumeMounts": [{"mountPath": "/tmp", "name": "tmp"}],
                            "readinessProbe": {
                                "httpGet": {"port": 8000, "path": "/_chp_healthz"},
                                "periodSeconds": 2,
                            },
                            "livenessProbe": {
                                "httpGet": {"port": 8000, "path": "/_chp_healthz"},
                                "periodSeconds": 10,
                                "failureThreshold": 6,
                            },
                        }
                    ],
                    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
                },
            },
        },
    }


def test_pods_find_the_hub_and_the_two_sides_of_its_proxy():
    def port(name: str, number: int) -> dict[str, object]:
        return {"name": name, "port": number, "targetPort": name, "protocol": "TCP"}

    def service(name: str, component: str, **spec: object) -> dict[str, object]:
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(name, component),
            "spec": {"selector": selector(component), **spec},
        }

    assert manifests.services("demo") == {
        "hub": service("hub", "hub", ports=[port("http", 8081)], publishNotReadyAddresses=True),
        "proxy": service("proxy", "proxy", ports=[port("http", 8000)]),
        "proxy-api": service("proxy-api", "proxy", ports=[port("api", 8001)]),
    }


def test_the_hub_may_start_watch_and_stop_pods_of_its_namespace_and_nothing_else():
    assert manifests.permissions("demo") == {
        "account": {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata("hub"),
            "automountServiceAccountToken": False,
        },
        "role": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": metadata("hub"),
            "rules": [
                {
                    "apiGroups": [""],
                    "resources": ["pods"],
                    "verbs": ["get", "list", "watch", "create", "delete"],
                },
                {"apiGroups": [""], "resources": ["events"], "verbs": ["get", "list", "watch"]},
            ],
        },
        "binding": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": metadata("hub"),
            "subjects": [{"kind": "ServiceAccount", "name": "hub", "namespace": "science-demo"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "hub"},
        },
    }


def test_the_hubs_database_is_on_a_volume_for_one_pod():
    assert manifests.state_claim("demo", SQLITE, VolumeSource(storage_class="ssd")) == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata("hub-state"),
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "ssd",
        },
    }


def test_the_hubs_database_may_be_on_a_volume_that_is_there_already():
    claim = manifests.state_claim("demo", SQLITE, VolumeSource(volume_name="hub-2019"))
    assert claim is not None
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "",
        "volumeName": "hub-2019",
    }


def test_a_database_elsewhere_needs_no_claim():
    assert manifests.state_claim("demo", POSTGRESQL, VolumeSource()) is None


def test_the_hub_goes_before_servers_and_placeholders_push_nobody_out():
    def priority(kind: str, value: int, description: str, preemption: str) -> dict[str, object]:
        return {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": f"science-demo-{kind}", "labels": labels("hub")},
            "value": value,
            "globalDefault": False,
            "description": description,
            "preemptionPolicy": preemption,
        }

    assert manifests.priority_classes("demo") == {
        "core": priority(
            "core",
            1000,
            "The hub and its proxy: everyone's work depends on them.",
            "PreemptLowerPriority",
        ),
        "user": priority("user", 0, "People's servers.", "PreemptLowerPriority"),
        "placeholder": priority("placeholder", -10, "Empty pods that give way to people's servers.", "Never"),
    }


def test_the_hub_and_its_proxy_are_drained_one_after_another():
    assert manifests.budgets("demo") == {
        component: {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(component, component),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(component)}},
        }
        for component in ("hub", "proxy")
    }
