"""The Jobs that are made from a site's CronJobs."""

from typing import Any

import pytest

from components.backup import manifests
from components.backup.sources import SqliteSource, TreeSource
from components.backup.spec import BackupSpec
from stacks.backup import jobs

SPEC = BackupSpec.model_validate({"to": {"kind": "volume", "size": "10Gi"}})
HOMES = TreeSource(name="homes", claim="homes")
HUB = SqliteSource(
    name="hub",
    claim="hub-state",
    file="hub.sqlite",
    user="hub",
    used="SELECT 1",
    secrets={"keys": ("a", "b")},
)
PARTS = manifests.BackupParts(site="demo", files={}, sources=[HOMES, HUB], image="backup:1")

OUT_OF_MEMORY = "it needs more memory than its limit: raise backup.memory"


def source(of: TreeSource | SqliteSource) -> jobs.Source:
    cron_job = manifests.source_job(SPEC, PARTS, of)
    cron_job["metadata"]["uid"] = "uid-1"
    found = jobs.source_of(cron_job)
    assert found is not None
    return found


def container(job: dict[str, Any]) -> dict[str, Any]:
    (only,) = job["spec"]["template"]["spec"]["containers"]
    return only


def mounts(of: dict[str, Any]) -> dict[str, Any]:
    return {mount["mountPath"]: mount for mount in of["volumeMounts"] if mount["name"] == "source"}


def test_a_cron_job_says_what_it_backs_up():
    assert (source(HUB).kind, source(HUB).user, source(HUB).secrets, source(HUB).claim) == (
        "sqlite",
        "hub",
        ["keys"],
        "hub-state",
    )
    assert jobs.source_of(manifests.upkeep_job(SPEC, PARTS)) is None


def test_a_backup_now_belongs_to_its_cron_job_and_reads_only():
    job = jobs.scheduled(source(HOMES).cron_job, "now-1")
    (owner,) = job["metadata"]["ownerReferences"]
    assert (job["metadata"]["name"], owner["name"], owner["uid"]) == (
        "backup-homes-now-1",
        "backup-homes",
        "uid-1",
    )
    assert mounts(container(job)) == {"/source": {"name": "source", "mountPath": "/source", "readOnly": True}}


def test_one_users_files_are_restored_where_nothing_of_others_is_mounted():
    job = jobs.restoration(source(HOMES), "1", ["--folder=alice"], folder="alice")
    assert mounts(container(job)) == {
        "/target": {"name": "source", "mountPath": "/target", "readOnly": False, "subPath": "alice"}
    }
    (first,) = job["spec"]["template"]["spec"]["initContainers"]
    assert mounts(first) == {"/volume": {"name": "source", "mountPath": "/volume", "readOnly": False}}
    assert first["command"][-4:] == ["--prepare", "alice", "--mode", "0700"]
    assert "ownerReferences" not in job["metadata"]


def test_a_database_is_restored_wherever_there_is_room_and_copied_beside_its_user():
    assert "affinity" in jobs.look(source(HUB), "1")["spec"]["template"]["spec"]
    job = jobs.restoration(source(HUB), "1", [], pad_secret="pad-1")
    assert "affinity" not in job["spec"]["template"]["spec"]
    assert container(job)["env"][-1] == {
        "name": "RESTORE_PAD",
        "valueFrom": {"secretKeyRef": {"name": "pad-1", "key": "pad"}},
    }


def test_the_list_mounts_no_source():
    job = jobs.listing(manifests.upkeep_job(SPEC, PARTS), "1")
    assert mounts(container(job)) == {}


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ({"terminated": {"message": '{"files": 3}'}}, {"files": 3}),
        ({"terminated": {"message": "", "reason": "OOMKilled"}}, {"error": OUT_OF_MEMORY}),
        ({"terminated": {"message": "{cut", "reason": "Error"}}, None),
        ({"running": {}}, None),
    ],
)
def test_what_a_pod_says_at_its_end(state: dict[str, Any], result: dict[str, Any] | None):
    assert jobs.result_of({"status": {"containerStatuses": [{"state": state}]}}) == result
