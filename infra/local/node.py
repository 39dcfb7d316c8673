"""What runs first inside a node's namespaces: private mounts and network settings, then the supervisor.

``python -m infra.local.node`` is started by `namespaces.start` and by nothing else: it expects to be process 1 of
fresh mount, PID, network, UTS and IPC namespaces.
"""

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

from infra.local.layout import Layout
from infra.local.supervisor import PATH, Supervisor

TUNABLES = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""What the kubelet sets for the whole machine at every start unless it finds it so."""

NETWORK_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    # Pods hang on point-to-point links of one interface each; the sender of a packet between two is no mistake.
    "net/ipv4/conf/all/send_redirects": "0",
    "net/ipv4/conf/default/send_redirects": "0",
}


def binds(layout: Layout) -> dict[Path, Path]:
    """Return which of the cluster's folders lie over which fixed places, as source by place.

    The kubelet, containerd's CNI library and the kubelet's log links cannot be told to go elsewhere.
    """
    return {
        Path("/var/lib/kubelet"): layout.data("kubelet"),
        Path("/var/lib/cni"): layout.data("cni"),
        Path("/var/log"): layout.data("log"),
    }


def main(name: str, ready: int, host_network: int) -> None:
    """Set up the node and supervise its components for ever.

    Parameters
    ----------
    name
        The cluster's name.
    ready
        Descriptor of a pipe: a byte is written when the namespaces are there; a byte on standard input says
        that the host has connected the network.
    host_network
        Descriptor of the host's network namespace, for components that listen there.
    """
    layout = Layout(name)
    socket.sethostname(name)
    _mount(layout)
    os.write(ready, b"1")
    os.close(ready)
    if not os.read(0, 1):
        sys.exit("the command that started the node went away before the network was there")
    for setting, value in NETWORK_SETTINGS.items():
        Path("/proc/sys", setting).write_text(value)
    _run("nft", "--file", str(layout.config / "masquerade.nft"))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Supervisor(
        layout.components,
        layout.logs,
        {"PATH": PATH, "HOME": "/root"},
        ("/usr/bin/nsenter", f"--net=/proc/1/fd/{host_network}", "--"),
    ).run()


def _mount(layout: Layout) -> None:
    # unshare made every mount private: nothing reaches the host. Shared again from here on, because volumes
    # that a pod mounts must reach the other containers of this node.
    _run("mount", "--make-rshared", "/")
    for place, source in binds(layout).items():
        place.mkdir(parents=True, exist_ok=True)
        _run("mount", "--bind", str(source), str(place))
    _run("mount", "-t", "tmpfs", "-o", "mode=755,nosuid,nodev", "science-local", "/run")
    masks = Path("/run/tunables")
    for tunable, value in TUNABLES.items():
        mask = masks / tunable
        mask.parent.mkdir(parents=True, exist_ok=True)
        mask.write_text(value + "\n")
        _run("mount", "--bind", str(mask), f"/proc/sys/{tunable}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
