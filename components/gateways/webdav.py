"""The Kubernetes objects of the WebDAV gateway."""

from components.edge.doors import Door
from components.edge.manifests import COMPONENT as EDGE
from components.edge.manifests import MONITORING
from components.gateways.rooms import ROOMS_FILE, ROOMS_FOLDER, rooms_volumes
from components.gateways.spec import WebdavSpec, webdav_host
from components.hub.manifests import HUB, HUB_PORT, token_secret
from components.objects import (
    Container,
    Manifest,
    Pod,
    Resources,
    deployment,
    disruption_budget,
    env,
    http_probe,
    service,
)
from components.policies import DNS, egress, ingress, pods, policy
from components.storage.volumes import Volumes
from infra.fields import bytes_of

WEBDAV = "webdav"
"""Name of the service at the hub, of the component and of its image."""

PORT = 8080
METRICS_PORT = 9090
TOKEN_FOLDER = "/run/secrets/hub"  # noqa: S105 - a path

LINGER_SECONDS = 5
"""How long a pod that is to end takes new requests on, while the cluster stops sending it any."""

DRAIN_SECONDS = 600
"""How long it then waits for requests under way: large uploads."""

GO_SHARE = 0.8
"""Part of the memory limit that the program keeps to, so that the kernel need not end it."""


def door(spec: WebdavSpec, site_host: str) -> Door:
    """Return the door, on a host of its own: users' pages must not share an origin with the hub."""
    return Door(
        name=WEBDAV,
        title="Files",
        description="Your files as a network drive or in the browser: your user name, and a token as the password",
        service=WEBDAV,
        port=PORT,
        pods=WEBDAV,
        host=webdav_host(spec, site_host),
    )


def _command(spec: WebdavSpec) -> list[str]:
    command = [
        "/usr/local/bin/webdav",
        f"-rooms={ROOMS_FOLDER}/{ROOMS_FILE}",
        f"-token={TOKEN_FOLDER}/token",
        f"-listen=:{PORT}",
        f"-metrics=:{METRICS_PORT}",
        f"-per-user={spec.requests_per_user}",
        f"-total={spec.requests}",
        f"-linger={LINGER_SECONDS}s",
        f"-drain={DRAIN_SECONDS}s",
    ]
    if spec.largest_upload is not None:
        command.append(f"-largest-upload={bytes_of(spec.largest_upload)}")
    return command


def workload(site: str, spec: WebdavSpec, rooms: str, volumes: Volumes, image: str) -> Manifest:
    """Return the Deployment.

    One pod: locks are in its memory, and two pods would each hand out their own for one file. Uploads are streams to
    the volume, so one pod is as fast as its network; while it is replaced the new one serves beside the old one.

    Parameters
    ----------
    rooms
        Name of the ConfigMap of the rooms.
    """
    room_volumes, room_mounts = rooms_volumes(volumes)
    mounts: dict[str, Manifest] = {
        ROOMS_FOLDER: {"name": "rooms", "readOnly": True},
        TOKEN_FOLDER: {"name": "token", "readOnly": True},
        **room_mounts,
    }
    container = Container(
        name=WEBDAV,
        image=image,
        command=_command(spec),
        resources=Resources(cpu="50m", memory="64Mi", cpu_limit="2", memory_limit=spec.memory),
        ports={"http": PORT, "metrics": METRICS_PORT},
        env=env({"GOMEMLIMIT": str(int(bytes_of(spec.memory) * GO_SHARE))}),
        mounts=mounts,
        readiness=http_probe(METRICS_PORT, "/readyz", periodSeconds=2),
        # A pod that drains is not ready, but must not be killed.
        liveness=http_probe(METRICS_PORT, "/healthz", periodSeconds=10, failureThreshold=6),
    )
    pod = Pod(
        containers=[container],
        volumes=[
            {"name": "rooms", "configMap": {"name": rooms}},
            {"name": "token", "secret": {"secretName": token_secret(WEBDAV)}},
            *room_volumes,
        ],
        grace_seconds=LINGER_SECONDS + DRAIN_SECONDS + 10,
    )
    return deployment(site, WEBDAV, pod)


def network_policy(site: str) -> Manifest:
    """Return who may reach the gateway, and what it may reach: the edge comes in, the hub is asked."""
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}}}
    return policy(
        site,
        WEBDAV,
        ingress=[ingress(pods(site, EDGE), PORT), ingress([monitoring], METRICS_PORT)],
        egress=[DNS, egress(pods(site, HUB), HUB_PORT)],
    )


def others(site: str) -> dict[str, Manifest]:
    """Return the objects that no pod waits for, by kind."""
    return {
        "webdav-service": service(site, WEBDAV, {"http": PORT}),
        "webdav-budget": disruption_budget(site, WEBDAV),
        "webdav-policy": network_policy(site),
    }
