"""Values of site files that change nothing are named with their place; all others are not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.diff import compare
from stacks.diff.verdict import Case, Verdict
from stacks.gates import values
from stacks.gates.dead import Probe
from stacks.gates.judge import judge
from stacks.gates.perturb import leaves
from stacks.gates.values import EXEMPT, dead_values, is_exempt
from stacks.site_errors import Keys
from stacks.sites import read
from tests.support.gates import accepted, written
from tests.support.plans import EXAMPLES, SITES, planned_file, planned_site, site_value

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Remember nothing of other runs."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("stacks.gates.values.cache_dir", lambda: folder)
    return folder


@pytest.mark.parametrize("name", SITES)
def test_every_value_of_a_committed_site_has_an_effect(name: str):
    assert dead_values(read(name)) == []


@pytest.mark.parametrize("name", ["ingress", "kind-on-a-laptop"])
def test_every_value_of_an_example_has_an_effect(name: str, tmp_path: Path):
    assert dead_values(written(tmp_path, "example", site_value(EXAMPLES[name]))) == []


def edited(edit: Edit) -> dict[str, Any]:
    site = site_value(EXAMPLES["ingress"])
    edit(site)
    return site


def spare_pool(site: dict[str, Any]) -> None:
    site["cluster"]["nodePools"]["spare"] = {"labels": {"pool": "spare"}, "cpu": 4, "memory": "8Gi"}


FAULTS: dict[str, tuple[str, Edit]] = {
    "cluster.loadBalancer": ("loadBalancer:", lambda site: site["cluster"].update(loadBalancer=True)),
    "cluster.volumes.state.accessMode": (
        "accessMode:",
        lambda site: site["cluster"].update(volumes={"state": {"accessMode": "ReadWriteOnce"}}),
    ),
    "cluster.nodePools.spare.labels.pool": ("pool:", spare_pool),
}


def judged(folder: Path, site: dict[str, Any]) -> list[Verdict]:
    """Return what the gates say where a site has become this one."""
    before, after = planned_file(EXAMPLES["ingress"]), planned_site("example", site)
    file = written(folder, "example", site)
    return judge(Case(compare(before, after), after, file, site_value(EXAMPLES["ingress"])))


@pytest.mark.parametrize(("key", "fault"), FAULTS.items(), ids=FAULTS)
def test_a_new_value_that_changes_nothing_is_named_with_its_place(
    key: str, fault: tuple[str, Edit], tmp_path: Path
):
    word, edit = fault
    (verdict,) = judged(tmp_path, edited(edit))
    path = tmp_path / "Pulumi.example.yaml"
    ((line, text),) = [
        (number, text)
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if text.lstrip().startswith(word)
    ]
    place = f"{path}:{line}:{text.index(word) + len(word) + 2}"
    rule = "changes nothing that is declared, whatever it says: remove it"
    assert verdict == Verdict("dead-value", key, f"{place}: {key}: {rule}", blocks=True)


def test_what_has_not_changed_is_not_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[list[Keys]] = []

    class Asked:
        def __init__(self, *_: object) -> None: ...

        def dead(self, paths: list[Keys]) -> list[Keys]:
            asked.append(paths)
            return []

    monkeypatch.setattr(values, "Probe", Asked)
    before = site_value(SITES["boreal"])
    site = site_value(SITES["boreal"]) | {"accept": accepted("PersistentVolumeClaim/homes")}
    site["hub"]["limits"]["servers"] = 5
    file = written(tmp_path, "boreal", site)
    dead_values(file, before)
    dead_values(file, site)
    dead_values(file)
    assert asked[0] == [("hub", "limits", "servers")]
    assert len(asked) == 2
    assert set(asked[1]) == {path for path, _ in leaves(site) if not is_exempt(path)}


def test_what_is_found_is_remembered_while_code_and_site_are_the_same(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = written(tmp_path, "example", edited(FAULTS["cluster.loadBalancer"][1]))
    before = edited(lambda _: None)
    first = dead_values(file, before)
    monkeypatch.setattr(Probe, "dead", lambda *_: pytest.fail("it is remembered"))
    assert dead_values(file, before) == first
    (kept,) = (cache / "dead-values").iterdir()
    assert json.loads(kept.read_text()) == [["cluster", "loadBalancer"]]
    monkeypatch.setattr("stacks.gates.values._code", lambda: "other code")
    with pytest.raises(pytest.fail.Exception):
        dead_values(file, before)


def test_what_need_not_have_an_effect_has_none():
    site = edited(lambda site: site["cluster"].update(kubeconfig="/etc/kubeconfig"))
    site["accept"] = accepted("PersistentVolumeClaim/homes")
    site["storage"]["quotas"] = {"heldBy": "cephfs", "homes": {"default": "10Gi"}}
    exempt = [path for path, _ in leaves(site) if is_exempt(path)]
    assert {("cluster", "kubeconfig"), ("storage", "quotas", "heldBy")} <= set(exempt)
    assert Probe("example", site).dead(exempt) == exempt


def test_every_exemption_has_its_reason():
    assert all(reason.startswith("is ") for reason in EXEMPT.values())


def test_a_value_by_which_a_claim_is_only_protected_has_an_effect():
    site = site_value(EXAMPLES["local"])
    site["storage"]["homes"]["keep"] = True
    assert Probe("example", site).dead([("storage", "homes", "keep")]) == []
