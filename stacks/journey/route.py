"""The way to a site over HTTP: its own certificate authority, and addresses that no DNS server knows.

Nothing is taken from the environment: no proxy, no other authorities, no ``.netrc``.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Route:
    """How hosts are found and believed.

    Parameters
    ----------
    addresses
        Address to connect to instead of looking a host name up, like curl's ``--resolve``; names below
        ``localhost`` are on this machine without being listed (RFC 6761, section 6.3).
    authority
        Certificates in PEM form of the only authority to believe; None for the system's.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    authority: str | None = None

    def address(self, host: str) -> str | None:
        """Return the address to connect to for ``host``, or None to look it up."""
        if host in self.addresses:
            return self.addresses[host]
        return LOOPBACK if host == "localhost" or host.endswith(".localhost") else None

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The TLS settings: certificates are always verified."""
        return ssl.create_default_context(cadata=self.authority)

    def client(self, *, timeout: float = 30) -> httpx.Client:
        """Return a client with a cookie jar of its own, which follows redirects.

        Parameters
        ----------
        timeout
            Seconds to connect, and between two pieces of an answer.
        """
        return httpx.Client(
            transport=_Transport(self), timeout=timeout, follow_redirects=True, trust_env=False
        )

    def websocket(self, url: str, headers: Mapping[str, str], *, timeout: float = 30) -> ClientConnection:
        """Open the WebSocket at ``url`` (http, https, ws or wss).

        Raises
        ------
        OSError
            Nobody answers.
        websockets.exceptions.InvalidStatus
            The server refuses, for example because the token does not reach this far.
        """
        parts = urlsplit(url)
        secure = parts.scheme in ("https", "wss")
        host = parts.hostname or ""
        port = parts.port or (443 if secure else 80)
        target = parts._replace(scheme="wss" if secure else "ws").geturl()
        return connect(
            target,
            sock=socket.create_connection((self.address(host) or host, port), timeout=timeout),
            ssl=self.tls if secure else None,
            server_hostname=host if secure else None,
            additional_headers=dict(headers),
            proxy=None,
            open_timeout=timeout,
            max_size=None,
        )


class _Transport(httpx.BaseTransport):
    """Sends each host's requests to its address, over connections that no other host shares.

    One pool per host: connections are pooled by address, and one that was verified for a host must not carry
    requests for another.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        self._pools: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._pools:
            self._pools[host] = httpx.HTTPTransport(verify=self._route.tls, trust_env=False)
        address = self._route.address(host)
        if address is not None:
            request = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
        return self._pools[host].handle_request(request)

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
