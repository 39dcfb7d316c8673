"""The ``gateways`` section of a site file: the doors through which files are reached from elsewhere."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.fields import Duration, Expected, Host, Memory, Spec


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


class S3Spec(Spec):
    """S3: buckets of files for tools and programs, in people's servers without any configuration."""

    host: Host | None = None
    """DNS name of the door, its own; left out, ``s3.<edge.host>``."""

    requests_per_user: int = Field(default=64, ge=1, le=1000)
    """Most requests of one user at a time; more are asked to come back."""

    requests: int = Field(default=256, ge=1, le=10_000)
    """Most requests of all users at a time."""

    idle_uploads: Duration = "7d"
    """When an upload in parts is given up and what it used is freed: so long after its last part."""

    memory: Memory = "192Mi"
    """Memory limit: 32Mi and about half a MiB for each request at a time."""


Endpoint = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?$", max_length=300),
    Expected("a URL without a path, such as https://object.example.org"),
]
Region = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]{2,40}$"), Expected("the name of a region, such as us-east-1")
]


class ObjectStoreSpec(Spec):
    """A store of objects that the site's cloud has: servers are told of it, and people bring keys of their own."""

    endpoint: Endpoint
    """URL of its S3 API."""

    region: Region = "us-east-1"
    """The region that requests are signed for."""


class GatewaysSpec(Spec):
    """Doors to the files of a site; each that is left out is not there."""

    webdav: WebdavSpec | None = None
    """WebDAV and plain HTTP."""

    s3: S3Spec | None = None
    """S3."""


def webdav_host(spec: WebdavSpec, site_host: str) -> str:
    """Return the DNS name of the WebDAV door, given the site's own."""
    return spec.host or f"files.{site_host}"


def s3_host(spec: S3Spec, site_host: str) -> str:
    """Return the DNS name of the S3 door, given the site's own."""
    return spec.host or f"s3.{site_host}"


def hosts(spec: GatewaysSpec, site_host: str) -> dict[str, str]:
    """Return the DNS names of a site's gateways, by gateway."""
    found = {}
    if spec.webdav is not None:
        found["webdav"] = webdav_host(spec.webdav, site_host)
    if spec.s3 is not None:
        found["s3"] = s3_host(spec.s3, site_host)
    return found
