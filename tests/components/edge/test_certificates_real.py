"""The certificates that the real Caddy serves, as a client verifies them."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from components.edge.doors import Door
from components.edge.spec import EdgeSpec
from tests.components.edge.running import run_edge

HOST = "site.localhost"
DOORS = [
    Door(name="hub", title="", description="", service="127.0.0.1", port=1, pods="x", paths=("/hub",)),
    Door(name="tap", title="", description="", service="127.0.0.1", port=1, pods="x", host=f"tap.{HOST}"),
]


def spec(certificate: dict, host: str = HOST) -> EdgeSpec:
    return EdgeSpec.model_validate({"host": host, "nodePort": 30443, "certificate": certificate})


OWN = spec({"kind": "ownAuthority"})


def test_the_own_authority_is_verified_by_name(tmp_path: Path):
    with run_edge(tmp_path, OWN, "nodePort", DOORS) as running:
        for host in (HOST, f"tap.{HOST}"):
            with running.connect(host) as connection:
                certificate = connection.getpeercert()
            assert certificate is not None
            assert certificate["subjectAltName"] == (("DNS", host),)
        with pytest.raises(ssl.SSLError, match="alert internal error"):
            running.connect("evil.localhost")


def test_a_host_that_is_an_address_has_a_certificate_too(tmp_path: Path):
    # Not an address of this machine, as a node's is not the pod's: only the configuration can tell.
    address = spec({"kind": "ownAuthority"}, host="192.0.2.1")
    with run_edge(tmp_path, address, "nodePort", DOORS[:1]) as running:
        assert running.ask("/").status == 200


def self_signed(host: str) -> tuple[str, str]:
    """Return a certificate for a host and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    # Names differ, or a client that trusts two of them could not tell which is meant.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{serial:x}")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def test_a_renewed_certificate_of_a_secret_is_used_at_once(tmp_path: Path):
    pairs = [self_signed(HOST), self_signed(HOST)]

    def renew(pair: tuple[str, str]) -> None:
        for name, text in zip(("tls.crt", "tls.key"), pair, strict=True):
            (tmp_path / name).write_text(text)

    renew(pairs[0])
    trusted = pairs[0][0] + pairs[1][0]
    given = spec({"kind": "secret", "name": "tls"})
    with run_edge(tmp_path, given, "nodePort", DOORS, trusted=trusted) as running:

        def served() -> str:
            with running.connect() as connection:
                return ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True) or b"")

        before = served()
        renew(pairs[1])
        assert [before, served()] == [pairs[0][0], pairs[1][0]]
        for path in ("/", "/nowhere"):
            assert running.ask(path).headers["strict-transport-security"] == "max-age=31536000"
        (tmp_path / "tls.crt").unlink()
        with pytest.raises(ssl.SSLError, match="alert internal error"):
            served()
        assert "tls.obtain" not in running.log()
