"""Who is certified for what, and by whom."""

import stat
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from infra.local.certificates import Identity, write_pki, write_private

SERVER = Identity("server", "kube-apiserver", names=("localhost",), addresses=(IPv4Address("127.0.0.1"),))
CLIENT = Identity("client", "system:node:n", ("system:nodes",))
ETCD = Identity("etcd", "etcd")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    write_pki(folder, "one", [SERVER, CLIENT], [ETCD])
    return folder


def certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def test_every_identity_has_a_certificate_and_a_key_and_no_authority_keeps_its_own(pki: Path):
    assert sorted(path.name for path in pki.iterdir()) == [
        "ca.crt",
        "client.crt",
        "client.key",
        "etcd-ca.crt",
        "etcd.crt",
        "etcd.key",
        "server.crt",
        "server.key",
        "service-account.key",
        "service-account.pub",
    ]


def test_keys_are_readable_by_their_owner_only_and_belong_to_the_certificates(pki: Path):
    for path in pki.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = load_pem_private_key((pki / "client.key").read_bytes(), None)
    assert key.public_key() == certificate(pki, "client").public_key()


def test_kubernetes_reads_user_and_groups_from_the_subject(pki: Path):
    assert certificate(pki, "client").subject.rfc4514_string() == "CN=system:node:n,O=system:nodes"


def test_a_server_is_certified_for_its_names_and_addresses_and_is_a_client_too(pki: Path):
    extensions = certificate(pki, "server").extensions
    assert extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value == x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    )
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.SERVER_AUTH,
    ]


def test_a_client_cannot_pose_as_a_server(pki: Path):
    uses = certificate(pki, "client").extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_etcd_trusts_an_authority_of_its_own(pki: Path):
    certificate(pki, "etcd").verify_directly_issued_by(certificate(pki, "etcd-ca"))
    certificate(pki, "client").verify_directly_issued_by(certificate(pki, "ca"))
    with pytest.raises(ValueError, match="Issuer"):
        certificate(pki, "client").verify_directly_issued_by(certificate(pki, "etcd-ca"))


def test_an_authority_signs_leaves_only(pki: Path):
    constraints = certificate(pki, "ca").extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


def test_service_account_tokens_are_verified_with_the_published_key(pki: Path):
    key = load_pem_private_key((pki / "service-account.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)


def test_a_private_file_that_was_open_to_others_is_closed_to_them(tmp_path: Path):
    path = tmp_path / "secret"
    path.write_text("old and longer")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
