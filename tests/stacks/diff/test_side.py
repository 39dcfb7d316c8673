"""One checkout's plans as they are handed over to a comparison."""

import io
import json
import shutil
from pathlib import Path

import pytest

from stacks.diff import Field, compare, side
from stacks.plan import Options, Plan, PlannedResource
from tests.support.plans import SITES, planned_file, site_value

PLAN = Plan(
    stack="demo",
    project="science-platform",
    resources=(
        PlannedResource(
            urn="urn:a",
            type="t:m:A",
            name="a",
            parent="urn:p",
            provider="urn:k",
            inputs={"list": [1, {"b": None}]},
            dependencies=("urn:b", "urn:c"),
            property_dependencies={"list": ("urn:b",)},
            options=Options(protect=True, ignore_changes=("data",), custom_timeouts={"create": "5m"}),
            custom=False,
            read_id="id",
            autonamed=True,
        ),
    ),
    outputs={"url": "https://demo"},
)


def test_a_side_comes_through_json_as_it_is():
    handed = side.Side({"demo": PLAN}, {"other": "SiteError: why"}, {"demo": {"title": "Demo"}})
    assert side.from_document(json.loads(json.dumps(side.to_document(handed)))) == handed


def test_a_base_that_does_not_say_what_its_files_say_is_read_all_the_same():
    assert side.from_document({"format": 1, "plans": {}, "errors": {}}) == side.Side()


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="plans of format 0, not 1"):
        side.from_document({"format": 0})


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    good = shutil.copy(SITES["local"], tmp_path / "Pulumi.local.yaml")
    wrong = tmp_path / "Pulumi.wrong.yaml"
    wrong.write_text(SITES["local"].read_text().replace("title: Local", "titel: Local"))
    return {"good": str(good), "wrong": str(wrong), "missing": str(tmp_path / "Pulumi.missing.yaml")}


def test_good_sites_are_planned_wrong_ones_say_why_and_missing_ones_are_none(files: dict[str, str]):
    found = side.planned(files.values(), b"key")
    assert (found.plans.keys(), found.errors.keys()) == ({"local"}, {"wrong"})
    assert found.sites == {"local": site_value(SITES["local"])}
    assert found.errors["wrong"].startswith("SiteError: ")
    assert "titel" in found.errors["wrong"]
    assert compare(planned_file(SITES["local"]), found.plans["local"]).empty


def test_only_runs_with_one_key_have_the_same_secrets_and_none_shows_any(files: dict[str, str]):
    first, second, other = (side.planned([files["good"]], key).plans["local"] for key in (b"a", b"a", b"b"))
    assert compare(first, second).empty
    assert not any("placeholder-for" in str(each.inputs) for each in first.resources)
    (kubeconfig,) = compare(first, other).changes
    assert kubeconfig.fields == (Field("/kubeconfig", "[secret]", "[secret] (changed)"),)


def test_the_process_answers_on_its_output(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    asked = {"files": [files["good"]], "fingerprint": "00ff"}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(asked)))
    side.main()
    answer = side.from_document(json.loads(capsys.readouterr().out))
    assert (list(answer.plans), answer.errors) == (["local"], {})


def test_without_files_it_plans_every_committed_site(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "stacks.diff.side.plan_of", lambda file, fingerprint: file.name + fingerprint.decode()
    )
    found = side.planned([], b"!")
    assert found.plans == {name: f"{name}!" for name in SITES}
    assert found.sites.keys() == SITES.keys()
