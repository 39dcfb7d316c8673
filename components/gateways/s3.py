"""The Kubernetes objects of the S3 gateway."""

from components.edge.doors import Door
from components.gateways.rooms import ROOMS_FILE, ROOMS_FOLDER
from components.gateways.spec import ObjectStoreSpec, S3Spec, s3_host
from components.gateways.workload import (
    DRAIN_SECONDS,
    LINGER_SECONDS,
    METRICS_PORT,
    PORT,
    TOKEN_FOLDER,
    gateway_deployment,
    gateway_objects,
    gateway_policy,
)
from components.objects import Manifest
from components.policies import USER_SERVER
from components.storage.volumes import Volumes
from infra.fields import seconds_of

S3 = "s3"
"""Name of the service at the hub, of the component and of its image."""

KEYS = "s3-keys"
"""Secret with what keys are made of: whoever has it has everyone's keys."""
KEYS_FOLDER = "/run/secrets/keys"

REGION = "us-east-1"
"""The region that clients assume when they are told none; there is no other here."""


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
        f"-watch=:{METRICS_PORT}",
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
    return gateway_deployment(
        site,
        S3,
        image=image,
        command=_command(spec, public_url),
        memory=spec.memory,
        rooms=rooms,
        volumes=volumes,
        secrets={KEYS_FOLDER: ("keys", KEYS)},
    )


def network_policy(site: str) -> Manifest:
    """Return who may reach the gateway, and what it may reach: edge and servers come in, the hub is asked."""
    return gateway_policy(site, S3, USER_SERVER)


def others(site: str) -> dict[str, Manifest]:
    """Return the objects that no pod waits for, by kind."""
    return gateway_objects(site, S3, network_policy(site))
