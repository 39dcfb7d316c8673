"""A plan as a scene: a whole small one, and what each rule adds to it."""

import json
from typing import Any

from components.policies import DNS, INTERNET, USER_SERVER, deny_all, egress, ingress, network, pods, policy
from stacks.draw.read import scene_of
from stacks.draw.scene import Box, Line, Link, Place, Scene, Shape, Way
from stacks.plan import Plan
from tests.support.big import workload
from tests.support.diff import claim, kubernetes, of

EDGE, TAP = "pods/science-demo/Deployment/edge", "pods/science-demo/Deployment/tap"
SERVERS = f"pods/science-demo/Runtime/{USER_SERVER}"
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "science-demo"}}


def service(name: str, **spec: object) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "science-demo"}
    selector = {"app.kubernetes.io/component": name}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": selector, "ports": [{"port": 8080}], **spec},
    }


def small() -> Plan:
    edge = workload("Deployment", "edge", ports=(8443,), replicas=2)
    config = {
        "routes": [
            {"match": [{"host": ["tap.example.org"]}], "handle": [{"upstreams": [{"dial": "tap:8080"}]}]}
        ]
    }
    edge["spec"]["template"]["spec"]["volumes"] = [{"name": "config", "configMap": {"name": "edge"}}]
    edge_service = service("edge", type="LoadBalancer", ports=[{"port": 443, "targetPort": 8443}])
    objects = [
        NAMESPACE,
        deny_all("demo"),
        edge,
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "edge"},
            "data": {"a": json.dumps(config)},
        },
        edge_service,
        policy(
            "demo",
            "edge",
            ingress=[ingress(network("0.0.0.0/0"), 8443)],
            egress=[DNS, egress(pods("demo", "tap"), 8080)],
        ),
        workload("Deployment", "tap", ports=(8080,), claims={"homes": False}, replicas=1),
        service("tap"),
        policy(
            "demo",
            "tap",
            ingress=[ingress(pods("demo", "edge"), 8080)],
            egress=[DNS, egress(network("10.60.8.0/28"), 5432)],
        ),
    ]
    return of(
        *(kubernetes(each, f"{each['kind']}-{each['metadata']['name']}") for each in objects),
        claim(protect=True),
        title="Small site",
        url="https://science.example.org",
    )


def test_a_small_site():
    urn = "urn:pulumi:demo::science-platform::kubernetes"
    assert scene_of(small()) == Scene(
        title="Small site",
        subtitle="site demo · https://science.example.org",
        boxes=(
            Box(
                key="people",
                title="People",
                shape=Shape.PEOPLE,
                place=Place.CLIENTS,
                lines=(Line("browsers"), Line("and clients")),
            ),
            Box(
                key="entry/Service/edge",
                title="Load balancer",
                shape=Shape.ENTRY,
                place=Place.GATE,
                lines=(Line("tap.example.org"), Line("port 443")),
                urn=f"{urn}:core/v1:Service::Service-edge",
            ),
            Box(
                key=EDGE,
                title="edge",
                shape=Shape.PODS,
                place=Place.SITE,
                layer="platform",
                lines=(
                    Line("Deployment, 2 pods"),
                    Line("listens on 8443"),
                    Line("tap.example.org", strong=True),
                    Line("/  →\N{NO-BREAK SPACE}tap", door=f"tap.example.org {TAP}"),
                ),
                urn=f"{urn}:apps/v1:Deployment::Deployment-edge",
            ),
            Box(
                key=TAP,
                title="tap",
                shape=Shape.PODS,
                place=Place.SITE,
                layer="platform",
                lines=(Line("Deployment, 1 pod"), Line("listens on 8080")),
                urn=f"{urn}:apps/v1:Deployment::Deployment-tap",
            ),
            Box(
                key="volume/homes",
                title="homes",
                shape=Shape.VOLUME,
                place=Place.DATA,
                lines=(Line("10Gi · many nodes · kept"), Line("class fast")),
                urn=f"{urn}:core/v1:PersistentVolumeClaim::homes",
            ),
            Box(
                key="cluster/names",
                title="Cluster DNS",
                shape=Shape.SERVICE,
                place=Place.CLUSTER,
                lines=(Line("asked by edge, tap"),),
                notes=("asked by edge, tap",),
            ),
            Box(
                key="outside/10.60.8.0/28",
                title="PostgreSQL",
                shape=Shape.DATABASE,
                place=Place.OUTSIDE,
                lines=(Line("10.60.8.0/28"), Line("5432 PostgreSQL")),
            ),
        ),
        links=(
            Link(source="people", target="entry/Service/edge", way=Way.TRAFFIC, labels=("port 443",)),
            Link(source="entry/Service/edge", target=EDGE, way=Way.TRAFFIC, labels=("8443",)),
            Link(
                source=EDGE,
                target=TAP,
                way=Way.TRAFFIC,
                labels=("tap.example.org",),
                door=f"tap.example.org {TAP}",
            ),
            Link(source=TAP, target="volume/homes", way=Way.READ, labels=("/volumes/homes",)),
            Link(source=TAP, target="outside/10.60.8.0/28", way=Way.TRAFFIC, labels=("5432",)),
        ),
        places={
            Place.CLIENTS: "Outside",
            Place.GATE: "Cluster demo",
            Place.SITE: "Namespace science-demo",
            Place.DATA: "volumes",
            Place.OUTSIDE: "May be reached",
        },
    )


def boxes(*objects: dict[str, Any]) -> dict[str, Box]:
    return {box.key: box for box in scene_of(of(*map(kubernetes, objects))).boxes}


def links(*objects: dict[str, Any]) -> list[Link]:
    return list(scene_of(of(*map(kubernetes, objects))).links)


def test_what_talks_both_ways_is_one_link():
    both = [
        policy(
            "demo",
            name,
            ingress=[ingress(pods("demo", other), 8080)],
            egress=[egress(pods("demo", other), 8080)],
        )
        for name, other in (("edge", "tap"), ("tap", "edge"))
    ]
    found = links(workload("Deployment", "edge"), workload("Deployment", "tap"), *both)
    labels = ("tap on 8080", "edge on 8080")
    assert found == [Link(source=EDGE, target=TAP, way=Way.TRAFFIC, labels=labels, both=True)]


def test_pods_without_a_policy_are_said_to_be_open():
    found = boxes(workload("Deployment", "edge"))[EDGE]
    assert found.lines == (Line("Deployment, 1 pod"), Line("no network policy: open", strong=True))


def test_ways_that_callers_have_to_themselves_are_told_by_caller():
    policies = [
        policy("demo", name, egress=[egress(INTERNET, *ports)])
        for name, ports in (("edge", [443]), ("tap", []))
    ]
    found = boxes(workload("Deployment", "edge"), workload("Deployment", "tap"), *policies)
    lines = (Line("no private networks"), Line("edge: 443"), Line("tap: any port"))
    assert found["outside/Internet"].lines == lines


def test_who_calls_past_the_entries_is_at_the_gate():
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    found = policy("demo", "tap", ingress=[ingress([monitoring], 9180), ingress(network("10.0.0.0/8"), 22)])
    assert links(workload("Deployment", "tap"), found) == [
        Link(source="gate/monitoring", target=TAP, way=Way.TRAFFIC, labels=("9180",)),
        Link(source="gate/10.0.0.0/8", target=TAP, way=Way.TRAFFIC, labels=("22",)),
    ]


def test_people_s_servers_mount_what_the_document_about_them_names():
    hub = workload("Deployment", "hub")
    hub["spec"]["template"]["spec"]["volumes"] = [{"name": "config", "configMap": {"name": "hub"}}]
    document = json.dumps(
        {"labels": {"app.kubernetes.io/component": USER_SERVER}, "homes": {"claim": "homes"}}
    )
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "hub"},
        "data": {"site.json": document},
    }
    other = policy("demo", "batch-worker")
    found = scene_of(of(*map(kubernetes, (hub, config, policy("demo", USER_SERVER), other)), claim()))
    assert found.links == (
        Link(source=SERVERS, target="volume/homes", way=Way.WRITE, labels=("a part each",)),
    )
    servers = next(box for box in found.boxes if box.key == SERVERS)
    assert (servers.title, servers.shape, servers.layer) == (
        "People's servers",
        Shape.RUNTIME,
        "people's own code",
    )


def test_what_nobody_may_write_to_is_only_read_however_it_is_mounted():
    survey = claim("homes")
    spec = survey.inputs["spec"] | {"accessModes": ["ReadOnlyMany"]}  # type: ignore[operator]
    read_only = type(survey)(**{**vars(survey), "inputs": {**survey.inputs, "spec": spec}})
    scene = scene_of(of(kubernetes(workload("Deployment", "tap", claims={"homes": True})), read_only))
    assert [link.way for link in scene.links] == [Way.READ]


def test_an_empty_plan_is_an_empty_scene():
    assert (scene_of(of()).boxes, scene_of(of()).links) == ((), ())
