"""An authority of one site, and what it is not good for."""

import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from components.edge.authority import make_authority

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def made(*hosts: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate, key = make_authority("local", hosts, now=NOW)
    private = serialization.load_pem_private_key(key.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate(certificate.encode()), private


def name(host: str) -> x509.DNSName | x509.IPAddress:
    return x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)


def verify(authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, host: str) -> None:
    """Sign a certificate for a host and verify it, as a client that follows RFC 5280 would."""
    own = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + dt.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([name(host)]), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    verifier = PolicyBuilder().store(Store([authority])).time(NOW + dt.timedelta(days=1))
    verifier.build_server_verifier(name(host)).verify(leaf, [])


def test_its_name_says_the_site():
    certificate, _ = made("local.localhost")
    assert certificate.subject == certificate.issuer
    (common_name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common_name.value == "Authority of the disposable site local"


def test_it_lasts_ten_years():
    certificate, _ = made("local.localhost")
    assert certificate.not_valid_before_utc <= NOW
    assert certificate.not_valid_after_utc - NOW > dt.timedelta(days=3652)


def test_its_key_is_p256_and_its_own():
    certificate, key = made("local.localhost")
    assert isinstance(key.curve, ec.SECP256R1)
    assert certificate.public_key() == key.public_key()


def test_it_signs_certificates_by_way_of_one_intermediate():
    certificate, _ = made("local.localhost")
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value) == (True, x509.BasicConstraints(ca=True, path_length=1))


@pytest.mark.parametrize("host", ["local.localhost", "tap.local.localhost"])
def test_it_is_good_for_the_sites_host_and_below(host: str):
    verify(*made("local.localhost"), host)


@pytest.mark.parametrize("host", ["example.org", "localhost", "notlocal.localhost", "192.0.2.1"])
def test_it_is_good_for_nothing_else(host: str):
    with pytest.raises(VerificationError):
        verify(*made("local.localhost"), host)


def test_it_can_be_good_for_an_address_only():
    authority = made("192.0.2.1")
    verify(*authority, "192.0.2.1")
    for host in ("192.0.2.2", "example.org"):
        with pytest.raises(VerificationError):
            verify(*authority, host)


def test_each_is_another():
    assert made("local.localhost")[0].serial_number != made("local.localhost")[0].serial_number
