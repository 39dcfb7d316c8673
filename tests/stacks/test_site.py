"""Loading site files, and the site that Pulumi's engine hands over."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.hub.spec import CpuSpec, MemorySpec, ProfileSpec
from infra.paths import ROOT
from stacks.site import Site
from stacks.site_errors import SiteError
from stacks.site_loading import load, site_from_config

GOOD = Path(__file__).parent / "good"
EXAMPLES = sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))


def copied(name: str, folder: Path, *, site: str = "example", old: str = "", new: str = "") -> Path:
    file = folder / f"Pulumi.{site}.yaml"
    file.write_text((GOOD / f"{name}.yaml").read_text().replace(old, new))
    return file


def value_of(name: str) -> dict[str, Any]:
    return yaml.safe_load((GOOD / f"{name}.yaml").read_text())["config"]["science-platform:site"]


def with_floats(value: object) -> object:
    """Return a value as it is after protocol buffers: every number a float."""
    if isinstance(value, dict):
        return {key: with_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def refusal(call: object, *arguments: object, **keywords: object) -> str:
    assert callable(call)
    with pytest.raises(SiteError) as refused:
        call(*arguments, **keywords)
    return str(refused.value)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_committed_site_is_valid(file: Path):
    assert isinstance(load(file), Site)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_committed_site_tells_editors_its_schema(file: Path):
    assert file.read_text().startswith("# yaml-language-server: $schema=site.schema.json\n")


@pytest.mark.parametrize("file", sorted(GOOD.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_good_site_file_is_loaded(file: Path, tmp_path: Path):
    assert load(copied(file.stem, tmp_path)).title == value_of(file.stem)["title"]


def test_merged_keys_are_those_of_the_anchor_under_the_section_s_own(tmp_path: Path):
    profiles = load(copied("anchors-and-merges", tmp_path)).hub.profiles
    assert profiles["gpu"] == ProfileSpec.model_validate(
        {
            "title": "GPU",
            "cpu": CpuSpec(guarantee=0.5, limit=2),
            "memory": MemorySpec(guarantee="1Gi", limit="16Gi"),
            "gpus": 1,
            "nodePool": "gpu",
        }
    )


def test_the_secrets_of_a_site_follow_from_its_sign_in_its_state_and_its_backup():
    meridian = load(ROOT / "stacks" / "Pulumi.meridian.yaml")
    local = load(ROOT / "stacks" / "Pulumi.local.yaml")
    boreal = load(ROOT / "stacks" / "Pulumi.boreal.yaml")
    assert meridian.secret_keys == ("oidcClientSecret", "hubDatabaseUrl")
    assert boreal.secret_keys == ("oidcClientSecret", "hubDatabaseUrl", "backupPassword")
    assert local.secret_keys == ()


def test_whole_numbers_that_became_floats_are_the_same_site(tmp_path: Path):
    engine = site_from_config(with_floats(value_of("local")), name="example")
    assert engine == load(copied("local", tmp_path))


def test_what_the_engine_read_from_a_file_is_refused_by_line(tmp_path: Path):
    file = copied("local", tmp_path, old="nodePort: 30443", new="nodePort: 443")
    value = value_of("local")
    value["edge"]["nodePort"] = 443.0
    message = f"{file}:9:17: edge.nodePort: expected a whole number from 30000 to 32767"
    assert refusal(site_from_config, value, name="example", source=file) == message


def test_what_is_not_what_the_file_says_is_refused_by_key(tmp_path: Path):
    value = value_of("local")
    value["edge"]["nodePort"] = 443.0
    message = "edge.nodePort: expected a whole number from 30000 to 32767"
    assert refusal(site_from_config, value, name="example", source=copied("local", tmp_path)) == message
    assert refusal(site_from_config, value, name="example") == message


def test_a_broken_rule_is_refused_under_the_engine_as_well():
    value = value_of("local") | {"disposable": False}
    assert refusal(site_from_config, value, name="example").splitlines() == [
        "edge.certificate.kind: ownAuthority is for disposable sites only: people could not trust it",
        "identity.kind: sharedPassword is for disposable sites only: use oidc, or disposable: true",
    ]


def test_a_secret_inside_the_site_is_refused_although_the_engine_has_decrypted_it(tmp_path: Path):
    file = copied("existing", tmp_path, old="clientId: science", new="clientId: {secure: AAABAOk8}")
    value = value_of("existing")
    value["identity"]["clientId"] = "decrypted"
    message = refusal(site_from_config, value, name="example", source=file)
    assert message == (
        f"{file}:24:17: identity.clientId: secrets are not part of the site, which everyone may read; set it with "
        "`pulumi config set --secret <key>`, where <key> is oidcClientSecret or hubDatabaseUrl or "
        "tapDatabaseUrl or backupPassword or backupAccessKey or backupSecretKey"
    )


@pytest.mark.parametrize("name", ["Lab", "2lab", "lab-", "lab_1", "l" * 31, "my.lab"])
def test_a_site_s_name_must_fit_into_its_namespace(name: str, tmp_path: Path):
    rule = (
        "the site's name must be of 1 to 30 lower-case letters, digits and hyphens, starting with a letter and not "
        "ending with a hyphen: its namespace is science-<site>"
    )
    file = copied("local", tmp_path, site=name)
    assert refusal(load, file) == f"{file}: {rule}"
    assert refusal(site_from_config, value_of("local"), name=name) == rule


@pytest.mark.parametrize("name", ["l", "l" * 30, "lab-2"])
def test_names_that_fit_are_good(name: str, tmp_path: Path):
    assert load(copied("local", tmp_path, site=name)).disposable


def test_the_wrong_name_is_one_of_all_problems(tmp_path: Path):
    file = copied("local", tmp_path, site="Lab", old="title: Small", new="titel: Small")
    assert [str(problem).partition(": ")[2][:15] for problem in load_problems(file)] == [
        "the site's name",
        "hub.profiles.sm",
    ]


def load_problems(file: Path):
    with pytest.raises(SiteError) as refused:
        load(file)
    return refused.value.problems


@pytest.mark.parametrize("name", ["site.yaml", "Pulumi.yaml", "Pulumi.lab.yml"])
def test_a_site_file_has_its_site_in_its_name(name: str, tmp_path: Path):
    file = tmp_path / name
    file.write_text((GOOD / "local.yaml").read_text())
    assert refusal(load, file) == f"{file}: a site file is named Pulumi.<site>.yaml"


def test_a_file_that_is_not_there(tmp_path: Path):
    file = tmp_path / "Pulumi.lab.yaml"
    assert refusal(load, file) == f"{file}: there is no such file"


def test_a_file_that_is_a_folder(tmp_path: Path):
    file = tmp_path / "Pulumi.lab.yaml"
    file.mkdir()
    assert refusal(load, file) == f"{file}: cannot be read: Is a directory"


def test_a_file_that_is_not_utf_8(tmp_path: Path):
    file = tmp_path / "Pulumi.lab.yaml"
    file.write_bytes("title: Universität".encode("latin-1"))
    assert refusal(load, file) == f"{file}: is not text in UTF-8"


def test_a_character_that_no_yaml_file_has(tmp_path: Path):
    file = copied("local", tmp_path, old="title: Small", new="title: Sm\x07ll")
    assert refusal(load, file) == f"{file}:23:1: the character U+0007 cannot be in a YAML file"


def test_a_file_below_the_working_directory_is_named_as_people_type_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    file = copied("local", tmp_path, old="title: Small", new="title: 1")
    assert refusal(load, file) == (
        "Pulumi.example.yaml:23:18: hub.profiles.small.title: expected text, found a whole number: put it in quotes"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("clientId: science", "clientId: science\n      clientSecret: hunter2"),
        ("https://login", "https://science:hunter2@login"),
        (
            "    images:",
            "  science-platform:oidcClientSecret: hunter2\n  science-platform:site:\n    images:",
        ),
        ("clientId: science", "clientId: !hunter2"),
        ("clientId: science", "clientId: *hunter2"),
        ("clientId: science", 'clientId: "hunter2'),
        ("clientId: science", "clientId: @hunter2"),
        ("clientId: science", "clientId: a: hunter2"),
        ("clientId: science", "clientId: [hunter2]"),
        ("clientId: science", "clientId: {hunter2}"),
        ("allowAll: true", "allowAll: hunter2"),
        ("kind: oidc", "kind: hunter2"),
        ("size: 1Ti", "size: hunter2"),
        ("registry: registry", "registry: hunter2@registry"),
        ("replicas: 1", "replicas: 1\n      allowFrom: [hunter2]"),
    ],
)
def test_no_refusal_quotes_a_value_that_may_be_a_secret(old: str, new: str, tmp_path: Path):
    assert "hunter2" not in refusal(load, copied("existing", tmp_path, old=old, new=new))
