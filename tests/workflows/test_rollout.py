"""The pipelines' rollout of two sites on the real local cluster: the canary first, no further than its failure."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.kube import Kube
from infra.local.cluster import LocalCluster
from tests.support.checkout import copied, edit
from tests.support.site import DeployedSite
from tests.support.workflow import Ran, pipeline, run_github, run_gitlab, workflow

pytestmark = pytest.mark.cluster

SITES = Path(__file__).parent / "sites"
STATE = """
      state:
        kind: postgresql
        cidr: 192.0.2.0/28
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a checkout whose committed sites are a canary and one that follows; both are taken down at the end."""
    folder = tmp_path_factory.mktemp("checkout") / "platform"
    copied(folder)
    (folder / ".venv").symlink_to(Path(sys.prefix).resolve())
    for path in (folder / "stacks").glob("Pulumi.*.yaml"):
        path.unlink()
    for path in SITES.iterdir():
        shutil.copy(path, folder / "stacks")
    yield folder
    for path in SITES.iterdir():
        DeployedSite(path).down(everything=True)


def namespaces() -> set[str]:
    kube = Kube.from_kubeconfig(LocalCluster("science").kubeconfig)
    return {each["metadata"]["name"] for each in kube.list("v1", "Namespace") if "status" in each} & {
        "science-canary",
        "science-follower",
    }


def on_github(checkout: Path, summary: Path) -> list[Ran]:
    """Run the jobs as far as they need one another."""

    def nothing(_: Mapping[str, Any]) -> None:
        """Do nothing: what the action would do is already so."""

    jobs = workflow("rollout.yml")["jobs"]
    ran: list[Ran] = []
    for name in ("canaries", "everyone"):
        assert jobs[name].get("needs", "canaries") == "canaries"
        ran.append(
            run_github(
                jobs[name],
                checkout,
                context={
                    "secrets": dict.fromkeys(
                        ("KUBECONFIG", "CLOUDS_YAML", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"), ""
                    ),
                    "vars": {"PULUMI_BACKEND_URL": ""},
                },
                environment={"GITHUB_STEP_SUMMARY": str(summary)},
                actions={"actions/checkout": nothing, "./.github/actions/prepare": nothing},
            )
        )
        if ran[-1].failed:
            break
    return ran


def test_a_canary_that_fails_saves_the_others(checkout: Path, tmp_path: Path):
    canary = checkout / "stacks/Pulumi.canary.yaml"
    good = canary.read_text()
    edit(canary, "    rollout:", f"{STATE.lstrip(chr(10))}    rollout:")
    (ran,) = on_github(checkout, tmp_path / "summary.md")
    canary.write_text(good)
    assert ran.failed
    assert (
        "canary | set SCIENCE_PLATFORM_HUB_DATABASE_URL in the environment"
        in ran.out["Bring out to the canaries"]
    )
    assert "| 1 | canary | ⛔ failed |" in (tmp_path / "summary.md").read_text()
    assert namespaces() == set()


def test_the_canary_comes_first_and_then_everyone_and_both_answer(checkout: Path, tmp_path: Path):
    canaries, everyone = on_github(checkout, tmp_path / "summary.md")
    assert not canaries.failed, canaries.out
    assert not everyone.failed, everyone.out
    assert (
        "canary | Canary is up: https://canary.localhost:31580" in canaries.out["Bring out to the canaries"]
    )
    assert "follower |" not in canaries.out["Bring out to the canaries"]
    assert (
        "follower | Follower is up: https://follower.localhost:31581"
        in everyone.out["Bring out to everyone else"]
    )
    text = (tmp_path / "summary.md").read_text()
    assert text.index("| 1 | canary | 🟢 up |") < text.index("| 2 | follower | 🟢 up |")
    assert namespaces() == {"science-canary", "science-follower"}


def test_gitlab_does_the_same_and_its_night_names_what_someone_changed_by_hand(checkout: Path):
    jobs = pipeline()
    for name in ("canaries", "everyone"):
        ran = run_gitlab(jobs[name], checkout, {})
        assert not ran.failed, ran.out
    kube = Kube.from_kubeconfig(LocalCluster("science").kubeconfig)
    kube.merge("apps/v1", "Deployment", "proxy", "science-canary", {"spec": {"replicas": 0}})
    ran = run_gitlab({"script": jobs["drift"]["script"][:2] + jobs["drift"]["script"][3:]}, checkout, {})
    assert ran.failed
    assert (
        "2 sites: not as its file says: canary.\n\ncanary · moved\n"
        "  Deployment science-canary/proxy: changed\n      /spec/replicas: 1 → 0\n\n"
        "follower · as its file says\n" in ran.out["script"]
    )
    assert "Deployment science-canary/proxy: changed" in (checkout / "drift/report.md").read_text()
