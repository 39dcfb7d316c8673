"""Configuration of a node's components: pure functions of the cluster's name, its link and its folders."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from infra.local.certificates import Identity
from infra.local.layout import CONTAINERD_SOCKET, DNS_ADDRESS, POD_NETWORK, SERVICE_NETWORK, Layout, Link

API_PORT = 6443
CLUSTER_DOMAIN = "cluster.local"
_LOOPBACK = "127.0.0.1"


def kubernetes_identities(name: str, link: Link) -> list[Identity]:
    """Return everyone the cluster's own authority signs for, under the names that Kubernetes' rules know."""
    service = "kubernetes.default.svc"
    return [
        Identity(
            "apiserver",
            "kube-apiserver",
            names=(
                "kubernetes",
                "kubernetes.default",
                service,
                f"{service}.{CLUSTER_DOMAIN}",
                "localhost",
                name,
            ),
            addresses=(SERVICE_NETWORK[1], IPv4Address(_LOOPBACK), link.node_address),
        ),
        Identity("apiserver-kubelet", "kube-apiserver-kubelet-client", ("system:masters",)),
        Identity("admin", f"science-local-{name}", ("system:masters",)),
        Identity("controller-manager", "system:kube-controller-manager"),
        Identity("scheduler", "system:kube-scheduler"),
        Identity("proxy", "system:kube-proxy"),
        Identity(
            "kubelet", f"system:node:{name}", ("system:nodes",), names=(name,), addresses=(link.node_address,)
        ),
    ]


def etcd_identities() -> list[Identity]:
    """Return everyone etcd's authority signs for."""
    return [
        Identity("etcd", "etcd", names=("localhost",), addresses=(IPv4Address(_LOOPBACK),)),
        Identity("apiserver-etcd", "kube-apiserver"),
    ]


def kubeconfig(context: str, server: str, ca: bytes, certificate: bytes, key: bytes) -> dict[str, Any]:
    """Return a kubeconfig of one context that holds its certificates itself, so that it can be copied."""

    def data(pem: bytes) -> str:
        return base64.b64encode(pem).decode()

    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [
            {"name": context, "cluster": {"server": server, "certificate-authority-data": data(ca)}}
        ],
        "users": [
            {
                "name": context,
                "user": {"client-certificate-data": data(certificate), "client-key-data": data(key)},
            }
        ],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
    }


def kubelet(layout: Layout) -> dict[str, Any]:
    """Return the kubelet's configuration (kubelet.config.k8s.io/v1beta1)."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(layout.pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(layout.pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(layout.pki / "kubelet.key"),
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "clusterDNS": [str(DNS_ADDRESS)],
        "clusterDomain": CLUSTER_DOMAIN,
        "resolvConf": str(layout.config / "resolv.conf"),
        "volumePluginDir": str(layout.data("kubelet") / "volume-plugins"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{layout.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        # Below its own score no process may go without CAP_SYS_RESOURCE.
        "oomScoreAdj": 0,
        "makeIPTablesUtilChains": False,
        "maxPods": 250,
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        "syncFrequency": "10s",
        "systemReserved": {"cpu": "100m", "memory": "512Mi"},
        # Images are imported, never pulled: one that is collected would be gone. The disk is the whole
        # machine's, so how full it is says nothing about this cluster.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "0%",
            "nodefs.inodesFree": "0%",
            "imagefs.available": "0%",
            "imagefs.inodesFree": "0%",
        },
    }


def proxy(layout: Layout) -> dict[str, Any]:
    """Return kube-proxy's configuration (kubeproxy.config.k8s.io/v1alpha1)."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(layout.config / "proxy.kubeconfig")},
        "hostnameOverride": layout.name,
        "mode": "nftables",
        "nftables": {"minSyncPeriod": "100ms"},
        "detectLocalMode": "ClusterCIDR",
        "clusterCIDR": str(POD_NETWORK),
        # The connection table is the whole machine's: leave its size alone.
        "conntrack": {"maxPerCore": 0},
        "oomScoreAdj": 0,
    }


def pod_network() -> dict[str, Any]:
    """Return the CNI configuration: a routed point-to-point link per pod.

    Routed, not bridged: a Service's answers then always pass the node, whether or not the kernel filters
    bridges. Addresses are recorded below the node's own ``/run``, so a crash leaves none taken.
    """
    return {
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [
            {
                "type": "ptp",
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": str(POD_NETWORK)}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": "/run/cni",
                },
            }
        ],
    }


def masquerade() -> str:
    """Return the nftables rules that give pods the node's address outside the pod network."""
    return f"""\
table ip science-local {{
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    ip saddr {POD_NETWORK} ip daddr != {POD_NETWORK} masquerade
  }}
}}
"""


def containerd(layout: Layout, pause: str, cni_plugins: Path, programs: Mapping[str, Path]) -> str:
    """Return containerd's configuration.

    Parameters
    ----------
    layout
        The cluster's folders.
    pause
        Reference of the image that holds a pod's namespaces; imported beforehand.
    cni_plugins
        Folder of the CNI plugins.
    programs
        Program by name; of these, runc and its shim.
    """
    toml = {
        "root": str(layout.data("containerd")),
        "pause": pause,
        "plugins": str(cni_plugins),
        "network": str(layout.config / "cni"),
        "shim": str(programs["containerd-shim-runc-v2"]),
        "runc": str(programs["runc"]),
    }
    quoted = {key: json.dumps(value) for key, value in toml.items()}
    return """\
version = 4
root = {root}
state = "/run/containerd"
imports = []

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = {pause}

[plugins."io.containerd.cri.v1.runtime"]
# Without CAP_SYS_RESOURCE no process may lower its score, and runc would fail.
restrict_oom_score_adj = true
disable_apparmor = true
netns_mounts_under_state_dir = true

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = {shim}

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = {runc}
SystemdCgroup = false

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = [{plugins}]
conf_dir = {network}

[plugins."io.containerd.nri.v1.nri"]
disable = true
""".format(**quoted)


@dataclass(frozen=True)
class Configuration:
    """Everything rendered for a node.

    Parameters
    ----------
    files
        Text by path below `Layout.config`.
    kubeconfigs
        Identity's file name by path below `Layout.config`: components that talk to the API server.
    """

    files: dict[str, str]
    kubeconfigs: dict[str, str]


def configuration(
    layout: Layout, pause: str, cni_plugins: Path, programs: Mapping[str, Path]
) -> Configuration:
    """Return the configuration files of all components; parameters as for `containerd`."""
    return Configuration(
        files={
            "kubelet.yaml": _json(kubelet(layout)),
            "proxy.yaml": _json(proxy(layout)),
            "containerd.toml": containerd(layout, pause, cni_plugins, programs),
            "cni/10-pods.conflist": _json(pod_network()),
            "masquerade.nft": masquerade(),
            # Pods resolve the cluster's names only.
            "resolv.conf": "",
        },
        kubeconfigs={
            f"{identity}.kubeconfig": identity
            for identity in ("controller-manager", "scheduler", "proxy", "kubelet")
        },
    )


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1) + "\n"
