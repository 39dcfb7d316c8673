"""Which cluster a kubeconfig means, and how it signs in."""

import base64
import json
import os
import ssl
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.kube_config import KubeconfigError, Login, load

Write = Callable[..., Path]

PLUGIN = """#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" > info
echo "called with $* as $WHO" >> calls
echo '{"apiVersion": "client.authentication.k8s.io/v1", "status": {"token": "from-plugin"}}'
"""


def config(user: dict[str, Any], cluster: dict[str, Any] | None = None) -> dict[str, Any]:
    server = {"server": "https://127.0.0.1:6443/", "insecure-skip-tls-verify": True}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "science",
        "contexts": [
            {"name": "science", "context": {"cluster": "c", "user": "u", "namespace": "science-demo"}},
            {"name": "other", "context": {"cluster": "c"}},
            {"name": "broken", "context": {"cluster": "nowhere"}},
        ],
        "clusters": [{"name": "c", "cluster": server | (cluster or {})}],
        "users": [{"name": "u", "user": user}],
    }


@pytest.fixture
def written(tmp_path: Path):
    def write(user: dict[str, Any], cluster: dict[str, Any] | None = None) -> Path:
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(config(user, cluster)))
        return path

    return write


def test_the_current_context_is_taken_with_its_namespace(written: Write, tmp_path: Path):
    cluster = {"server": "https://127.0.0.1:6443/", "insecure-skip-tls-verify": True}
    expected = Login("https://127.0.0.1:6443", cluster, {"token": "t"}, "science-demo", tmp_path)
    assert load(written({"token": "t"})) == expected


def test_another_context_may_be_named_and_have_neither_user_nor_namespace(written: Write):
    login = load(written({"token": "t"}), "other")
    assert (login.user, login.namespace) == ({}, "default")


def test_the_text_itself_will_do_as_pulumi_passes_it():
    assert load(yaml.safe_dump(config({}))).server == "https://127.0.0.1:6443"


def test_the_environment_names_the_file_by_default(written: Write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBECONFIG", f"{written({})}{os.pathsep}/elsewhere")
    assert load().server == "https://127.0.0.1:6443"


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ("typo", "has no context typo; it has science, other, broken"),
        ("broken", "has no cluster nowhere; it has c"),
    ],
)
def test_what_is_missing_is_said_with_what_there_is(written: Write, context: str, said: str):
    with pytest.raises(KubeconfigError, match=said):
        load(written({}), context)


def test_a_file_that_is_missing_or_none_is_said(tmp_path: Path):
    with pytest.raises(KubeconfigError, match=r"cannot read the kubeconfig .*/none: No such file"):
        load(tmp_path / "none")
    (tmp_path / "list").write_text("- 1\n")
    with pytest.raises(KubeconfigError, match="is not a kubeconfig: it has no contexts"):
        load(tmp_path / "list")


def test_tokens_files_of_tokens_and_passwords_sign_in(written: Write, tmp_path: Path):
    (tmp_path / "token").write_text("from-file\n")
    for user, header in (
        ({"token": "t"}, {"Authorization": "Bearer t"}),
        ({"tokenFile": "token"}, {"Authorization": "Bearer from-file"}),
        ({"username": "ada", "password": "p"}, {"authorization": "Basic YWRhOnA="}),
        ({}, {}),
    ):
        assert load(written(user)).connect()[1] == header


def test_a_command_signs_in_and_is_told_what_for(written: Write, tmp_path: Path):
    plugin = tmp_path / "plugin"
    plugin.write_text(
        PLUGIN.replace("> info", f"> {tmp_path}/info").replace(">> calls", f">> {tmp_path}/calls")
    )
    plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "./plugin",
            "args": ["get-token"],
            "env": [{"name": "WHO", "value": "ada"}],
            "provideClusterInfo": True,
        }
    }
    _, headers = load(written(user)).connect()
    assert headers == {"Authorization": "Bearer from-plugin"}
    assert (tmp_path / "calls").read_text() == "called with get-token as ada\n"
    assert json.loads((tmp_path / "info").read_text()) == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": "https://127.0.0.1:6443/"}},
    }


def test_a_command_that_is_missing_or_fails_is_said(written: Write):
    missing = {"exec": {"command": "no-such-plugin", "installHint": "apt install it"}}
    with pytest.raises(KubeconfigError, match="no-such-plugin, which is not here: apt install it"):
        load(written(missing)).connect()
    with pytest.raises(
        KubeconfigError, match="false, with which the kubeconfig signs in, gave no credentials"
    ):
        load(written({"exec": {"command": "false"}})).connect()


def certified() -> tuple[bytes, bytes]:
    """Return a certificate that has signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(hours=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = serialization.Encoding.PEM
    return (
        builder.sign(key, hashes.SHA256()).public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def test_the_given_authority_alone_is_trusted_whatever_the_environment_says(
    written: Write, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    certificate, _ = certified()
    given = {
        "certificate-authority-data": base64.b64encode(certificate).decode(),
        "insecure-skip-tls-verify": False,
    }
    connections, _ = load(written({}, given)).connect()
    trusted = connections.connection_pool_kw["ssl_context"].get_ca_certs(binary_form=True)
    assert trusted == [ssl.PEM_cert_to_DER_cert(certificate.decode())]


def test_client_certificates_sign_in_from_files_beside_the_kubeconfig_or_from_within(
    written: Write, tmp_path: Path
):
    certificate, key = certified()
    (tmp_path / "me.crt").write_bytes(certificate)
    (tmp_path / "me.key").write_bytes(key)
    within = {"client-certificate-data": base64.b64encode(certificate).decode()}
    load(written({**within, "client-key-data": base64.b64encode(key).decode()})).connect()
    load(written({"client-certificate": "me.crt", "client-key": "me.key"})).connect()
    _, another = certified()
    with pytest.raises(ssl.SSLError, match="mismatch"):
        load(written({**within, "client-key-data": base64.b64encode(another).decode()})).connect()
