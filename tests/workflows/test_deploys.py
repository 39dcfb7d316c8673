"""The pipelines that have credentials, run here: previews and drift with a stand-in for the Pulumi CLI."""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import copied
from tests.support.forges import PROJECT, REPOSITORY, TOKEN, GitHubFake, github, gitlab
from tests.support.pulumi_cli import PulumiCli, step
from tests.support.workflow import Ran, composite, pipeline, run_github, run_gitlab, workflow

TITLE = "Sites are not as their files say"
KUBECONFIG = "apiVersion: v1\nkind: Config"
SECRETS = {
    "KUBECONFIG": KUBECONFIG,
    "CLOUDS_YAML": "",
    "PULUMI_ACCESS_TOKEN": "pul-a-token",
    "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
}
MOVED = step("update", "Deployment", "boreal-hub", diff=("spec.replicas",))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout") / "platform"
    copied(folder)
    (folder / ".venv").symlink_to(Path(sys.prefix).resolve())
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home in which `make pulumi` has brought the CLI already."""
    (tmp_path / "home/.pulumi/versions" / version("pulumi") / "bin").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def cli(home: Path) -> PulumiCli:
    found = PulumiCli(home / ".pulumi/versions" / version("pulumi") / "bin")
    found.preview("boreal")
    found.preview("meridian")
    return found


def environment(home: Path) -> dict[str, str]:
    # No CLI of the machine's own: the stand-in is the one that was brought.
    path = [folder for folder in os.environ["PATH"].split(":") if not (Path(folder) / "pulumi").exists()]
    return {"HOME": str(home), "PATH": ":".join(path), "PIP_DRY_RUN": "1"}


def run(name: str, checkout: Path, home: Path, fake: GitHubFake | None = None) -> Ran:
    """Run the one job of a workflow; it is prepared already."""
    job = workflow(f"{name}.yml")["jobs"][name]
    context = {
        "secrets": SECRETS,
        "vars": {"PULUMI_BACKEND_URL": "s3://state"},
        "github": {
            "token": TOKEN,
            "server_url": "https://github.com",
            "repository": REPOSITORY,
            "run_id": 1,
        },
    }
    given, prepared = environment(home), list[Mapping[str, Any]]()
    if fake:
        given |= {"GITHUB_API_URL": fake.root, "GITHUB_REPOSITORY": REPOSITORY}

    def prepare(inputs: Mapping[str, Any]) -> None:
        prepared.append(inputs)

    actions = {"actions/checkout": nothing, "./.github/actions/prepare": prepare}
    ran = run_github(job, checkout, context=context, environment=given, actions=actions)
    assert prepared == [{"kubeconfig": KUBECONFIG, "clouds-yaml": ""}]
    return ran


def nothing(_: Mapping[str, Any]) -> None:
    """Do nothing: what the action would do is already so."""


def test_github_reports_what_moved_in_one_issue_and_closes_it_when_it_is_over(
    checkout: Path, home: Path, cli: PulumiCli
):
    with github() as fake:
        cli.preview("boreal", MOVED)
        for done in ("opened an issue", "updated issue 1"):
            ran = run("drift", checkout, home, fake)
            assert ran.failed, "a night on which something moved is red"
            assert ran.out["Report"] == f"{done}\n"
        assert "Deployment boreal-hub: changed\n      spec.replicas\n" in ran.out["Look"]
        (issue,) = fake.issues
        assert "Found by https://github.com/observatory/platform/actions/runs/1." in issue["body"]
        cli.preview("boreal")
        ran = run("drift", checkout, home, fake)
        assert not ran.failed, ran.out
        assert issue["state"] == "closed"


def test_github_previews_every_site(checkout: Path, home: Path, cli: PulumiCli):
    cli.preview("meridian", step("update", "Deployment", "meridian-hub"))
    ran = run("preview", checkout, home)
    assert not ran.failed, ran.out
    assert "boreal: no changes\nmeridian: 1 update\n" in ran.out["Preview every site"]
    cli.preview("meridian", err="[mandatory] no-root", code=255)
    assert run("preview", checkout, home).failed


def test_preparing_installs_what_is_needed_and_keeps_credentials_for_nobody_else_to_read(
    checkout: Path, home: Path, cli: PulumiCli
):
    del cli
    ran = run_github(
        composite("prepare"),
        checkout,
        context={"inputs": {"kubeconfig": KUBECONFIG, "clouds-yaml": ""}},
        environment=environment(home),
        actions={"actions/setup-python": nothing},
    )
    assert not ran.failed, ran.out
    assert ran.steps == ["actions/setup-python", "Install", "Install Pulumi", "Credentials"]
    kubeconfig = home / ".kube/config"
    assert kubeconfig.read_text() == f"{KUBECONFIG}\n"
    assert kubeconfig.stat().st_mode & 0o777 == 0o600
    assert not (home / ".config/openstack").exists()


def test_gitlab_reports_what_moved_and_previews_every_site(checkout: Path, home: Path, cli: PulumiCli):
    jobs = pipeline()
    cli.preview("boreal", MOVED)
    with gitlab() as fake:
        given = environment(home) | {
            "CI_API_V4_URL": f"{fake.root}/api/v4",
            "CI_PROJECT_ID": str(PROJECT),
            "SCIENCE_PLATFORM_GITLAB_TOKEN": TOKEN,
        }
        ran = run_gitlab(jobs["drift"], checkout, given)
        assert ran.failed, "a night on which something moved is red"
        assert "\nopened an issue\n" in ran.out["script"]
        (issue,) = fake.issues
        assert (issue["title"], issue["state"]) == (TITLE, "opened")
        cli.preview("boreal")
        ran = run_gitlab(jobs["drift"], checkout, given)
        assert (ran.failed, issue["state"]) == (False, "closed"), ran.out
    ran = run_gitlab(jobs["preview"], checkout, environment(home))
    assert (ran.failed, ran.out["script"].count("no changes")) == (False, 2)
