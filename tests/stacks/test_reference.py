"""The reference of site files: committed as generated, and complete."""

import re

from stacks import reference
from stacks.json_schema import Walk
from stacks.site import site_schema


def test_the_committed_reference_is_the_generated_one():
    assert reference.FILE.read_text() == reference.text(), "run: python -m stacks write-reference"


def test_every_key_of_every_section_has_a_row():
    keys = [key for _, section in Walk(site_schema()).sections() for key in section["properties"]]
    rows = re.findall(r"^\| `(\w+)` \|", reference.text(), re.MULTILINE)
    assert rows == keys


def test_every_link_leads_to_a_heading():
    text = reference.text()
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) - headings == set()


def test_a_row_tells_the_type_the_limits_and_the_default():
    assert "\n| `every` | a length of time such as 30s, 90m, 12h or 7d | `5m` | How often" in reference.text()
    assert "\n| `replicas` | a whole number from 1 to 10 | `2` | Pods" in reference.text()
    assert "\n| `title` | text of 1 to 80 characters | required | Name of" in reference.text()
    assert "\n| `host` | a host name such as science.example.org," in reference.text()


def test_sections_with_a_kind_are_shown_kind_by_kind():
    headings = re.findall(r"^## `(identity.*)$", reference.text(), re.MULTILINE)
    assert headings == [
        "identity` with `kind: oidc`",
        "identity` with `kind: sharedPassword`",
        "identity.users.<name>` with `kind: sharedPassword`",
    ]
