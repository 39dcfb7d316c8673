"""What every committed site declares, as files that git shows the changes of: ``pytest --update-goldens``."""

from dataclasses import replace
from pathlib import Path

import pytest

from stacks.plan import Plan
from tests.support.goldens import FOLDER, difference, golden
from tests.support.plans import SITES, planned_file


@pytest.mark.parametrize("name", SITES)
def test_the_golden_is_what_is_planned(name: str, request: pytest.FixtureRequest):
    path, wanted = FOLDER / f"{name}.yaml", golden(planned_file(SITES[name]))
    if request.config.getoption("--update-goldens"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(wanted)
    found = difference(path, wanted)
    assert not found, f"\n{found}\n\nIf that is meant: pytest tests/plans/test_goldens.py --update-goldens"


def test_there_is_no_golden_of_a_site_that_is_gone():
    assert {path.stem for path in FOLDER.iterdir()} == set(SITES)


def _with_config(plan: Plan, name: str, data: dict[str, str]) -> Plan:
    (config,) = (
        each
        for each in plan.resources
        if each.type.endswith(":ConfigMap") and each.name == f"{plan.stack}-hub-hub-config"
    )
    inputs = {**config.inputs, "metadata": {"name": name}, "data": data}
    return replace(plan, resources=(replace(config, inputs=inputs),))


def test_a_golden_has_no_hash_of_content_or_images_and_names_the_files_of_the_checkout():
    planned = planned_file(SITES["local"])
    spawning = (FOLDER.parents[2] / "components/hub/files/spawning.py").read_text()
    (lab,) = {
        word.strip('",')
        for manifest in planned.manifests()
        for text in manifest.get("data", {}).values()
        for word in text.split()
        if "science-platform/lab:" in word
    }
    data = {"spawning.py": spawning, "site.json": f'{{"image": "{lab}", "other": "example.org/lab:2026.1"}}'}
    assert (
        golden(_with_config(planned, "hub-config-0123456789", data))
        == """\
---
apiVersion: v1
data:
  site.json: '{"image": "localhost/science-platform/lab:<tag>", "other": "example.org/lab:2026.1"}'
  spawning.py: <components/hub/files/spawning.py>
immutable: true
kind: ConfigMap
metadata:
  name: hub-config-<hash>
"""
    )


def test_a_difference_is_shown_as_a_diff_of_lines(tmp_path: Path):
    path = tmp_path / "site.yaml"
    path.write_text("a: 1\nb: 2\n")
    assert difference(path, "a: 1\nb: 2\n") == ""
    assert (
        difference(path, "a: 1\nb: 3\n")
        == "--- site.yaml (golden)\n+++ site.yaml (planned)\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3"
    )
