"""Command lines of a node's components: pure functions of the cluster's name, its link and its folders."""

from collections.abc import Mapping
from pathlib import Path

from infra.local.layout import CONTAINERD_SOCKET, POD_NETWORK, SERVICE_NETWORK, Layout, Link
from infra.local.rendering import API_PORT, CLUSTER_DOMAIN
from infra.local.supervisor import PATH, Component

_ETCD = "127.0.0.1:2379"
_ETCD_PEER = "127.0.0.1:2380"
_API = f"127.0.0.1:{API_PORT}"


def node_components(layout: Layout, link: Link, programs: Mapping[str, Path]) -> list[Component]:
    """Return what runs on a node, and which sockets each waits for.

    Parameters
    ----------
    layout, link
        The cluster's folders and addresses.
    programs
        Path of each program by its name.
    """
    return [
        _component("etcd", programs["etcd"], _etcd(layout)),
        _containerd(layout, programs),
        _component("kube-apiserver", programs["kube-apiserver"], _apiserver(layout, link), _ETCD),
        _component(
            "kube-controller-manager", programs["kube-controller-manager"], _controllers(layout), _API
        ),
        _component("kube-scheduler", programs["kube-scheduler"], _scheduler(layout), _API),
        _component("kubelet", programs["kubelet"], _kubelet(layout, link), _API, CONTAINERD_SOCKET),
        _component("kube-proxy", programs["kube-proxy"], {"config": layout.config / "proxy.yaml"}, _API),
    ]


def forward_component(link: Link, port: int) -> Component:
    """Return the process that makes the host's ``127.0.0.1:<port>`` reach the node's ``<port>``."""
    listen = f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork"
    target = f"TCP:{link.node_address}:{port}"
    return Component(f"forward-{port}", ("/usr/bin/socat", listen, target), host_network=True)


def _component(name: str, program: Path, flags: Mapping[str, object], *after: str) -> Component:
    return Component(name, (str(program), *(f"--{flag}={value}" for flag, value in flags.items())), after)


def _containerd(layout: Layout, programs: Mapping[str, Path]) -> Component:
    # The shim answers containerd's questions about itself only where it finds runc on PATH.
    path = f"PATH={programs['runc'].parent}:{PATH}"
    return Component(
        "containerd",
        ("/usr/bin/env", path, str(programs["containerd"]), f"--config={layout.config / 'containerd.toml'}"),
    )


def _etcd(layout: Layout) -> dict[str, object]:
    client, peer = f"https://{_ETCD}", f"https://{_ETCD_PEER}"
    pki = layout.pki
    return {
        "name": layout.name,
        "data-dir": layout.data("etcd"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "client-cert-auth": "true",
        "cert-file": pki / "etcd.crt",
        "key-file": pki / "etcd.key",
        "trusted-ca-file": pki / "etcd-ca.crt",
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"{layout.name}={peer}",
        "peer-client-cert-auth": "true",
        "peer-cert-file": pki / "etcd.crt",
        "peer-key-file": pki / "etcd.key",
        "peer-trusted-ca-file": pki / "etcd-ca.crt",
        "log-level": "warn",
    }


def _apiserver(layout: Layout, link: Link) -> dict[str, object]:
    pki = layout.pki
    return {
        "advertise-address": link.node_address,
        "secure-port": API_PORT,
        "allow-privileged": "true",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "client-ca-file": pki / "ca.crt",
        "tls-cert-file": pki / "apiserver.crt",
        "tls-private-key-file": pki / "apiserver.key",
        "etcd-servers": f"https://{_ETCD}",
        "etcd-cafile": pki / "etcd-ca.crt",
        "etcd-certfile": pki / "apiserver-etcd.crt",
        "etcd-keyfile": pki / "apiserver-etcd.key",
        "kubelet-certificate-authority": pki / "ca.crt",
        "kubelet-client-certificate": pki / "apiserver-kubelet.crt",
        "kubelet-client-key": pki / "apiserver-kubelet.key",
        # By address: nothing resolves the node's name.
        "kubelet-preferred-address-types": "InternalIP",
        "service-account-issuer": f"https://kubernetes.default.svc.{CLUSTER_DOMAIN}",
        "service-account-key-file": pki / "service-account.pub",
        "service-account-signing-key-file": pki / "service-account.key",
        "service-cluster-ip-range": SERVICE_NETWORK,
        "profiling": "false",
    }


def _controllers(layout: Layout) -> dict[str, object]:
    return {
        "kubeconfig": layout.config / "controller-manager.kubeconfig",
        "bind-address": "127.0.0.1",
        "leader-elect": "false",
        "use-service-account-credentials": "true",
        "service-account-private-key-file": layout.pki / "service-account.key",
        "root-ca-file": layout.pki / "ca.crt",
        "cluster-name": layout.name,
        "cluster-cidr": POD_NETWORK,
        "profiling": "false",
        # Forty controllers ask for an identity each at the start: the usual 20 a second make that five seconds.
        "kube-api-qps": 200,
        "kube-api-burst": 400,
    }


def _scheduler(layout: Layout) -> dict[str, object]:
    return {
        "kubeconfig": layout.config / "scheduler.kubeconfig",
        "bind-address": "127.0.0.1",
        "leader-elect": "false",
        "profiling": "false",
    }


def _kubelet(layout: Layout, link: Link) -> dict[str, object]:
    return {
        "config": layout.config / "kubelet.yaml",
        "kubeconfig": layout.config / "kubelet.kubeconfig",
        "hostname-override": layout.name,
        "node-ip": link.node_address,
    }
