"""What the edge leads to: each layer that people reach by HTTP hands the edge a door."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Door:
    """One service behind the edge: below some paths of the site's host, or on a host of its own.

    Parameters
    ----------
    name
        Unique among a site's doors.
    title, description
        What people read on the landing page.
    service, port
        Service in the site's namespace, and its port.
    pods
        Component label of the pods behind the Service: the edge may connect to these.
    pod_port
        Port of those pods, where it differs from the Service's.
    paths
        What the door owns on the site's host, such as ``/hub``: the path itself and all below it. The
        longest match wins.
    host
        DNS name of the door, instead of paths: the door owns all of it.
    link
        Path that the landing page leads to; defaults to the first path, or ``/``.
    listed
        Whether the landing page shows the door.
    compress
        Whether scripts and styles that the service sends uncompressed are compressed on their way.
    mark
        Header that the application sets on every answer of its own. A 502, 503 or 504 without it was made up
        on the way, and people see the edge's page instead.
    """

    name: str
    title: str
    description: str
    service: str
    port: int
    pods: str
    pod_port: int | None = None
    paths: tuple[str, ...] = ()
    host: str | None = None
    link: str | None = None
    listed: bool = True
    compress: bool = False
    mark: str | None = None

    def __post_init__(self) -> None:
        """Raise an error for a door that leads nowhere."""
        if bool(self.paths) == bool(self.host):
            raise ValueError(f"door {self.name}: needs either paths or a host of its own")
        for path in self.paths:
            if not path.startswith("/") or path.endswith("/") or "*" in path:
                raise ValueError(
                    f"door {self.name}: path {path!r} must be like /hub, without a final / or a *"
                )

    @property
    def upstream(self) -> str:
        """Address of the service, ``host:port``."""
        return f"{self.service}:{self.port}"

    def address(self, url: str) -> str:
        """Return where the landing page leads for this door, given the site's own URL."""
        if self.host is None:
            return self.link or f"{self.paths[0]}/"
        scheme, _, authority = url.partition("://")
        _, colon, port = authority.partition(":")
        return f"{scheme}://{self.host}{colon}{port}{self.link or '/'}"


def hosts(site_host: str, doors: Sequence[Door]) -> list[str]:
    """Return every host that the edge answers for, the site's first."""
    return [site_host, *(door.host for door in doors if door.host is not None)]


def by_path(doors: Sequence[Door]) -> Iterator[tuple[str, Door]]:
    """Yield the paths of the site's host and whose they are, the most specific first."""
    yield from sorted(
        ((path, door) for door in doors for path in door.paths), key=lambda pair: (-len(pair[0]), pair[0])
    )


def check(site_host: str, doors: Sequence[Door]) -> None:
    """Raise an error where doors cannot be told apart.

    Raises
    ------
    ValueError
        If two doors have one name, path or host; the text names it.
    """
    claims = [f"name {door.name}" for door in doors]
    claims += [f"path {path}" for door in doors for path in door.paths]
    claims += [f"host {host}" for host in hosts(site_host, doors)]
    twice = sorted({claim for claim in claims if claims.count(claim) > 1})
    if twice:
        raise ValueError(f"two doors of the edge have the same {', and the same '.join(twice)}")
