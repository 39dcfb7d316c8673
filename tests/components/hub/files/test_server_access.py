"""Who may enter what: the cases that every door is held to."""

import json
from pathlib import Path
from typing import Any

import pytest

from server_access import collection_access, software_access, space_access
from site_document import Collection, ProjectSpace, Software

CASES = json.loads((Path(__file__).parents[3] / "support" / "rooms_cases.json").read_text())


@pytest.mark.parametrize("case", CASES["spaces"], ids=lambda case: case["says"])
def test_project_spaces(case: dict[str, Any]):
    space = ProjectSpace(
        name="survey", read_write=frozenset(case["readWrite"]), read_only=frozenset(case["readOnly"])
    )
    assert (space_access(space, case["caller"]) or "none") == case["access"]


@pytest.mark.parametrize("case", CASES["collections"], ids=lambda case: case["says"])
def test_data_collections(case: dict[str, Any]):
    collection = Collection(
        name="sky",
        claim="data-sky",
        groups=frozenset(case["groups"]),
        read_write=frozenset(case["readWrite"]),
    )
    assert (collection_access(collection, case["caller"]) or "none") == case["access"]


@pytest.mark.parametrize(
    ("caller", "access"), [([], "ro"), (["students"], "ro"), (["installers", "students"], "rw")]
)
def test_software_is_read_by_everyone_and_changed_by_those_who_install_it(caller: list[str], access: str):
    software = Software(claim="software", read_write=frozenset({"installers"}))
    assert software_access(software, caller) == access
