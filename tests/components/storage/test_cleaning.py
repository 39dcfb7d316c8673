"""The CronJob that cleans scratch."""

import pytest

from components.storage.cleaning import cleaner, cleaner_policy, script
from components.storage.spec import ScratchSpec
from infra.paths import ROOT


def spec(clean_after: str) -> ScratchSpec:
    return ScratchSpec.model_validate({"size": "1Ti", "cleanAfter": clean_after})


def test_it_sees_scratch_and_its_script_and_nothing_else():
    made = cleaner("demo", spec("30d"), claim="scratch", image="registry.example.org/base:1")
    pod = made["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert (made["kind"], made["metadata"]["name"], made["spec"]["schedule"]) == (
        "CronJob",
        "scratch-cleaner",
        "17 3 * * *",
    )
    assert (pod["automountServiceAccountToken"], pod["restartPolicy"]) == (False, "Never")
    assert pod["volumes"] == [
        {"name": "scratch", "persistentVolumeClaim": {"claimName": "scratch"}},
        {"name": "scripts", "configMap": {"name": script("demo")["metadata"]["name"]}},
    ]
    assert pod["containers"] == [
        {
            "name": "scratch-cleaner",
            "image": "registry.example.org/base:1",
            "imagePullPolicy": "IfNotPresent",
            "command": ["sh", "/scripts/clean.sh", "/scratch", "720"],
            "resources": {
                "requests": {"cpu": "50m", "memory": "64Mi"},
                "limits": {"cpu": "1", "memory": "256Mi"},
            },
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
            "volumeMounts": [
                {"mountPath": "/scratch", "name": "scratch"},
                {"mountPath": "/scripts", "name": "scripts", "readOnly": True},
            ],
        }
    ]


@pytest.mark.parametrize(("clean_after", "hours"), [("1h", "1"), ("7d", "168"), ("7200s", "2")])
def test_the_age_is_in_hours(clean_after: str, hours: str):
    made = cleaner("demo", spec(clean_after), claim="scratch", image="base:1")
    (container,) = made["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["command"][-1] == hours


def test_the_script_is_the_one_that_is_tested():
    text = (ROOT / "components/storage/files/clean.sh").read_text()
    assert script("demo")["data"] == {"clean.sh": text}


def test_it_talks_to_nobody():
    assert cleaner_policy("demo")["spec"] == {
        "podSelector": {
            "matchLabels": {
                "app.kubernetes.io/component": "scratch-cleaner",
                "app.kubernetes.io/instance": "demo",
            }
        },
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [],
    }
