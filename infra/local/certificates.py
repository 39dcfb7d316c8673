"""Keys and certificates of one cluster: two authorities, one certificate per identity (kubernetes.io PKI rules)."""

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = dt.timedelta(days=3650)
_CLOCKS_DIFFER = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Identity:
    """Who a certificate speaks for.

    Parameters
    ----------
    file
        Name of the files: ``<file>.crt`` and ``<file>.key``.
    user, groups
        What Kubernetes reads from the subject: common name and organisations.
    names, addresses
        Where a server is reached; empty for pure clients.
    """

    file: str
    user: str
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[IPv4Address, ...] = ()


@dataclass(frozen=True)
class Authority:
    """A certificate authority, able to sign."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, common_name: str) -> "Authority":
        """Make one that signs leaf certificates only."""
        key = _new_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(name, name, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def issue(self, identity: Identity) -> tuple[bytes, bytes]:
        """Return certificate and key, both PEM, for ``identity``; a server's certificate is a client's too."""
        key = _new_key()
        subject = x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in identity.groups]
            + [x509.NameAttribute(NameOID.COMMON_NAME, identity.user)]
        )
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        hosts: Sequence[x509.GeneralName] = [
            *(x509.DNSName(name) for name in identity.names),
            *(x509.IPAddress(address) for address in identity.addresses),
        ]
        if hosts:
            uses.append(ExtendedKeyUsageOID.SERVER_AUTH)
        builder = (
            _builder(subject, self.certificate.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        return pem(builder.sign(self.key, hashes.SHA256())), key_pem(key)


def write_pki(folder: Path, cluster: str, kubernetes: Sequence[Identity], etcd: Sequence[Identity]) -> None:
    """Write authorities, certificates and the service-account key pair below ``folder``, all new.

    The authorities' keys are forgotten afterwards: nothing signs later, so there is nothing to steal.
    etcd has an authority of its own, because it lets in whoever its authority has signed for.
    """
    for name, identities in (("ca", kubernetes), ("etcd-ca", etcd)):
        authority = Authority.new(f"{cluster}-{name}")
        (folder / f"{name}.crt").write_bytes(pem(authority.certificate))
        for identity in identities:
            certificate, key = authority.issue(identity)
            (folder / f"{identity.file}.crt").write_bytes(certificate)
            write_private(folder / f"{identity.file}.key", key)
    signing = _new_key()
    write_private(folder / "service-account.key", key_pem(signing))
    (folder / "service-account.pub").write_bytes(
        signing.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, never readable by others in between."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.write(content)


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as unencrypted PEM (SEC 1, which every Go program reads)."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _VALID)
    )
