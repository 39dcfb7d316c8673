"""Pulumi's engine through its Automation API; a script stands in for the CLI and writes down how it is called."""

import json
from pathlib import Path

import pytest

from infra.progress import Progress
from stacks import engine
from stacks.sites import SiteFile, read

CLI = """#!/bin/sh
printf '%s\\n' "$*" >> "{calls}"
case "$*" in
  version*) echo v{version} ;;
  *"stack output"*) echo '{outputs}' ;;
  *"stack history"*) echo '{history}' ;;
  *" up "*|*" destroy "*) {effect} ;;
esac
"""

HISTORY = {
    "kind": "update",
    "startTime": "2026-01-01T00:00:00.000Z",
    "message": "",
    "environment": {},
    "config": {},
    "result": "succeeded",
}


class Cli:
    """A stand-in for the Pulumi CLI."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "calls"

    def write(self, *, outputs: dict[str, object], effect: str = "true") -> None:
        """Write the script; ``effect`` is what ``up`` and ``destroy`` do."""
        script = self.folder / "pulumi"
        text = CLI.format(
            calls=self.log,
            version=engine.version("pulumi"),
            outputs=json.dumps(outputs),
            effect=effect,
            history=json.dumps([HISTORY]),
        )
        script.write_text(text)
        script.chmod(0o755)

    def call(self, verb: str) -> str:
        """Return the one call of a verb."""
        (found,) = [line for line in self.log.read_text().splitlines() if f" {verb} " in line]
        return found


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return Cli(tmp_path)


@pytest.fixture
def local() -> SiteFile:
    return read("local")


def test_without_a_cli_on_path_or_in_its_own_folder_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert engine.installed() is None


def test_the_cli_that_make_pulumi_brought_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = tmp_path / ".pulumi/versions" / engine.version("pulumi") / "bin/pulumi"
    own.parent.mkdir(parents=True)
    own.touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert engine.installed() == str(own)


def test_up_returns_the_stacks_outputs(cli: Cli, local: SiteFile):
    cli.write(outputs={"url": "https://local.localhost"})
    assert engine.up(local, Progress(), context=None) == {"url": "https://local.localhost"}


def test_up_names_the_stack_and_asks_nobody(cli: Cli, local: SiteFile):
    cli.write(outputs={})
    engine.up(local, Progress(), context=None)
    words = cli.call("up").split()
    assert {"--yes", "--skip-preview", "--non-interactive"} <= set(words)
    assert words[words.index("--stack") + 1] == "local"


def test_secrets_are_not_asked_for(cli: Cli, local: SiteFile):
    cli.write(outputs={})
    engine.up(local, Progress(), context=None)
    assert "--show-secrets" not in cli.call("up")


def test_a_file_elsewhere_is_named_to_pulumi(cli: Cli, local: SiteFile, tmp_path: Path):
    cli.write(outputs={})
    elsewhere = SiteFile(name="local", path=tmp_path / "Pulumi.local.yaml", site=local.site)
    engine.up(elsewhere, Progress(), context=None)
    assert f"--config-file={tmp_path}/Pulumi.local.yaml" in cli.call("up").replace(
        "--config-file ", "--config-file="
    )


def test_down_leaves_what_is_protected(cli: Cli, local: SiteFile):
    cli.write(outputs={})
    engine.down(local, Progress(), everything=False)
    assert "--exclude-protected" in cli.call("destroy")
    assert "state unprotect" not in cli.log.read_text()


def test_down_of_everything_takes_the_protection_away_first(cli: Cli, local: SiteFile):
    cli.write(outputs={})
    engine.down(local, Progress(), everything=True)
    calls = cli.log.read_text()
    assert calls.index("state unprotect --all --yes --stack local") < calls.index(" destroy ")
    assert "--exclude-protected" not in cli.call("destroy")


def test_pulumis_refusal_is_told_in_its_own_words(cli: Cli, local: SiteFile):
    cli.write(outputs={}, effect="echo 'error: the stack is locked' >&2; exit 255")
    with pytest.raises(engine.EngineError, match="error: the stack is locked"):
        engine.up(local, Progress(), context=None)
