"""The S3 gateway's objects."""

from components.edge.doors import Door
from components.gateways.s3 import door, network_policy, server_environment, workload
from components.gateways.spec import S3Spec
from components.storage.volumes import Volumes

VOLUMES = Volumes(homes="homes", projects="projects", spaces={})


def spec(**section: object) -> S3Spec:
    return S3Spec.model_validate(section)


def deployed(**section: object) -> dict:
    return workload(
        "demo",
        spec(**section),
        rooms="s3-rooms-1",
        volumes=VOLUMES,
        image="registry.example.org/s3:1",
        public_url="https://s3.science.example.org",
    )["spec"]


def test_the_door_has_all_of_a_host_and_is_for_programs():
    assert door(spec(), "science.example.org") == Door(
        name="s3",
        title="S3",
        description="Your files as objects, for tools that speak S3",
        service="s3",
        port=8080,
        pods="s3",
        host="s3.science.example.org",
        listed=False,
    )


def test_the_whole_pod():
    pod = deployed(requestsPerUser=8, requests=100, idleUploads="2d", memory="100Mi")["template"]["spec"]
    [container] = pod["containers"]
    assert container == {
        "name": "s3",
        "image": "registry.example.org/s3:1",
        "imagePullPolicy": "IfNotPresent",
        "command": [
            "/usr/local/bin/s3",
            "-rooms=/etc/rooms/rooms.json",
            "-hub-token=/run/secrets/hub/token",
            "-keys=/run/secrets/keys/master",
            "-endpoint=https://s3.science.example.org",
            "-listen=:8080",
            "-watch=:9090",
            "-requests=100",
            "-requests-per-user=8",
            "-idle-uploads=172800s",
            "-linger=5s",
            "-drain=600s",
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
            {"mountPath": "/run/secrets/keys", "name": "keys", "readOnly": True},
            {"mountPath": "/volumes/homes", "name": "homes"},
            {"mountPath": "/volumes/projects", "name": "projects"},
        ],
        "readinessProbe": {"httpGet": {"port": 9090, "path": "/readyz"}, "periodSeconds": 2},
        "livenessProbe": {
            "httpGet": {"port": 9090, "path": "/healthz"},
            "periodSeconds": 10,
            "failureThreshold": 6,
        },
    }
    assert pod["volumes"] == [
        {"name": "rooms", "configMap": {"name": "s3-rooms-1"}},
        {"name": "token", "secret": {"secretName": "hub-token-s3"}},
        {"name": "keys", "secret": {"secretName": "s3-keys"}},
        {"name": "homes", "persistentVolumeClaim": {"claimName": "homes"}},
        {"name": "projects", "persistentVolumeClaim": {"claimName": "projects"}},
    ]


def test_large_uploads_come_to_their_end():
    assert deployed()["template"]["spec"]["terminationGracePeriodSeconds"] == 615


def test_the_edge_and_peoples_servers_come_in_and_the_hub_is_asked():
    policy = network_policy("demo")["spec"]

    def peer(component: str) -> dict:
        labels = {"app.kubernetes.io/component": component, "app.kubernetes.io/instance": "demo"}
        return {"podSelector": {"matchLabels": labels}}

    assert policy["ingress"] == [
        {"from": [peer("edge"), peer("singleuser-server")], "ports": [{"port": 8080, "protocol": "TCP"}]},
        {
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "ports": [{"port": 9090, "protocol": "TCP"}],
        },
    ]
    assert policy["egress"][1:] == [{"to": [peer("hub")], "ports": [{"port": 8081, "protocol": "TCP"}]}]


def test_what_servers_are_told():
    assert server_environment("https://s3.science.example.org") == {
        "AWS_CONFIG_FILE": "/etc/science-platform/aws.ini",
        "AWS_ENDPOINT_URL_S3": "http://s3:8080",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        "S3_PUBLIC_URL": "https://s3.science.example.org",
    }
