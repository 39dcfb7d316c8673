"""The drawing of every site: nothing is missing, on something else, or too long for its place."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from infra.paths import ROOT
from stacks.draw.command import comparison, drawing
from stacks.draw.compare import compared_scene
from stacks.draw.read import scene_of
from stacks.plan import Plan
from tests.support.drawings import SVG, faults
from tests.support.generated import generated_sites
from tests.support.goldens import difference
from tests.support.plans import SITES, planned_file, planned_site

GENERATED = dict(generated_sites())
SHOWN = "meridian"
"""The site whose drawing is in the documentation."""


def test_nothing_is_wrong_with_the_drawing_of_a_site(planned: Plan):
    assert faults(scene_of(planned)) == []


@pytest.mark.parametrize("name", GENERATED)
def test_nothing_is_wrong_with_the_drawing_of_a_generated_site(name: str):
    assert faults(scene_of(planned_site(name, GENERATED[name]))) == []


def test_every_workload_claim_and_host_of_a_plan_is_in_its_drawing(planned: Plan):
    root = ET.fromstring(drawing(planned))  # noqa: S314 - made by this very code
    told = {element.text for element in root.iter() if element.tag in (f"{SVG}title", f"{SVG}text")}
    names = {
        manifest["metadata"]["name"]
        for manifest in planned.manifests()
        if manifest["kind"]
        in ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "PersistentVolumeClaim")
    }
    hosts = {str(planned.outputs["url"]).split("/")[2].split(":")[0]}
    assert {text for text in names | hosts if not any(text in (each or "") for each in told)} == set()


@pytest.mark.parametrize(("before", "after"), list(pairwise([*SITES, *SITES][: len(SITES) + 1])))
def test_nothing_is_wrong_with_the_drawing_of_two_sites(before: str, after: str):
    assert faults(compared_scene(planned_file(SITES[before]), planned_file(SITES[after]))) == []


def test_a_site_compared_with_itself_has_no_colours():
    planned = planned_file(SITES[SHOWN])
    scene = compared_scene(planned, planned)
    assert {box.state for box in scene.boxes} | {link.state for link in scene.links} == {"same"}
    assert scene.subtitle.endswith("no changes")
    assert 'class="pods added"' in comparison(planned, planned), "the legend says what colours would mean"


def test_the_drawing_in_the_documentation_is_what_is_planned(request: pytest.FixtureRequest):
    path, wanted = ROOT / "docs/site.svg", drawing(planned_file(SITES[SHOWN]))
    if request.config.getoption("--update-goldens"):
        path.write_text(wanted)
    found = difference(path, wanted)
    assert not found, f"\n{found}\n\nIf that is meant: pytest tests/plans/test_drawings.py --update-goldens"
