"""The Kubernetes objects of the S3 gateway."""

from components.edge.doors import Door
from components.edge.manifests import COMPONENT as EDGE
from components.edge.manifests import MONITORING
from components.gateways.rooms import ROOMS_FILE, ROOMS_FOLDER, rooms_volumes
from components.gateways.spec import ObjectStoreSpec, S3Spec, s3_host
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
from components.policies import DNS, USER_SERVER, egress, ingress, pods, policy
from components.storage.volumes import Volumes
from infra.fields import bytes_of, seconds_of

S3 = "s3"
"""Name of the service at the hub, of the component and of its image."""

PORT = 8080
WATCH_PORT = 9090
TOKEN_FOLDER = "/run/secrets/hub"  # noqa: S105 - a path
KEYS = "s3-keys"
"""Secret with what keys are made of: whoever has it has everyone's keys."""
KEYS_FOLDER = "/run/secrets/keys"

REGION = "us-east-1"
"""The region that clients assume when they are told none; there is no other here."""

LINGER_SECONDS = 5
"""How long a pod that is to end takes new requests on, while the cluster stops sending it any."""

DRAIN_SECONDS = 600
"""How long it then waits for requests under way: large uploads."""

GO_SHARE = 0.8
"""Part of the memory limit that the program keeps to, so that the kernel need not end it."""


def door(spec: S3Spec, site_host: str) -> Door:
    """Return the door: all of a host, since signatures hold the path, and not on the landing page."""
    return Door(
        name=S3,
        title="S3",
        description="Your files as objects, for tools that speak S3",
        service=S3,
        port=PORT,
        pods=S3,
        host=s3_host(spec, site_host),
        listed=False,
    )


def server_environment(public_url: str) -> dict[str, str]:
    """Return what makes AWS clients in people's servers use the door, with keys of the server's own.

    Parameters
    ----------
    public_url
        URL of the door from outside: links that are signed for others must be signed for it.
    """
    return {
        "AWS_CONFIG_FILE": "/etc/science-platform/aws.ini",
        "AWS_ENDPOINT_URL_S3": f"http://{S3}:{PORT}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # Files are also changed by other doors, which keep no checksums.
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        "S3_PUBLIC_URL": public_url,
    }


def object_store_environment(spec: ObjectStoreSpec) -> dict[str, str]:
    """Return what makes AWS clients in people's servers use a store of the site's cloud, with keys of people's own."""
    return {
        "AWS_ENDPOINT_URL_S3": spec.endpoint,
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        "S3_PUBLIC_URL": spec.endpoint,
    }


def _command(spec: S3Spec, public_url: str) -> list[str]:
    return [
        "/usr/local/bin/s3",
        f"-rooms={ROOMS_FOLDER}/{ROOMS_FILE}",
        f"-hub-token={TOKEN_FOLDER}/token",
        f"-keys={KEYS_FOLDER}/master",
        f"-endpoint={public_url}",
        f"-listen=:{PORT}",
        f"-watch=:{WATCH_PORT}",
        f"-requests={spec.requests}",
        f"-requests-per-user={spec.requests_per_user}",
        f"-idle-uploads={seconds_of(spec.idle_uploads)}s",
        f"-linger={LINGER_SECONDS}s",
        f"-drain={DRAIN_SECONDS}s",
    ]


def workload(
    site: str, spec: S3Spec, *, rooms: str, volumes: Volumes, image: str, public_url: str
) -> Manifest:
    """Return the Deployment.

    One pod: that of two who replace an object under a condition one is refused is seen to in its memory.

    Parameters
    ----------
    rooms
        Name of the ConfigMap of the rooms.
    """
    room_volumes, room_mounts = rooms_volumes(volumes)
    container = Container(
        name=S3,
        image=image,
        command=_command(spec, public_url),
        resources=Resources(cpu="50m", memory="64Mi", cpu_limit="2", memory_limit=spec.memory),
        ports={"http": PORT, "metrics": WATCH_PORT},
        env=env({"GOMEMLIMIT": str(int(bytes_of(spec.memory) * GO_SHARE))}),
        mounts={
            ROOMS_FOLDER: {"name": "rooms", "readOnly": True},
            TOKEN_FOLDER: {"name": "token", "readOnly": True},
            KEYS_FOLDER: {"name": "keys", "readOnly": True},
            **room_mounts,
        },
        readiness=http_probe(WATCH_PORT, "/readyz", periodSeconds=2),
        # A pod that drains is not ready, but must not be killed.
        liveness=http_probe(WATCH_PORT, "/healthz", periodSeconds=10, failureThreshold=6),
    )
    pod = Pod(
        containers=[container],
        volumes=[
            {"name": "rooms", "configMap": {"name": rooms}},
            {"name": "token", "secret": {"secretName": token_secret(S3)}},
            {"name": "keys", "secret": {"secretName": KEYS}},
            *room_volumes,
        ],
        grace_seconds=LINGER_SECONDS + DRAIN_SECONDS + 10,
    )
    return deployment(site, S3, pod)


def network_policy(site: str) -> Manifest:
    """Return who may reach the gateway, and what it may reach: edge and servers come in, the hub is asked."""
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}}}
    return policy(
        site,
        S3,
        ingress=[ingress(pods(site, EDGE, USER_SERVER), PORT), ingress([monitoring], WATCH_PORT)],
        egress=[DNS, egress(pods(site, HUB), HUB_PORT)],
    )


def others(site: str) -> dict[str, Manifest]:
    """Return the objects that no pod waits for, by kind."""
    return {
        "s3-service": service(site, S3, {"http": PORT}),
        "s3-budget": disruption_budget(site, S3),
        "s3-policy": network_policy(site),
    }
