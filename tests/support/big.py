"""A plan with much of everything: what a site may grow to, and more."""

import json
from collections.abc import Iterator
from typing import Any

from components.objects import labels, metadata
from components.policies import DNS, INTERNET, USER_SERVER, deny_all, egress, ingress, network, pods, policy
from stacks.plan import Plan
from stacks.resources import PlannedResource
from tests.support import diff

SITE = "demo"
DOORS = ("webdav", "s3", "tap", "batch", "dask-gateway")
LONG = "a-layer-whose-name-is-as-long-as-kubernetes-allows-it-to-be-which-is-63"
SPACES = 20
POOLS = 12

Manifest = dict[str, Any]


def big_plan() -> Plan:
    """Return the plan: doors with hosts of their own, databases, nightly jobs, spaces, two clouds."""
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "science-demo"}},
        deny_all(SITE),
        *_edge(),
        *_hub(),
        *(each for door in DOORS for each in _door(door)),
        *_jobs(),
        *_volumes(),
    ]
    return diff.of(
        *(_resource(each) for each in objects),
        *_openstack(),
        *_aws(),
        title="A site with all there is",
        url="https://demo.example.org",
    )


def _resource(manifest: Manifest) -> PlannedResource:
    component = manifest["metadata"].get("labels", {}).get("app.kubernetes.io/component", "platform")
    found = diff.kubernetes(manifest, f"{manifest['kind']}-{manifest['metadata']['name']}")
    urn = f"urn:pulumi:demo::science-platform::science-platform:{component}:Layer${found.type}::{found.name}"
    return PlannedResource(**{**vars(found), "urn": urn})


def workload(
    kind: str,
    name: str,
    *,
    ports: tuple[int, ...] = (),
    claims: dict[str, bool] | None = None,
    **spec: object,
) -> Manifest:
    """Return a workload; ``claims`` says which claims it mounts, and whether to write."""
    pod = {
        "containers": [
            {
                "name": name[:40],
                "image": "example.org/image:1",
                "ports": [{"containerPort": port} for port in ports],
                "volumeMounts": [
                    {"name": claim, "mountPath": f"/volumes/{claim}", "readOnly": not write}
                    for claim, write in (claims or {}).items()
                ],
            }
        ],
        "volumes": [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims or {}],
    }
    template = {"metadata": {"labels": labels(SITE, name)}, "spec": pod}
    body = {"template": template} if kind != "CronJob" else {"jobTemplate": {"spec": {"template": template}}}
    version = "batch/v1" if kind in ("CronJob", "Job") else "apps/v1"
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": metadata(SITE, name, name),
        "spec": {**body, **spec},
    }


def _service(name: str, port: int, **spec: object) -> Manifest:
    selector = {"app.kubernetes.io/component": name, "app.kubernetes.io/instance": SITE}
    body = {"selector": selector, "ports": [{"port": port}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata(SITE, name, name), "spec": body}


def _edge() -> Iterator[Manifest]:
    routes = [
        {
            "match": [{"host": [f"{door}.demo.example.org"]}],
            "handle": [{"upstreams": [{"dial": f"{door}:8080"}]}],
        }
        for door in DOORS
    ]
    routes.append(
        {
            "match": [{"host": ["demo.example.org"]}],
            "handle": [
                {
                    "routes": [
                        {
                            "match": [{"path": ["/hub", "/hub/*"]}],
                            "handle": [{"upstreams": [{"dial": "hub:8081"}]}],
                        }
                    ]
                }
            ],
        }
    )
    config = {"name": "edge-config"}
    edge = workload("Deployment", "edge", ports=(8443,), claims={"edge-state": True}, replicas=2)
    edge["spec"]["template"]["spec"]["volumes"].append({"name": "config", "configMap": config})
    yield edge
    yield {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": config,
        "data": {"caddy.json": json.dumps(routes)},
    }
    yield _service("edge", 8443, type="LoadBalancer")
    yield policy(
        SITE,
        "edge",
        ingress=[ingress(network("0.0.0.0/0"), 8443)],
        egress=[
            DNS,
            egress(pods(SITE, *DOORS), 8080),
            egress(pods(SITE, "hub"), 8081),
            egress(INTERNET, 443),
        ],
    )


def _hub() -> Iterator[Manifest]:
    document = {
        "labels": labels(SITE, USER_SERVER),
        "homes": {"claim": "homes"},
        "projects": {"claim": "projects", "spaces": {f"space-{number}": {} for number in range(SPACES)}},
    }
    hub = workload("Deployment", "hub", ports=(8081,), replicas=1)
    hub["spec"]["template"]["spec"]["volumes"].append({"name": "config", "configMap": {"name": "hub-config"}})
    yield hub
    data = {"site.json": json.dumps(document)}
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hub-config"}, "data": data}
    yield _service("hub", 8081)
    callers = pods(SITE, "edge", USER_SERVER, *DOORS)
    yield policy(
        SITE,
        "hub",
        ingress=[ingress(callers, 8081)],
        egress=[DNS, egress(pods(SITE, USER_SERVER), 8888), egress(pods(SITE, "postgres-hub"), 5432)],
    )
    yield policy(
        SITE,
        USER_SERVER,
        ingress=[ingress(pods(SITE, "hub"), 8888)],
        egress=[
            DNS,
            egress(pods(SITE, "hub"), 8081),
            egress(pods(SITE, "tap", "s3", "dask-gateway"), 8080),
            egress(INTERNET),
            *(egress(network(f"10.60.{number}.0/24"), 443, 2049) for number in range(6)),
        ],
    )
    yield from _database("hub")


def _database(of: str) -> Iterator[Manifest]:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "100Gi"}}},
    }
    name = f"postgres-{of}"
    yield workload("StatefulSet", name, ports=(5432,), volumeClaimTemplates=[claim])
    yield _service(name, 5432)
    callers = pods(SITE, of, f"backup-{of}")
    yield policy(SITE, name, ingress=[ingress(callers, 5432)])


def _door(name: str) -> Iterator[Manifest]:
    claims = {
        "webdav": {"homes": True, "projects": True, "survey": False},
        "s3": {"homes": True, "projects": True, "survey": False},
    }
    yield workload("Deployment", name, ports=(8080,), claims=claims.get(name), replicas=2)
    yield _service(name, 8080)
    further = [egress(pods(SITE, f"postgres-{name}"), 5432)] if name in ("tap", "batch") else []
    yield policy(
        SITE,
        name,
        ingress=[ingress(pods(SITE, "edge", USER_SERVER), 8080)],
        egress=[DNS, egress(pods(SITE, "hub"), 8081), *further],
    )
    if further:
        yield from _database(name)
    if name in ("batch", "dask-gateway"):
        worker = f"{name}-worker"
        yield policy(
            SITE,
            worker,
            ingress=[ingress(pods(SITE, name), 8786)],
            egress=[DNS, egress(pods(SITE, name), 8080), egress(INTERNET, 443)],
        )


def _jobs() -> Iterator[Manifest]:
    for of in ("hub", "tap"):
        name = f"backup-{of}"
        yield workload("CronJob", name, claims={"backups": True}, schedule="17 3 * * *")
        yield policy(
            SITE,
            name,
            egress=[DNS, egress(pods(SITE, f"postgres-{of}"), 5432), egress(network("10.9.0.0/24"), 443)],
        )
    yield workload(
        "CronJob", "snapshot-homes", claims={"homes": False, "backups": True}, schedule="0 1 * * *"
    )
    yield workload("Job", "ingest-first-light", claims={"survey": True})
    yield workload("DaemonSet", "image-pre-pull")
    yield workload("Deployment", LONG[:63], replicas=3)


def _volumes() -> Iterator[Manifest]:
    for name in ("homes", "projects", "survey", "backups", "edge-state", f"{LONG[:50]}-claim"):
        spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Ti"}}}
        yield {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": metadata(SITE, "storage", name),
            "spec": spec,
        }


def _openstack() -> Iterator[PlannedResource]:
    yield diff.resource("openstack:networking/network:Network", "demo-network", {})
    yield diff.resource("openstack:networking/subnet:Subnet", "demo-subnet", {"cidr": "10.10.0.0/16"})
    yield diff.resource("openstack:networking/router:Router", "demo-router", {})
    yield diff.resource(
        "openstack:containerinfra/cluster:Cluster", "demo-cluster", {"nodeCount": 3.0, "flavor": "l3.small"}
    )
    for number in range(POOLS):
        inputs = {"nodeCount": number, "flavorId": "l6.himem"}
        yield diff.resource("openstack:containerinfra/nodeGroup:NodeGroup", f"demo-pool-{number}", inputs)
    yield diff.resource(
        "openstack:sharedfilesystem/share:Share", "demo-homes", {"size": 60000, "shareProto": "CEPHFS"}
    )
    yield diff.resource("openstack:objectstorage/container:Container", "demo-backups", {})
    yield diff.resource("openstack:networking/floatingIp:FloatingIp", "demo-address", {"pool": "public"})
    yield diff.resource("openstack:loadbalancer/loadBalancer:LoadBalancer", "demo-balancer", {})
    yield diff.resource("openstack:dns/recordSet:RecordSet", "demo-name", {"type": "A", "ttl": 300})


def _aws() -> Iterator[PlannedResource]:
    yield diff.resource("aws:ec2/vpc:Vpc", "demo-vpc", {"cidrBlock": "10.0.0.0/16"})
    for zone in "abc":
        yield diff.resource("aws:ec2/subnet:Subnet", f"demo-private-{zone}", {"cidrBlock": "10.0.0.0/20"})
    yield diff.resource("aws:iam/role:Role", "demo-nodes", {})
    yield diff.resource("aws:eks/cluster:Cluster", "demo-eks", {"version": "1.34"})
    yield diff.resource("aws:eks/nodeGroup:NodeGroup", "demo-users", {"instanceTypes": ["m6i.4xlarge"]})
    yield diff.resource("aws:efs/fileSystem:FileSystem", "demo-efs", {})
    yield diff.resource("aws:s3/bucket:Bucket", "demo-images", {})
    yield diff.resource(
        "aws:rds/instance:Instance", "demo-hub", {"instanceClass": "db.t4g.small", "engine": "postgres"}
    )
    yield diff.resource("aws:route53/record:Record", "demo-record", {"type": "CNAME"})
