"""The JSON Schema of site files: committed as generated, complete, and of one mind with the loader."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from pydantic import ValidationError

from infra.paths import ROOT
from stacks import schema
from stacks.site import Site

HERE = Path(__file__).parent
SITES = sorted((ROOT / "stacks").glob("Pulumi.*.yaml")) + sorted((HERE / "good").glob("*.yaml"))
ONLY_PYTHON_SEES = {
    "address-for-network",
    "backup-schedule-of-an-hour-too-many",
    "backup-schedule-of-four-fields",
    "backup-schedule-on-day-seven",
    "backup-schedule-with-time-zone",
    "backup-time-zone-unknown",
    "no-memory",
}
"""Wrong values of a right form: nothing, an address that is not a network's first, times that no clock has."""


def properties(node: object, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        for position, item in enumerate(node):
            yield from properties(item, f"{path}/{position}")
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield from ((f"{path}/{key}", field) for key, field in node.get("properties", {}).items())
        for key, item in node.items():
            yield from properties(item, f"{path}/{key}")


def test_the_committed_schema_is_the_generated_one():
    assert schema.FILE.read_text() == schema.text(), "run: python -m stacks write-reference"


def test_the_schema_is_one():
    Draft7Validator.check_schema(json.loads(schema.FILE.read_text()))


def test_every_property_has_a_title_and_a_description():
    found = list(properties(schema.schema()))
    assert [path for path, field in found if not (field.get("title") and field.get("description"))] == []
    assert len(found) > 80


def test_every_pattern_says_in_words_what_is_expected():
    patterns = [node for node in objects(schema.schema()) if isinstance(node.get("pattern"), str)]
    assert [
        node for node in patterns if not node.get("patternErrorMessage", "").startswith("expected ")
    ] == []
    assert len(patterns) > 20


def objects(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from objects(item)


def test_no_key_may_be_null():
    assert [node for node in objects(schema.schema()) if node.get("type") == "null" or "anyOf" in node] == []


@pytest.mark.parametrize("file", SITES, ids=lambda file: file.name)
def test_every_good_site_file_is_valid(file: Path):
    errors = Draft7Validator(schema.schema()).iter_errors(yaml.safe_load(file.read_text()))
    assert [error.message for error in errors] == []


def site_value(file: Path) -> Any:  # noqa: ANN401 - JSON
    """Return what a file says as JSON, if it has a site of a wrong shape."""
    value = None
    try:
        # Editors see keys as text.
        value = json.loads(json.dumps(yaml.safe_load(file.read_text()), default=str))
        Site.model_validate(value["config"]["science-platform:site"], strict=True)
    except ValidationError:
        return value
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        return None  # no site to look at
    return None


def test_the_schema_refuses_every_shape_that_the_loader_refuses():
    validator, accepted, tried = Draft7Validator(schema.schema()), set(), 0
    for file in (HERE / "bad").glob("*.yaml"):
        value = site_value(file)
        if value is not None:
            tried += 1
            accepted |= {file.stem} if validator.is_valid(value) else set()
    assert accepted == ONLY_PYTHON_SEES
    assert tried > 40


@pytest.mark.parametrize(
    "edit",
    [
        {"encryptionSalt": "v1:abc"},
        {"config": {}},
        {"config": {"science-platform:sites": {}}},
        {"config": {"oidcClientSecret": {"secure": "v1:abc"}}},
    ],
)
def test_wrong_keys_around_the_site_are_refused(edit: dict[str, Any]):
    value = yaml.safe_load((HERE / "good" / "existing.yaml").read_text())
    if edit.get("config"):
        edit = {"config": {**value["config"], **edit["config"]}}
    assert not Draft7Validator(schema.schema()).is_valid(value | edit)


def test_a_secret_in_plain_text_is_refused():
    value = yaml.safe_load((HERE / "good" / "existing.yaml").read_text())
    value["config"]["science-platform:oidcClientSecret"] = "hunter2"
    [error] = Draft7Validator(schema.schema()).iter_errors(value)
    assert list(error.path) == ["config", "science-platform:oidcClientSecret"]
