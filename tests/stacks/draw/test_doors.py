"""Ways in: Services, Ingresses, HTTPRoutes; and doors: what a proxy is told to send on."""

import json
from typing import Any

import pytest

from stacks.draw.doors import Door, Entry, Services, doors, entries
from stacks.draw.pods import workloads
from stacks.plan import Plan
from tests.support.big import workload
from tests.support.diff import kubernetes, of

EDGE, HUB = "pods/science-demo/Deployment/edge", "pods/science-demo/Deployment/hub"
METADATA = {"name": "edge", "namespace": "science-demo"}


def service(name: str, **spec: object) -> dict[str, Any]:
    selector = {"app.kubernetes.io/component": name}
    ports = [{"name": "https", "port": 443, "targetPort": "https"}, {"port": 80, "targetPort": 8080}]
    body = {"selector": selector, "ports": ports, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": METADATA | {"name": name}, "spec": body}


def site(*objects: dict[str, Any], data: dict[str, str] | None = None) -> tuple[Plan, Services]:
    edge = workload("Deployment", "edge", ports=(8443, 8080))
    pod = edge["spec"]["template"]["spec"]
    pod["containers"][0]["ports"][0]["name"] = "https"
    pod["volumes"].append({"name": "config", "configMap": {"name": "edge-config"}})
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "edge-config"},
        "data": data or {},
    }
    manifests = [edge, workload("Deployment", "hub", ports=(8081,)), config, *objects]
    planned = of(*map(kubernetes, manifests))
    return planned, Services.of(planned.manifests(), workloads(planned))


def urn(kind: str) -> str:
    return f"urn:pulumi:demo::science-platform::kubernetes:{kind}::edge"


@pytest.mark.parametrize(
    ("given", "entry"),
    [
        (
            service("edge", type="LoadBalancer"),
            Entry(
                key="entry/Service/edge",
                title="Load balancer",
                urn=urn("core/v1:Service"),
                ports=("443", "80"),
                targets=((EDGE, 8443), (EDGE, 8080)),
            ),
        ),
        (
            service("edge", type="NodePort", ports=[{"port": 443, "nodePort": 30443, "targetPort": "https"}]),
            Entry(
                key="entry/Service/edge",
                title="Node port",
                urn=urn("core/v1:Service"),
                ports=("30443",),
                targets=((EDGE, 8443),),
            ),
        ),
    ],
    ids=["load balancer", "node port"],
)
def test_a_service_that_is_published_is_a_way_in(given: dict[str, Any], entry: Entry):
    assert entries(*site(given)) == [entry]


def test_a_service_inside_the_cluster_is_no_way_in():
    assert entries(*site(service("edge"))) == []


def test_an_ingress_leads_to_the_pods_behind_its_service():
    backend = {"service": {"name": "edge", "port": {"name": "https"}}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": METADATA,
        "spec": {
            "ingressClassName": "nginx",
            "rules": [
                {"host": host, "http": {"paths": [{"path": "/", "backend": backend}]}}
                for host in ("science.example.org", "files.example.org")
            ],
            "tls": [{"hosts": ["science.example.org"]}],
        },
    }
    assert entries(*site(service("edge"), ingress)) == [
        Entry(
            key="entry/Ingress/edge",
            title="Ingress nginx",
            urn=urn("networking.k8s.io/v1:Ingress"),
            hosts=("science.example.org", "files.example.org"),
            ports=("443",),
            targets=((EDGE, 8443),),
        )
    ]


def test_a_route_of_a_gateway_leads_to_the_pods_behind_its_service():
    route = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": METADATA,
        "spec": {
            "parentRefs": [{"name": "public"}],
            "hostnames": ["science.example.org"],
            "rules": [{"backendRefs": [{"name": "edge", "port": 80}]}],
        },
    }
    assert entries(*site(service("edge"), route)) == [
        Entry(
            key="entry/HTTPRoute/edge",
            title="Gateway public",
            urn=urn("gateway.networking.k8s.io/v1:HTTPRoute"),
            hosts=("science.example.org",),
            targets=((EDGE, 8080),),
        )
    ]


def routes(*dials: str) -> dict[str, str]:
    proxies = [{"handler": "reverse_proxy", "upstreams": [{"dial": dial}]} for dial in dials]
    below = [{"match": [{"path": ["/hub", "/hub/*"]}, {"path": ["/user/*"]}], "handle": proxies}]
    server = {"routes": [{"match": [{"host": ["science.example.org"]}], "handle": [{"routes": below}]}]}
    return {"caddy.json": json.dumps({"apps": {"http": {"servers": {"site": server}}}}), "page.html": "{"}


@pytest.mark.parametrize("dial", ["hub:443", "hub.science-demo:443", "hub.science-demo.svc.cluster.local:80"])
def test_a_door_is_what_the_proxy_sends_on(dial: str):
    planned, services = site(service("hub"), data=routes(dial))
    assert doors(planned.manifests(), services) == [
        Door(proxy=EDGE, host="science.example.org", paths=("/hub", "/user"), target=HUB)
    ]


@pytest.mark.parametrize("dial", ["nobody:443", "edge:443", "hub:9999"])
def test_what_leads_nowhere_or_back_is_no_door(dial: str):
    planned, services = site(service("hub"), service("edge"), data=routes(dial))
    assert doors(planned.manifests(), services) == []
