"""Where things are in the edge's pod: the ports that Caddy listens on and the folders that it reads."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Places:
    """Ports, none of which needs a privilege, and folders.

    Parameters
    ----------
    https, http
        Where people are served: TLS, and plain HTTP (redirected, or behind an ingress controller).
    health
        Where the kubelet asks whether the pod is well.
    metrics
        Where Prometheus reads.
    reader
        Where Caddy reads the certificate of a Secret; on loopback only.
    pages
        Holds the configuration and the pages.
    authority
        Holds ``ca.crt`` and ``ca.key`` of the site's own authority.
    certificate
        Holds ``tls.crt`` and ``tls.key`` of a kubernetes.io/tls Secret.
    state
        Where Caddy keeps certificates; the only folder that it writes to.
    """

    https: int = 8443
    http: int = 8080
    health: int = 8081
    metrics: int = 9180
    reader: int = 8082
    pages: str = "/etc/caddy"
    authority: str = "/authority"
    certificate: str = "/certificate"
    state: str = "/state"


POD = Places()
"""The places in the pod as it is deployed."""
