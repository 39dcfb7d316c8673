"""The command line of every component."""

from pathlib import Path

import pytest

from infra.local.components import forward_component, node_components
from infra.local.layout import Layout, Link
from infra.local.programs import PROGRAMS
from infra.local.supervisor import Component

PKI = "/s/science-platform/clusters/one/pki"
CONFIG = "/s/science-platform/clusters/one/config"


@pytest.fixture
def components(monkeypatch: pytest.MonkeyPatch) -> dict[str, Component]:
    monkeypatch.setenv("XDG_STATE_HOME", "/s")
    programs = {name: Path("/p", name) for name in PROGRAMS}
    return {one.name: one for one in node_components(Layout("one"), Link(3), programs)}


def test_etcd_lets_in_nobody_without_a_certificate(components: dict[str, Component]):
    assert components["etcd"] == Component(
        "etcd",
        (
            "/p/etcd",
            "--name=one",
            "--data-dir=/s/science-platform/clusters/one/data/etcd",
            "--listen-client-urls=https://127.0.0.1:2379",
            "--advertise-client-urls=https://127.0.0.1:2379",
            "--client-cert-auth=true",
            f"--cert-file={PKI}/etcd.crt",
            f"--key-file={PKI}/etcd.key",
            f"--trusted-ca-file={PKI}/etcd-ca.crt",
            "--listen-peer-urls=https://127.0.0.1:2380",
            "--initial-advertise-peer-urls=https://127.0.0.1:2380",
            "--initial-cluster=one=https://127.0.0.1:2380",
            "--peer-client-cert-auth=true",
            f"--peer-cert-file={PKI}/etcd.crt",
            f"--peer-key-file={PKI}/etcd.key",
            f"--peer-trusted-ca-file={PKI}/etcd-ca.crt",
            "--log-level=warn",
        ),
    )


def test_containerd_finds_runc_on_its_path(components: dict[str, Component]):
    assert components["containerd"] == Component(
        "containerd",
        (
            "/usr/bin/env",
            "PATH=/p:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "/p/containerd",
            f"--config={CONFIG}/containerd.toml",
        ),
    )


def test_the_api_server_authorises_nodes_and_roles_and_speaks_tls_to_all(components: dict[str, Component]):
    assert components["kube-apiserver"] == Component(
        "kube-apiserver",
        (
            "/p/kube-apiserver",
            "--advertise-address=10.254.3.2",
            "--secure-port=6443",
            "--allow-privileged=true",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            f"--client-ca-file={PKI}/ca.crt",
            f"--tls-cert-file={PKI}/apiserver.crt",
            f"--tls-private-key-file={PKI}/apiserver.key",
            "--etcd-servers=https://127.0.0.1:2379",
            f"--etcd-cafile={PKI}/etcd-ca.crt",
            f"--etcd-certfile={PKI}/apiserver-etcd.crt",
            f"--etcd-keyfile={PKI}/apiserver-etcd.key",
            f"--kubelet-certificate-authority={PKI}/ca.crt",
            f"--kubelet-client-certificate={PKI}/apiserver-kubelet.crt",
            f"--kubelet-client-key={PKI}/apiserver-kubelet.key",
            "--kubelet-preferred-address-types=InternalIP",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={PKI}/service-account.pub",
            f"--service-account-signing-key-file={PKI}/service-account.key",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--profiling=false",
        ),
        after=("127.0.0.1:2379",),
    )


def test_the_rest_waits_for_the_api_server(components: dict[str, Component]):
    rest = [components[name] for name in list(components)[3:]]
    api = ("127.0.0.1:6443",)
    assert rest == [
        Component(
            "kube-controller-manager",
            (
                "/p/kube-controller-manager",
                f"--kubeconfig={CONFIG}/controller-manager.kubeconfig",
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
                "--use-service-account-credentials=true",
                f"--service-account-private-key-file={PKI}/service-account.key",
                f"--root-ca-file={PKI}/ca.crt",
                "--cluster-name=one",
                "--cluster-cidr=10.244.0.0/16",
                "--profiling=false",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
            ),
            api,
        ),
        Component(
            "kube-scheduler",
            (
                "/p/kube-scheduler",
                f"--kubeconfig={CONFIG}/scheduler.kubeconfig",
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
                "--profiling=false",
            ),
            api,
        ),
        Component(
            "kubelet",
            (
                "/p/kubelet",
                f"--config={CONFIG}/kubelet.yaml",
                f"--kubeconfig={CONFIG}/kubelet.kubeconfig",
                "--hostname-override=one",
                "--node-ip=10.254.3.2",
            ),
            ("127.0.0.1:6443", "/run/containerd/containerd.sock"),
        ),
        Component("kube-proxy", ("/p/kube-proxy", f"--config={CONFIG}/proxy.yaml"), api),
    ]


def test_a_forward_listens_on_the_hosts_loopback_only():
    assert forward_component(Link(3), 30443) == Component(
        "forward-30443",
        ("/usr/bin/socat", "TCP-LISTEN:30443,bind=127.0.0.1,reuseaddr,fork", "TCP:10.254.3.2:30443"),
        host_network=True,
    )
