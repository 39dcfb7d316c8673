"""The WebDAV gateway's objects."""

from components.edge.doors import Door
from components.gateways.spec import WebdavSpec
from components.gateways.webdav import door, network_policy, workload
from components.storage.volumes import Volumes

VOLUMES = Volumes(homes="homes", projects=None, spaces={})


def spec(**section: object) -> WebdavSpec:
    return WebdavSpec.model_validate(section)


def deployed(**section: object) -> dict:
    return workload("demo", spec(**section), "webdav-rooms-1", VOLUMES, "registry.example.org/webdav:1")[
        "spec"
    ]


def test_the_door_has_an_origin_of_its_own():
    assert door(spec(), "science.example.org") == Door(
        name="webdav",
        title="Files",
        description="Your files as a network drive or in the browser: your user name, and a token as the password",
        service="webdav",
        port=8080,
        pods="webdav",
        host="files.science.example.org",
    )


def test_the_whole_pod():
    pod = deployed(largestUpload="1Gi", requestsPerUser=8, memory="100Mi")["template"]["spec"]
    [container] = pod["containers"]
    assert container == {
        "name": "webdav",
        "image": "registry.example.org/webdav:1",
        "imagePullPolicy": "IfNotPresent",
        "command": [
            "/usr/local/bin/webdav",
            "-rooms=/etc/rooms/rooms.json",
            "-token=/run/secrets/hub/token",
            "-listen=:8080",
            "-metrics=:9090",
            "-per-user=8",
            "-total=256",
            "-linger=5s",
            "-drain=600s",
            "-largest-upload=1073741824",
        ],
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"cpu": "2", "memory": "100Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
        "env": [{"name": "GOMEMLIMIT", "value": "83886080"}],
        "volumeMounts": [
            {"mountPath": "/etc/rooms", "name": "rooms", "readOnly": True},
            {"mountPath": "/run/secrets/hub", "name": "token", "readOnly": True},
            {"mountPath": "/volumes/homes", "name": "homes"},
        ],
        "readinessProbe": {"httpGet": {"port": 9090, "path": "/readyz"}, "periodSeconds": 2},
        "livenessProbe": {
            "httpGet": {"port": 9090, "path": "/healthz"},
            "periodSeconds": 10,
            "failureThreshold": 6,
        },
    }
    assert pod["volumes"] == [
        {"name": "rooms", "configMap": {"name": "webdav-rooms-1"}},
        {"name": "token", "secret": {"secretName": "hub-token-webdav"}},
        {"name": "homes", "persistentVolumeClaim": {"claimName": "homes"}},
    ]


def test_one_pod_holds_the_locks_and_large_uploads_come_to_their_end():
    deployment = deployed()
    assert (deployment["replicas"], deployment["strategy"]["type"]) == (1, "RollingUpdate")
    assert deployment["template"]["spec"]["terminationGracePeriodSeconds"] == 615


def test_the_edge_comes_in_and_the_hub_is_asked():
    policy = network_policy("demo")["spec"]

    def peer(component: str) -> dict:
        labels = {"app.kubernetes.io/component": component, "app.kubernetes.io/instance": "demo"}
        return {"podSelector": {"matchLabels": labels}}

    assert policy["ingress"] == [
        {"from": [peer("edge")], "ports": [{"port": 8080, "protocol": "TCP"}]},
        {
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "ports": [{"port": 9090, "protocol": "TCP"}],
        },
    ]
    assert policy["egress"][1:] == [{"to": [peer("hub")], "ports": [{"port": 8081, "protocol": "TCP"}]}]
