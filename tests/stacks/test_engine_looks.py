"""What Pulumi's engine says of a stack without changing it: previews and drift."""

from pathlib import Path

import pytest

from infra.progress import Progress
from stacks import engine
from stacks.drift.model import How, Moved
from stacks.sites import SiteFile, read
from tests.support.pulumi_cli import PulumiCli, step


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PulumiCli:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return PulumiCli(tmp_path)


@pytest.fixture
def local() -> SiteFile:
    return read("local")


def test_what_moved_is_named_with_its_fields(cli: PulumiCli, local: SiteFile):
    cli.preview(
        "local",
        step("refresh", "Deployment", "local-hub"),
        step("same", "Deployment", "local-hub"),
        step("update", "Deployment", "local-proxy", diff=("spec.replicas", "spec.paused")),
        step("create", "ConfigMap", "local-hub-config"),
        step("delete", "Job", "local-old"),
        step("create-replacement", "Service", "local-edge", diff=("spec.clusterIP",)),
        step("replace", "Service", "local-edge"),
        step("delete-replaced", "Service", "local-edge"),
    )
    assert engine.drift(local, Progress(), context=None) == (
        Moved("Deployment local-proxy", How.CHANGED, ("spec.paused", "spec.replicas")),
        Moved("ConfigMap local-hub-config", How.GONE),
        Moved("Job local-old", How.LEFT_OVER),
        Moved("Service local-edge", How.REPLACED, ("spec.clusterIP",)),
    )
    (call,) = cli.calls("preview")
    assert "--refresh" in call
    assert "--show-secrets" not in call


def test_a_stack_that_is_as_it_should_be_has_not_moved(cli: PulumiCli, local: SiteFile):
    cli.preview("local", step("refresh", "Deployment", "local-hub"), step("same", "Deployment", "local-hub"))
    assert engine.drift(local, Progress(), context=None) == ()


def test_values_are_not_told_for_they_may_be_secret(cli: PulumiCli, local: SiteFile):
    changed = {"urn": "u", "type": "t", "inputs": {"data": {"key": "hunter2"}}}
    cli.preview("local", step("update", "Secret", "local-keys", diff=("data.key",), new=changed))
    assert "hunter2" not in str(engine.drift(local, Progress(), context=None))


def test_changes_that_are_counted_but_not_named_are_no_silence(cli: PulumiCli, local: SiteFile):
    unnamed = step("update", "Deployment", "local-hub")
    unnamed["resourcePreEvent"]["metadata"]["detailedDiff"] = "of a later version"
    cli.preview("local", unnamed)
    with (
        pytest.warns(UserWarning, match="Failed to parse"),
        pytest.raises(engine.EngineError, match="pulumi preview --refresh --diff --stack local"),
    ):
        engine.drift(local, Progress(), context=None)


def test_a_preview_counts_and_is_held_against_the_policy_pack(
    cli: PulumiCli, local: SiteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "POLICY", tmp_path)
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
    cli.preview("local", step("update", "Deployment", "local-hub"), step("same", "Service", "local-hub"))
    assert engine.preview(local, Progress(), context=None) == {"update": 1}
    (call,) = cli.calls("preview")
    assert f"--policy-pack {tmp_path}" in call


def test_what_the_policy_pack_refuses_is_told_in_pulumis_words(cli: PulumiCli, local: SiteFile):
    cli.preview("local", err="error: preview failed: [mandatory] no-root", code=255)
    with pytest.raises(engine.EngineError, match=r"\[mandatory\] no-root"):
        engine.preview(local, Progress(), context=None)
