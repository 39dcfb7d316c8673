"""The configuration of every component."""

import base64
import json
import tomllib
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from infra.local import rendering
from infra.local.certificates import Identity
from infra.local.layout import Layout, Link

ROOT = "/s/science-platform/clusters/one"
CNI = Path("/usr/lib/cni")
PROGRAMS = {name: Path("/p", name) for name in ("containerd-shim-runc-v2", "runc")}


@pytest.fixture
def layout(monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("XDG_STATE_HOME", "/s")
    return Layout("one")


def test_the_components_are_who_kubernetes_rules_expect():
    assert rendering.kubernetes_identities("one", Link(3)) == [
        Identity(
            "apiserver",
            "kube-apiserver",
            names=(
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
                "localhost",
                "one",
            ),
            addresses=(IPv4Address("10.96.0.1"), IPv4Address("127.0.0.1"), IPv4Address("10.254.3.2")),
        ),
        Identity("apiserver-kubelet", "kube-apiserver-kubelet-client", ("system:masters",)),
        Identity("admin", "science-local-one", ("system:masters",)),
        Identity("controller-manager", "system:kube-controller-manager"),
        Identity("scheduler", "system:kube-scheduler"),
        Identity("proxy", "system:kube-proxy"),
        Identity(
            "kubelet",
            "system:node:one",
            ("system:nodes",),
            names=("one",),
            addresses=(IPv4Address("10.254.3.2"),),
        ),
    ]
    assert rendering.etcd_identities() == [
        Identity("etcd", "etcd", names=("localhost",), addresses=(IPv4Address("127.0.0.1"),)),
        Identity("apiserver-etcd", "kube-apiserver"),
    ]


def test_a_kubeconfig_holds_its_certificates_itself():
    encoded = {word: base64.b64encode(word.encode()).decode() for word in ("ca", "certificate", "key")}
    assert rendering.kubeconfig("here", "https://10.254.3.2:6443", b"ca", b"certificate", b"key") == {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [
            {
                "name": "here",
                "cluster": {
                    "server": "https://10.254.3.2:6443",
                    "certificate-authority-data": encoded["ca"],
                },
            }
        ],
        "users": [
            {
                "name": "here",
                "user": {
                    "client-certificate-data": encoded["certificate"],
                    "client-key-data": encoded["key"],
                },
            }
        ],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "here"}}],
    }


def test_the_kubelet_never_collects_images_nor_evicts_for_the_machines_full_disk(layout: Layout):
    assert rendering.kubelet(layout) == {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{ROOT}/pki/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{ROOT}/pki/kubelet.crt",
        "tlsPrivateKeyFile": f"{ROOT}/pki/kubelet.key",
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "clusterDNS": ["10.96.0.10"],
        "clusterDomain": "cluster.local",
        "resolvConf": f"{ROOT}/config/resolv.conf",
        "volumePluginDir": f"{ROOT}/data/kubelet/volume-plugins",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": "/science-local-one",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "makeIPTablesUtilChains": False,
        "maxPods": 250,
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        "syncFrequency": "10s",
        "systemReserved": {"cpu": "100m", "memory": "512Mi"},
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


def test_kube_proxy_uses_nftables_and_leaves_the_machines_connection_table_alone(layout: Layout):
    assert rendering.proxy(layout) == {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": f"{ROOT}/config/proxy.kubeconfig"},
        "hostnameOverride": "one",
        "mode": "nftables",
        "nftables": {"minSyncPeriod": "100ms"},
        "detectLocalMode": "ClusterCIDR",
        "clusterCIDR": "10.244.0.0/16",
        "conntrack": {"maxPerCore": 0},
        "oomScoreAdj": 0,
    }


def test_containerd_keeps_its_data_in_the_clusters_folder_and_uses_the_built_runc(layout: Layout):
    criplugin = "io.containerd.cri.v1.runtime"
    assert tomllib.loads(rendering.containerd(layout, "localhost/pause:1", CNI, PROGRAMS)) == {
        "version": 4,
        "root": f"{ROOT}/data/containerd",
        "state": "/run/containerd",
        "imports": [],
        "plugins": {
            "io.containerd.cri.v1.images": {"pinned_images": {"sandbox": "localhost/pause:1"}},
            criplugin: {
                "restrict_oom_score_adj": True,
                "disable_apparmor": True,
                "netns_mounts_under_state_dir": True,
                "containerd": {
                    "runtimes": {
                        "runc": {
                            "runtime_type": "io.containerd.runc.v2",
                            "runtime_path": "/p/containerd-shim-runc-v2",
                            "options": {"BinaryName": "/p/runc", "SystemdCgroup": False},
                        }
                    }
                },
                "cni": {"bin_dirs": ["/usr/lib/cni"], "conf_dir": f"{ROOT}/config/cni"},
            },
            "io.containerd.nri.v1.nri": {"disable": True},
        },
    }


def test_pods_hang_on_routed_links_with_addresses_that_a_crash_frees():
    assert rendering.pod_network() == {
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [
            {
                "type": "ptp",
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": "10.244.0.0/16"}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": "/run/cni",
                },
            }
        ],
    }


def test_pods_get_the_nodes_address_outside_their_network_only():
    assert "ip saddr 10.244.0.0/16 ip daddr != 10.244.0.0/16 masquerade" in rendering.masquerade()


def test_all_files_are_rendered_and_each_client_of_the_api_server_gets_a_kubeconfig(layout: Layout):
    rendered = rendering.configuration(layout, "localhost/pause:1", CNI, PROGRAMS)
    assert rendered.kubeconfigs == {
        "controller-manager.kubeconfig": "controller-manager",
        "scheduler.kubeconfig": "scheduler",
        "proxy.kubeconfig": "proxy",
        "kubelet.kubeconfig": "kubelet",
    }
    files = rendered.files
    assert list(files) == [
        "kubelet.yaml",
        "proxy.yaml",
        "containerd.toml",
        "cni/10-pods.conflist",
        "masquerade.nft",
        "resolv.conf",
    ]
    assert json.loads(files["kubelet.yaml"]) == rendering.kubelet(layout)
    assert json.loads(files["proxy.yaml"]) == rendering.proxy(layout)
    assert json.loads(files["cni/10-pods.conflist"]) == rendering.pod_network()
    assert files["resolv.conf"] == ""
