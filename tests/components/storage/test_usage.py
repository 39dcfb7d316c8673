"""The Deployment that counts what is used."""

import json

from components.storage.spec import StorageSpec, UsageSpec
from components.storage.usage import configuration, counter, counter_policy
from components.storage.volumes import Volumes
from infra.paths import ROOT

STORAGE = StorageSpec.model_validate(
    {"homes": {"size": "1Ti"}, "quotas": {"heldBy": "cephfs", "homes": {"default": "50Gi"}}}
)
CONFIG = configuration("demo", STORAGE, UsageSpec(every="1h"))


def test_it_can_read_homes_projects_and_scratch_and_change_nothing():
    volumes = Volumes(homes="homes", projects="projects", scratch="scratch")
    spec = counter("demo", CONFIG, volumes, image="base:1")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["volumeMounts"] == [
        {"mountPath": "/etc/usage", "name": "config", "readOnly": True},
        {"mountPath": "/volumes/homes", "name": "homes", "readOnly": True},
        {"mountPath": "/volumes/projects", "name": "projects", "readOnly": True},
        {"mountPath": "/volumes/scratch", "name": "scratch", "readOnly": True},
    ]
    assert container["command"] == ["python3", "/etc/usage/count_usage.py"]
    assert spec["automountServiceAccountToken"] is False
    assert [each.get("persistentVolumeClaim") for each in spec["volumes"]] == [
        None,
        {"claimName": "homes"},
        {"claimName": "projects"},
        {"claimName": "scratch"},
    ]


def test_it_mounts_what_the_site_has():
    spec = counter("demo", CONFIG, Volumes(homes="homes"), image="base:1")["spec"]["template"]["spec"]
    assert [each["name"] for each in spec["volumes"]] == ["config", "homes"]


def test_it_is_told_how_often_to_count_and_what_folders_may_be_held_to():
    assert json.loads(CONFIG["data"]["usage.json"]) == {"every": 3600, "limits": {"homes": [50 * 2**30]}}
    without = StorageSpec.model_validate({"homes": {"size": "1Ti"}})
    settings = configuration("demo", without, UsageSpec())["data"]["usage.json"]
    assert json.loads(settings) == {"every": 21600, "limits": {}}


def test_the_program_is_the_one_that_is_tested():
    text = (ROOT / "components/storage/files/count_usage.py").read_text()
    assert CONFIG["data"]["count_usage.py"] == text


def test_monitoring_reads_it_and_it_talks_to_nobody():
    spec = counter_policy("demo")["spec"]
    assert (spec["ingress"], spec["egress"]) == (
        [
            {
                "from": [
                    {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
                ],
                "ports": [{"port": 9180, "protocol": "TCP"}],
            }
        ],
        [],
    )
