"""The ``gateways`` section of a site file: the doors through which files are reached from elsewhere."""

from pydantic import Field

from infra.fields import Host, Memory, Spec


class WebdavSpec(Spec):
    """WebDAV and plain HTTP: a network drive on people's own computers, a listing in a browser."""

    host: Host | None = None
    """DNS name of the door, its own: what users put there must not share the hub's; left out, ``files.<edge.host>``."""

    largest_upload: Memory | None = None
    """Largest file that can be put there; left out, what fits."""

    requests_per_user: int = Field(default=32, ge=1, le=1000)
    """Most requests of one user at a time; more are asked to come back."""

    requests: int = Field(default=256, ge=1, le=10_000)
    """Most requests of all users at a time."""

    memory: Memory = "128Mi"
    """Memory limit: 24Mi and about half a MiB for each request at a time."""


class GatewaysSpec(Spec):
    """Doors to the files of a site; each that is left out is not there."""

    webdav: WebdavSpec | None = None
    """WebDAV and plain HTTP."""


def webdav_host(spec: WebdavSpec, site_host: str) -> str:
    """Return the DNS name of the WebDAV door, given the site's own."""
    return spec.host or f"files.{site_host}"


def hosts(spec: GatewaysSpec, site_host: str) -> dict[str, str]:
    """Return the DNS names of a site's gateways, by gateway."""
    return {"webdav": webdav_host(spec.webdav, site_host)} if spec.webdav is not None else {}
