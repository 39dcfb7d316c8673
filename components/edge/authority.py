"""A certificate authority for one disposable site (RFC 5280), good for that site's names and nothing else."""

import datetime as dt
import ipaddress
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFETIME = dt.timedelta(days=3653)
_EVERY_ADDRESS = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
# RFC 6761 reserves it: a constraint to names below it leaves none.
_NO_NAME = "invalid"


def make_authority(site: str, hosts: Sequence[str], *, now: dt.datetime | None = None) -> tuple[str, str]:
    """Make a root authority: EC P-256, ten years.

    It may sign for these hosts and names below them only (RFC 5280, 4.2.1.10): whoever trusts it trusts
    nothing else.

    Parameters
    ----------
    site
        Name of the site, which becomes part of the common name.
    hosts
        DNS names or IP addresses.
    now
        When it starts to be valid; defaults to the present.

    Returns
    -------
    tuple
        The certificate and its private key (PKCS #8), both PEM.
    """
    start = (now or dt.datetime.now(dt.UTC)) - dt.timedelta(minutes=5)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "science-platform"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Authority of the disposable site {site}"[:64]),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _LIFETIME)
        # One intermediate stands between it and the hosts' certificates.
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_signing_only(), critical=True)
        .add_extension(_only(hosts), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    )


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _only(hosts: Sequence[str]) -> x509.NameConstraints:
    names, addresses = [], []
    for host in hosts:
        try:
            addresses.append(ipaddress.ip_network(host))
        except ValueError:
            names.append(host)
    # A kind of name that no subtree speaks of is not constrained at all, so each kind is spoken of.
    return x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(name) for name in names or [_NO_NAME]),
            *(x509.IPAddress(address) for address in addresses),
        ],
        excluded_subtrees=None if addresses else [x509.IPAddress(network) for network in _EVERY_ADDRESS],
    )
