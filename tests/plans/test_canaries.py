"""A canary in every secret of a site turns up nowhere that people look: plans, comparisons, pictures, errors."""

import base64
import traceback
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from stacks.diff import compare
from stacks.diff.groups import Result, Standing, grouped
from stacks.diff.json_form import to_json as as_json
from stacks.diff.markdown import to_markdown
from stacks.diff.terminal import to_terminal
from stacks.draw.command import comparison, drawing
from stacks.plan import Plan, plan
from stacks.program import main
from stacks.reachability import matrix
from stacks.render import to_json, to_tree, to_yaml
from stacks.site_errors import SiteError
from stacks.site_frame import PROJECT, SECRETS
from stacks.site_loading import load, site_from_config
from tests.support.canaries import canary, forms, leaked, values
from tests.support.goldens import golden
from tests.support.plans import EXAMPLES, SITES, site_value

FILES = {**SITES, **EXAMPLES}
KEY = b"a key of one run"


def keys_of(path: Path) -> tuple[str, ...]:
    return site_from_config(site_value(path), name="example").secret_keys


def planned(path: Path, secrets: Mapping[str, str], *, fingerprint: bytes | None = None) -> Plan:
    config = {"site": site_value(path), **secrets}
    return plan(main, stack="example", config=config, secrets=secrets, fingerprint=fingerprint)


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make what is generated a canary as well."""
    made = canary("Generated")
    monkeypatch.setattr("secrets.token_hex", lambda *_: made)
    monkeypatch.setattr("secrets.token_urlsafe", lambda *_: made)
    monkeypatch.setattr("components.edge.component.make_authority", lambda *_: ("certificate", made))
    return {"generated": made}


def test_every_secret_that_a_site_may_have_is_tried_here():
    assert {key for path in FILES.values() for key in keys_of(path)} == set(SECRETS)


@pytest.mark.parametrize("name", FILES)
def test_a_plan_and_its_pictures_show_no_canary(name: str, generated: dict[str, str]):
    keys = keys_of(FILES[name])
    found = planned(FILES[name], values(keys))
    surfaces = {
        "the plan as JSON": to_json(found),
        "the plan as YAML": to_yaml(found),
        "the plan as a tree": to_tree(found),
        "the plan itself": repr(found),
        "the golden": golden(found),
        "the drawing": drawing(found),
        "who may reach whom": str(matrix("example", found.manifests())),
    }
    assert leaked(surfaces, {key: canary(key) for key in keys} | generated) == []


@pytest.mark.parametrize("name", [name for name, path in FILES.items() if keys_of(path)])
def test_a_comparison_shows_that_a_secret_is_made_otherwise_and_neither_value(
    name: str, generated: dict[str, str]
):
    keys = keys_of(FILES[name])
    before, after = (planned(FILES[name], values(keys, mark), fingerprint=KEY) for mark in ("one", "other"))
    changes = compare(before, after)
    groups = grouped([Result("example", Standing.BOTH, changes)])
    surfaces = {
        "the terminal": to_terminal(groups, "a" * 40, colour=False),
        "the comment": to_markdown(groups, "a" * 40),
        "the JSON": as_json(groups, "a" * 40),
        "the changes themselves": repr(changes),
        "the drawing": comparison(before, after),
    }
    assert "[secret] (changed)" in surfaces["the terminal"]
    both = {f"{key} {mark}": canary(key, mark) for key in keys for mark in ("one", "other")}
    assert leaked(surfaces, both | generated) == []


@pytest.mark.parametrize(
    "shape", ["", " ", "\n", "{}://[", "not a URL {}", "postgresql://{}@", "http://a:{}@b:port/"]
)
@pytest.mark.parametrize("name", [name for name, path in FILES.items() if keys_of(path)])
def test_a_secret_that_is_no_good_is_told_without_repeating_it(name: str, shape: str):
    keys = keys_of(FILES[name])
    given = {key: shape.format(canary(key)) for key in keys}
    try:
        surfaces = {"the plan": to_json(planned(FILES[name], given))}
    except Exception as error:  # noqa: BLE001 - whatever is raised must not hold it
        surfaces = {"the error": f"{error!r}{error.args}", "its trace": traceback.format_exc()}
    assert leaked(surfaces, {key: canary(key) for key in keys}) == []


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_in_plain_text_in_a_file_is_refused_without_repeating_it(key: str, tmp_path: Path):
    path = tmp_path / "Pulumi.example.yaml"
    text = FILES["existing"].read_text()
    path.write_text(text.replace("config:\n", f"config:\n  {PROJECT}:{key}: {canary(key)}\n", 1))
    with pytest.raises(SiteError, match="is a secret in plain text") as refused:
        load(path)
    assert leaked({"the error": str(refused.value)}, {key: canary(key)}) == []


@pytest.mark.parametrize(
    "leak",
    [
        lambda text: f"password={text}",
        lambda text: base64.b64encode(f"u:{text}@h".encode()).decode(),
        lambda text: base64.b64encode(f"us:{text}@h".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(f"use:{text}?".encode()).decode(),
        lambda text: quote(f"postgresql://u:{text} +@h"),
        lambda text: f"{text} +/".encode().hex(),
    ],
)
def test_a_leak_is_seen_in_any_form(leak):  # noqa: ANN001 - a lambda
    found = leaked({"a log": leak(canary("someKey"))}, {"someKey": canary("someKey")})
    assert [line.partition(" as ")[0] for line in found] == ["someKey on a log"]
    assert len(set(forms(canary("someKey")))) == 6
