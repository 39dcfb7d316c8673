"""The way to a site, with a real TLS server of its own authority on loopback."""

import datetime as dt
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stacks.journey.route import Route

HOST = "site.localhost"
OTHER = "elsewhere.example"


class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"{self.headers['Host']} {self.client_address[1]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def certificate(folder: Path, *hosts: str) -> str:
    """Write ``server.pem`` (key and self-signed certificate) and return the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + text)
    return text.decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Serve HTTPS for HOST and OTHER; gives port and authority."""
    folder = tmp_path_factory.mktemp("tls")
    authority = certificate(folder, HOST, OTHER)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as serving:
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving.server_address[1], authority
        serving.shutdown()


def test_names_below_localhost_are_on_this_machine_and_others_where_one_says():
    route = Route(addresses={OTHER: "10.0.0.7"})
    assert [route.address(host) for host in ("a.b.localhost", "localhost", OTHER, "example.org")] == [
        "127.0.0.1",
        "127.0.0.1",
        "10.0.0.7",
        None,
    ]


def test_requests_go_to_the_address_with_the_host_in_name_and_certificate(server: tuple[int, str]):
    port, authority = server
    with Route(addresses={OTHER: "127.0.0.1"}, authority=authority).client() as client:
        hosts = [client.get(f"https://{host}:{port}/").text.split()[0] for host in (HOST, OTHER)]
    assert hosts == [f"{HOST}:{port}", f"{OTHER}:{port}"]


def test_two_hosts_at_one_address_never_share_a_connection(server: tuple[int, str]):
    port, authority = server
    with Route(addresses={OTHER: "127.0.0.1"}, authority=authority).client() as client:
        mine, again, others = (
            client.get(f"https://{host}:{port}/").text.split()[1] for host in (HOST, HOST, OTHER)
        )
    assert mine == again
    assert others != mine


def test_another_authority_is_not_believed(server: tuple[int, str], tmp_path: Path):
    port, _ = server
    with (
        Route(authority=certificate(tmp_path, HOST)).client() as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get(f"https://{HOST}:{port}/")


def test_a_certificate_of_another_host_is_not_believed(server: tuple[int, str]):
    port, authority = server
    with (
        Route(authority=authority).client() as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get(f"https://other.localhost:{port}/")


def test_the_environment_is_not_asked(server: tuple[int, str], monkeypatch: pytest.MonkeyPatch):
    port, authority = server
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{unused.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
        with Route(authority=authority).client() as client:
            assert client.get(f"https://{HOST}:{port}/").status_code == 200


def test_a_websocket_is_refused_under_another_authority(server: tuple[int, str], tmp_path: Path):
    port, _ = server
    with pytest.raises(ssl.SSLCertVerificationError):
        Route(authority=certificate(tmp_path, HOST)).websocket(f"https://{HOST}:{port}/", {})
