"""The Kubernetes objects of the WebDAV gateway."""

from components.edge.doors import Door
from components.gateways.rooms import ROOMS_FILE, ROOMS_FOLDER
from components.gateways.spec import WebdavSpec, webdav_host
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
from components.storage.volumes import Volumes
from infra.fields import bytes_of

WEBDAV = "webdav"
"""Name of the service at the hub, of the component and of its image."""


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
    return gateway_deployment(
        site,
        WEBDAV,
        image=image,
        command=_command(spec),
        memory=spec.memory,
        rooms=rooms,
        volumes=volumes,
    )


def network_policy(site: str) -> Manifest:
    """Return who may reach the gateway, and what it may reach: the edge comes in, the hub is asked."""
    return gateway_policy(site, WEBDAV)


def others(site: str) -> dict[str, Manifest]:
    """Return the objects that no pod waits for, by kind."""
    return gateway_objects(site, WEBDAV, network_policy(site))
