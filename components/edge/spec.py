"""The ``edge`` section of a site file: the host, its certificate, and how it is reached."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.fields import Cidr, Email, Expected, Host, ObjectName, Spec


class OwnAuthoritySpec(Spec):
    """A certificate authority of the site's own, made once: on disposable sites only."""

    kind: Literal["ownAuthority"]
    """An authority of the site's own."""


class AcmeSpec(Spec):
    """A certificate by ACME (RFC 8555) from a public authority; needs ports 80 and 443 from the internet."""

    kind: Literal["acme"]
    """ACME."""

    email: Email
    """Address that the authority warns before a certificate expires."""

    directory: Annotated[
        str,
        StringConstraints(pattern=r"^https://[^\s@]+$"),
        Expected("an address such as https://acme.example.org/directory"),
    ] = "https://acme-v02.api.letsencrypt.org/directory"
    """Directory of the ACME server."""


class CertificateSecretSpec(Spec):
    """A certificate that the operator keeps in a Secret of type kubernetes.io/tls in the site's namespace."""

    kind: Literal["secret"]
    """A Secret that is there already."""

    name: ObjectName
    """Name of the Secret."""


CertificateSpec = Annotated[OwnAuthoritySpec | AcmeSpec | CertificateSecretSpec, Field(discriminator="kind")]


class EdgeSpec(Spec):
    """How people reach the site."""

    host: Host
    """DNS name of the site, unique in its cluster; its address record is the operator's or the cloud's."""

    certificate: CertificateSpec | None = None
    """Where the certificate comes from; left out, the cluster's TLS issuer makes it."""

    node_port: int | None = Field(default=None, ge=30000, le=32767)
    """Port on every node, where the cluster has neither an ingress class nor load balancers."""

    replicas: int = Field(default=2, ge=1, le=10)
    """Pods that serve the edge; with ACME certificates it must be 1, since they are kept in one volume."""

    allow_from: list[Cidr] = []
    """Networks that may connect; empty for everyone."""
