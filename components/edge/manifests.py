"""The edge's Kubernetes objects."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from components.edge.caddy import DRAIN_SECONDS, LEAVE_SECONDS, configuration, site_url
from components.edge.doors import Door, hosts
from components.edge.landing import pages
from components.edge.places import POD
from components.edge.spec import EdgeSpec
from components.objects import (
    Container,
    Manifest,
    Pod,
    Resources,
    claim,
    config_map,
    content_hash,
    deployment,
    disruption_budget,
    env,
    http_probe,
    metadata,
    namespace_of,
    selector,
    service,
)
from components.policies import ANYWHERE, DNS, INTERNET, PRIVATE_NETWORKS, Peer, Rule, network, pods, policy
from components.policies import egress as leave
from components.policies import ingress as enter
from infra.cluster import ClusterEdge, Exposure, VolumeSource

COMPONENT = "edge"
STATE = "edge-state"
TLS = "edge-tls"
"""Secret that the cluster's TLS issuer fills."""

MONITORING = "monitoring"
"""Namespace that may read the metrics."""


@dataclass(frozen=True, kw_only=True)
class EdgeSite:
    """What all of the edge's objects are made from.

    Parameters
    ----------
    site, title
        Name of the site, and as people read it.
    spec
        The site's edge.
    exposure
        How it is published.
    cluster_edge
        The cluster's ingress class and TLS issuer.
    state
        Where the volume of ACME certificates comes from.
    doors
        What the edge leads to.
    image
        Reference of the image that has Caddy.
    """

    site: str
    title: str
    spec: EdgeSpec
    exposure: Exposure
    cluster_edge: ClusterEdge
    state: VolumeSource
    doors: Sequence[Door]
    image: str

    @property
    def hosts(self) -> list[str]:
        """Every host that the edge answers for."""
        return hosts(self.spec.host, self.doors)

    @property
    def url(self) -> str:
        """The site's URL, without a path."""
        return site_url(self.spec, self.exposure)

    @property
    def certificate_kind(self) -> str | None:
        """Where Caddy's certificate comes from; None where an ingress controller ends TLS."""
        if self.exposure == "ingress" or self.spec.certificate is None:
            return None
        return self.spec.certificate.kind

    @property
    def authority_secret(self) -> str | None:
        """Name of the Secret of the site's own authority, if it has one.

        The name holds a hash of the hosts that the authority may sign for: other hosts, another authority.
        """
        if self.certificate_kind != "ownAuthority":
            return None
        return f"edge-authority-{content_hash(sorted(self.hosts))}"


def config(edge: EdgeSite) -> Manifest:
    """Return the ConfigMap of Caddy's configuration and the pages that it shows itself."""
    caddy = configuration(edge.spec, edge.exposure, edge.doors)
    return config_map(
        edge.site,
        COMPONENT,
        "edge",
        {"caddy.json": json.dumps(caddy, indent=1), **pages(edge.title, edge.url, edge.doors)},
    )


def state_claim(edge: EdgeSite) -> Manifest | None:
    """Return the claim that ACME certificates and the account are kept on, if the site uses ACME."""
    if edge.certificate_kind != "acme":
        return None
    source = edge.state
    return claim(
        edge.site,
        COMPONENT,
        STATE,
        size="1Gi",
        # One pod has it, whatever else the class can do.
        access_mode="ReadWriteOnce",
        **source.claim_fields,
    )


def _volumes(edge: EdgeSite, config_name: str) -> tuple[list[Manifest], dict[str, Manifest]]:
    """Return the pod's volumes, and the container's mounts by path."""
    volumes: list[Manifest] = [{"name": "config", "configMap": {"name": config_name}}]
    mounts: dict[str, Manifest] = {POD.pages: {"name": "config", "readOnly": True}}
    kind = edge.certificate_kind
    if kind == "acme":
        volumes.append({"name": "state", "persistentVolumeClaim": {"claimName": STATE}})
    else:
        volumes.append({"name": "state", "emptyDir": {"sizeLimit": "64Mi"}})
    mounts[POD.state] = {"name": "state"}
    if kind == "ownAuthority":
        volumes.append({"name": "authority", "secret": {"secretName": edge.authority_secret}})
        mounts[POD.authority] = {"name": "authority", "readOnly": True}
    if edge.spec.certificate is not None and kind == "secret" and edge.spec.certificate.kind == "secret":
        volumes.append({"name": "certificate", "secret": {"secretName": edge.spec.certificate.name}})
        mounts[POD.certificate] = {"name": "certificate", "readOnly": True}
    return volumes, mounts


def _ports(edge: EdgeSite) -> dict[str, int]:
    """Return the ports that people come in by."""
    return {
        "ingress": {"http": POD.http},
        "loadBalancer": {"https": POD.https, "http": POD.http},
        "nodePort": {"https": POD.https},
    }[edge.exposure]


def workload(edge: EdgeSite, config_name: str) -> Manifest:
    """Return the Deployment of Caddy."""
    volumes, mounts = _volumes(edge, config_name)
    pod = Pod(
        containers=[
            Container(
                name="caddy",
                image=edge.image,
                command=["/usr/bin/caddy", "run", "--config", f"{POD.pages}/caddy.json"],
                resources=Resources(cpu="50m", memory="128Mi", cpu_limit="2", memory_limit="512Mi"),
                ports={**_ports(edge), "health": POD.health, "metrics": POD.metrics},
                # Caddy keeps a few things of its own beside the certificates.
                env=env({"XDG_CONFIG_HOME": POD.state, "XDG_DATA_HOME": POD.state}),
                mounts=mounts,
                readiness=http_probe(POD.health, "/healthz", periodSeconds=5),
                # A pod that drains is not ready, but must not be killed.
                liveness=http_probe(POD.health, "/livez", periodSeconds=20, failureThreshold=3),
                startup=http_probe(POD.health, "/livez", periodSeconds=1, failureThreshold=60),
            )
        ],
        volumes=volumes,
        grace_seconds=LEAVE_SECONDS + DRAIN_SECONDS + 10,
    )
    result = deployment(
        edge.site,
        COMPONENT,
        pod,
        replicas=edge.spec.replicas,
        # Two pods cannot share the volume of ACME certificates.
        recreate=edge.certificate_kind == "acme",
    )
    result["spec"]["template"]["spec"]["topologySpreadConstraints"] = [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(edge.site, COMPONENT)},
        }
    ]
    return result


def front(edge: EdgeSite) -> Manifest:
    """Return the Service that people, a load balancer or an ingress controller connect to."""
    allowed = list(edge.spec.allow_from)
    if edge.exposure == "ingress":
        return service(edge.site, COMPONENT, {"http": 80}, type="ClusterIP")
    if edge.exposure == "loadBalancer":
        result = service(
            edge.site,
            COMPONENT,
            {"https": 443, "http": 80},
            type="LoadBalancer",
            externalTrafficPolicy="Local",
        )
        if allowed:
            result["spec"]["loadBalancerSourceRanges"] = allowed
        if edge.cluster_edge.address is not None:
            result["spec"]["loadBalancerIP"] = edge.cluster_edge.address
        if edge.cluster_edge.annotations:
            result["metadata"]["annotations"] = dict(edge.cluster_edge.annotations)
        return result
    # Only a node that has a pod of the edge can see who connects; without a need for it every node answers.
    traffic = "Local" if allowed else "Cluster"
    result = service(edge.site, COMPONENT, {"https": 443}, type="NodePort", externalTrafficPolicy=traffic)
    result["spec"]["ports"][0]["nodePort"] = edge.spec.node_port
    return result


def ingress(edge: EdgeSite) -> Manifest | None:
    """Return the Ingress that hands the site's hosts to the edge, if the cluster has an ingress class."""
    ingress_class = edge.cluster_edge.ingress_class
    if edge.exposure != "ingress" or ingress_class is None:
        return None
    certificate = edge.spec.certificate
    given = certificate.name if certificate is not None and certificate.kind == "secret" else None
    annotations = dict(_NGINX) if "nginx" in ingress_class else {}
    if given is None and edge.cluster_edge.tls_issuer is not None:
        annotations["cert-manager.io/cluster-issuer"] = edge.cluster_edge.tls_issuer
    backend = {"service": {"name": COMPONENT, "port": {"name": "http"}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata(edge.site, COMPONENT, COMPONENT, annotations=annotations),
        "spec": {
            "ingressClassName": ingress_class,
            "tls": [{"hosts": edge.hosts, "secretName": given or TLS}],
            "rules": [
                {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
                for host in edge.hosts
            ],
        },
    }


_NGINX = {
    # Uploads of any size, passed on as they come; notebooks may be silent for long.
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.ingress.kubernetes.io/proxy-buffering": "off",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
}


def network_policy(edge: EdgeSite) -> Manifest:
    """Return who may reach the edge's pods, and what these may reach."""
    monitoring = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}},
    }
    doors = {(door.pods, door.pod_port or door.port) for door in edge.doors}
    return policy(
        edge.site,
        COMPONENT,
        ingress=[enter(_callers(edge), *_ports(edge).values()), enter([monitoring], POD.metrics)],
        egress=[
            DNS,
            *(leave(pods(edge.site, component), port) for component, port in sorted(doors)),
            *_to_authority(edge),
        ],
    )


def _callers(edge: EdgeSite) -> list[Peer]:
    """Return who may connect to the ports for people."""
    if edge.exposure == "ingress":
        # Controllers run in other namespaces, or on the nodes' own network.
        own = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [namespace_of(edge.site)]}
        nodes = [peer for cidr in PRIVATE_NETWORKS for peer in network(cidr)]
        return [{"namespaceSelector": {"matchExpressions": [own]}}, *nodes]
    if edge.exposure == "nodePort" and edge.spec.allow_from:
        return [peer for cidr in edge.spec.allow_from for peer in network(cidr)]
    # A load balancer keeps others out itself, and many of them connect from addresses of their own.
    return ANYWHERE


def _to_authority(edge: EdgeSite) -> list[Rule]:
    certificate = edge.spec.certificate
    if edge.exposure == "ingress" or certificate is None or certificate.kind != "acme":
        return []
    return [leave(INTERNET, *sorted({443, urlsplit(certificate.directory).port or 443}))]


def others(edge: EdgeSite) -> dict[str, Manifest]:
    """Return the objects that no pod waits for, by kind."""
    result = {
        "service": front(edge),
        "budget": disruption_budget(edge.site, COMPONENT),
        "policy": network_policy(edge),
    }
    published = ingress(edge)
    if published is not None:
        result["ingress"] = published
    return result
