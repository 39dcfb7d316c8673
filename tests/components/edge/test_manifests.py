"""The objects of the edge, for each way in which it is published."""

import json
from dataclasses import replace
from functools import partial

import pytest
from kubernetes_validate import validate

from components.edge.caddy import configuration
from components.edge.doors import Door
from components.edge.manifests import (
    EdgeSite,
    config,
    front,
    ingress,
    network_policy,
    others,
    state_claim,
    workload,
)
from components.edge.spec import EdgeSpec
from infra.cluster import ClusterEdge, VolumeSource

door = partial(Door, title="Notebooks", description="D", service="proxy", port=80, pods="proxy")
HUB = door(name="hub", paths=("/hub",), pod_port=8000)
TAP = door(name="tap", host="tap.a.example", service="tap", port=8090, pods="tap")


def spec(certificate: dict | None = None, **more: object) -> EdgeSpec:
    return EdgeSpec.model_validate({"host": "a.example", "certificate": certificate, **more})


NODE_PORT = EdgeSite(
    site="x",
    title="Site X",
    spec=spec({"kind": "ownAuthority"}, nodePort=30443),
    exposure="nodePort",
    cluster_edge=ClusterEdge(),
    state=VolumeSource(storage_class="fast", access_mode="ReadWriteOnce"),
    doors=(HUB,),
    image="registry.example/edge:1",
)
LOAD_BALANCER = replace(
    NODE_PORT,
    spec=spec({"kind": "acme", "email": "ops@a.example"}, replicas=1),
    exposure="loadBalancer",
)
INGRESS = replace(
    NODE_PORT,
    spec=spec(),
    exposure="ingress",
    cluster_edge=ClusterEdge(ingress_class="nginx", tls_issuer="letsencrypt"),
)

LABELS = {
    "app.kubernetes.io/name": "edge",
    "app.kubernetes.io/component": "edge",
    "app.kubernetes.io/instance": "x",
    "app.kubernetes.io/part-of": "science-platform",
    "app.kubernetes.io/managed-by": "pulumi",
}
SELECTOR = {"app.kubernetes.io/component": "edge", "app.kubernetes.io/instance": "x"}
METADATA = {"name": "edge", "namespace": "science-x", "labels": LABELS}
AUTHORITY = "edge-authority-e0f65f7ccd"


def test_the_config_map_holds_the_configuration_and_the_pages():
    manifest = config(NODE_PORT)
    assert sorted(manifest["data"]) == ["caddy.json", "landing.html", "missing.html", "unavailable.html"]
    assert json.loads(manifest["data"]["caddy.json"]) == configuration(NODE_PORT.spec, "nodePort", [HUB])
    assert manifest["immutable"] is True


def test_a_changed_page_is_another_config_map():
    renamed = config(replace(NODE_PORT, title="Site Y"))
    assert renamed["metadata"]["name"] != config(NODE_PORT)["metadata"]["name"]


def test_the_deployment():
    assert workload(NODE_PORT, "edge-abc") == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": METADATA,
        "spec": {
            "replicas": 2,
            "revisionHistoryLimit": 3,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": {"matchLabels": SELECTOR},
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {
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
                    "terminationGracePeriodSeconds": 320,
                    "containers": [
                        {
                            "name": "caddy",
                            "image": "registry.example/edge:1",
                            "imagePullPolicy": "IfNotPresent",
                            "resources": {
                                "requests": {"cpu": "50m", "memory": "128Mi"},
                                "limits": {"cpu": "2", "memory": "512Mi"},
                            },
                            "securityContext": {
                                "allowPrivilegeEscalation": False,
                                "capabilities": {"drop": ["ALL"]},
                                "readOnlyRootFilesystem": True,
                            },
                            "command": ["/usr/bin/caddy", "run", "--config", "/etc/caddy/caddy.json"],
                            "ports": [
                                {"name": "https", "containerPort": 8443},
                                {"name": "health", "containerPort": 8081},
                                {"name": "metrics", "containerPort": 9180},
                            ],
                            "env": [
                                {"name": "XDG_CONFIG_HOME", "value": "/state"},
                                {"name": "XDG_DATA_HOME", "value": "/state"},
                            ],
                            "volumeMounts": [
                                {"mountPath": "/etc/caddy", "name": "config", "readOnly": True},
                                {"mountPath": "/state", "name": "state"},
                                {"mountPath": "/authority", "name": "authority", "readOnly": True},
                            ],
                            "readinessProbe": {
                                "httpGet": {"port": 8081, "path": "/healthz"},
                                "periodSeconds": 5,
                            },
                            "livenessProbe": {
                                "httpGet": {"port": 8081, "path": "/livez"},
                                "periodSeconds": 20,
                                "failureThreshold": 3,
                            },
                            "startupProbe": {
                                "httpGet": {"port": 8081, "path": "/livez"},
                                "periodSeconds": 1,
                                "failureThreshold": 60,
                            },
                        }
                    ],
                    "volumes": [
                        {"name": "config", "configMap": {"name": "edge-abc"}},
                        {"name": "state", "emptyDir": {"sizeLimit": "64Mi"}},
                        {"name": "authority", "secret": {"secretName": AUTHORITY}},
                    ],
                    "topologySpreadConstraints": [
                        {
                            "maxSkew": 1,
                            "topologyKey": "kubernetes.io/hostname",
                            "whenUnsatisfiable": "ScheduleAnyway",
                            "labelSelector": {"matchLabels": SELECTOR},
                        }
                    ],
                },
            },
        },
    }


def volumes(edge: EdgeSite) -> list[dict]:
    return workload(edge, "c")["spec"]["template"]["spec"]["volumes"][1:]


def test_acme_certificates_are_kept_on_a_volume_of_one_pod():
    assert volumes(LOAD_BALANCER) == [{"name": "state", "persistentVolumeClaim": {"claimName": "edge-state"}}]
    assert workload(LOAD_BALANCER, "c")["spec"]["strategy"] == {"type": "Recreate"}
    assert state_claim(LOAD_BALANCER) == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {**METADATA, "name": "edge-state"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "fast",
        },
    }


def test_an_existing_volume_is_bound_instead_of_a_class():
    claim = state_claim(replace(LOAD_BALANCER, state=VolumeSource(volume_name="pv-1")))
    assert claim is not None
    assert (claim["spec"]["storageClassName"], claim["spec"]["volumeName"]) == ("", "pv-1")


@pytest.mark.parametrize("edge", [NODE_PORT, INGRESS])
def test_other_certificates_need_no_claim(edge: EdgeSite):
    assert state_claim(edge) is None


def test_a_certificate_of_a_secret_is_mounted_where_the_edge_ends_tls():
    given = spec({"kind": "secret", "name": "wildcard"})
    assert volumes(replace(NODE_PORT, spec=given))[1:] == [
        {"name": "certificate", "secret": {"secretName": "wildcard"}}
    ]
    assert volumes(replace(INGRESS, spec=given))[1:] == []


def test_other_hosts_have_another_authority():
    assert NODE_PORT.authority_secret == AUTHORITY
    assert replace(NODE_PORT, doors=(HUB, TAP)).authority_secret != AUTHORITY
    assert LOAD_BALANCER.authority_secret is None
    assert INGRESS.authority_secret is None


def service(**spec: object) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": METADATA,
        "spec": {"selector": SELECTOR, **spec},
    }


def test_the_service_of_a_node_port():
    https = {"name": "https", "port": 443, "targetPort": "https", "protocol": "TCP", "nodePort": 30443}
    assert front(NODE_PORT) == service(ports=[https], type="NodePort", externalTrafficPolicy="Cluster")


def test_the_service_of_a_load_balancer():
    assert front(LOAD_BALANCER) == service(
        ports=[
            {"name": "https", "port": 443, "targetPort": "https", "protocol": "TCP"},
            {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"},
        ],
        type="LoadBalancer",
        externalTrafficPolicy="Local",
    )


def test_the_service_behind_an_ingress():
    http = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
    assert front(INGRESS) == service(ports=[http], type="ClusterIP")


def allowing(edge: EdgeSite, *networks: str) -> EdgeSite:
    return replace(edge, spec=edge.spec.model_copy(update={"allow_from": list(networks)}))


def test_a_load_balancer_lets_in_allowed_networks_only():
    ranges = front(allowing(LOAD_BALANCER, "192.0.2.0/24"))["spec"]["loadBalancerSourceRanges"]
    assert ranges == ["192.0.2.0/24"]


def test_a_node_port_sees_who_connects_where_it_matters():
    assert front(allowing(NODE_PORT, "192.0.2.0/24"))["spec"]["externalTrafficPolicy"] == "Local"


NGINX = {
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.ingress.kubernetes.io/proxy-buffering": "off",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
}


def test_the_ingress():
    path = {
        "path": "/",
        "pathType": "Prefix",
        "backend": {"service": {"name": "edge", "port": {"name": "http"}}},
    }
    assert ingress(replace(INGRESS, doors=(HUB, TAP))) == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            **METADATA,
            "annotations": {**NGINX, "cert-manager.io/cluster-issuer": "letsencrypt"},
        },
        "spec": {
            "ingressClassName": "nginx",
            "tls": [{"hosts": ["a.example", "tap.a.example"], "secretName": "edge-tls"}],
            "rules": [
                {"host": "a.example", "http": {"paths": [path]}},
                {"host": "tap.a.example", "http": {"paths": [path]}},
            ],
        },
    }


def test_an_ingress_takes_a_certificate_of_a_secret():
    edge = replace(INGRESS, spec=spec({"kind": "secret", "name": "wildcard"}))
    manifest = ingress(edge)
    assert manifest is not None
    assert manifest["spec"]["tls"] == [{"hosts": ["a.example"], "secretName": "wildcard"}]
    assert manifest["metadata"]["annotations"] == NGINX


def test_an_ingress_of_another_class_has_no_words_for_nginx():
    manifest = ingress(replace(INGRESS, cluster_edge=ClusterEdge(ingress_class="traefik", tls_issuer="ca")))
    assert manifest is not None
    assert manifest["metadata"]["annotations"] == {"cert-manager.io/cluster-issuer": "ca"}


def tcp(*ports: int) -> list[dict]:
    return [{"port": port, "protocol": "TCP"} for port in ports]


def pods(component: str) -> list[dict]:
    labels = {"app.kubernetes.io/component": component, "app.kubernetes.io/instance": "x"}
    return [{"podSelector": {"matchLabels": labels}}]


def block(*networks: str) -> list[dict]:
    return [{"ipBlock": {"cidr": network}} for network in networks]


METRICS = {
    "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
    "ports": tcp(9180),
}


def test_the_network_policy():
    policy = network_policy(replace(NODE_PORT, doors=(HUB, TAP)))
    dns = policy["spec"]["egress"].pop(0)
    assert dns["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
    assert policy == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": METADATA,
        "spec": {
            "podSelector": {"matchLabels": SELECTOR},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": block("0.0.0.0/0"), "ports": tcp(8443)}, METRICS],
            "egress": [{"to": pods("proxy"), "ports": tcp(8000)}, {"to": pods("tap"), "ports": tcp(8090)}],
        },
    }


def callers(edge: EdgeSite) -> dict:
    return network_policy(edge)["spec"]["ingress"][0]


def test_a_node_port_lets_in_allowed_networks_only():
    edge = allowing(NODE_PORT, "192.0.2.0/24", "198.51.100.0/24")
    assert callers(edge) == {"from": block("192.0.2.0/24", "198.51.100.0/24"), "ports": tcp(8443)}


def test_a_load_balancer_may_connect_from_addresses_of_its_own():
    edge = allowing(LOAD_BALANCER, "192.0.2.0/24")
    assert callers(edge) == {"from": block("0.0.0.0/0"), "ports": tcp(8443, 8080)}


def test_an_ingress_controller_connects_from_another_namespace_or_a_node():
    other = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["science-x"]}
    nodes = block("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
    assert callers(INGRESS) == {
        "from": [{"namespaceSelector": {"matchExpressions": [other]}}, *nodes],
        "ports": tcp(8080),
    }


def ways_out(edge: EdgeSite) -> list[dict]:
    return network_policy(edge)["spec"]["egress"][2:]


def test_acme_needs_a_way_to_the_authority():
    private = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]
    internet = [{"ipBlock": {"cidr": "0.0.0.0/0", "except": private}}]
    assert ways_out(LOAD_BALANCER) == [{"to": internet, "ports": tcp(443)}]
    elsewhere = {"kind": "acme", "email": "ops@a.example", "directory": "https://ca.example:14000/dir"}
    assert ways_out(replace(LOAD_BALANCER, spec=spec(elsewhere))) == [
        {"to": internet, "ports": tcp(443, 14000)}
    ]
    assert ways_out(NODE_PORT) == ways_out(INGRESS) == []


@pytest.mark.parametrize(
    ("edge", "kinds"),
    [
        (NODE_PORT, ["NetworkPolicy", "PodDisruptionBudget", "Service"]),
        (LOAD_BALANCER, ["NetworkPolicy", "PodDisruptionBudget", "Service"]),
        (INGRESS, ["Ingress", "NetworkPolicy", "PodDisruptionBudget", "Service"]),
    ],
)
def test_every_object_is_valid(edge: EdgeSite, kinds: list[str]):
    rest = others(edge)
    assert sorted(manifest["kind"] for manifest in rest.values()) == kinds
    for manifest in (config(edge), workload(edge, "c"), *rest.values()):
        validate(manifest, "1.34", strict=True)
